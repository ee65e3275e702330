"""Effect estimates that title and abstract print: endpoint, measure, value, interval, p, arm, time point.

Numbers are read sentence by sentence: ratios, then medians, then rates. Background, eligibility and sample-size
sentences are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from her2lit.annotate import numbers
from her2lit.annotate.document import Document, Sentence
from her2lit.annotate.medians import read_medians
from her2lit.annotate.rates import read_rates
from her2lit.annotate.ratios import read_ratios
from her2lit.annotate.reading import Reading, defined_endpoints
from her2lit.records import Outcome
from her2lit.topic.literals import may_match
from her2lit.topic.topic import Topic

#: Designs whose numbers are other people's results; their outcomes carry the flag "quoted"
QUOTING = frozenset({"review"})
#: Designs whose numbers are plans, costs or another paper's
WITHOUT_RESULTS = frozenset({"protocol", "guideline", "letter_comment_editorial", "economic", "erratum",
                             "retraction_notice", "expression_of_concern"})  # fmt: skip
_QUICK = re.compile(
    r"%|[Mm]edian|months|weeks|hazard|ratio|-fold|times|per ?cent|\b(?:HR|OR|RR|aHR|HRs)\b|mPFS|mOS|relative risk|time to"
)
_PLAN = re.compile(
    r"\brequired an? (?:hazard|odds|risk) ratio|power\b.{0,60}\bdetect|\bstopping rule|\bif (?:\w+ )?\w+ or (?:less|fewer)\b|\bor (?:less|fewer) (?:responses?|patients)|\bof at least \d+\s?%|to detect an? |sample size|assum(?:ed|ing|ption)|non-?inferiority margin of|was (?:pre)?defined as"
    r"|(?:were|was) eligible|eligible (?:patients|women)|inclusion criteria|hypothesi[sz]ed",
    re.IGNORECASE,
)
#: An abstract of so few sentences has no introduction
_SHORT = 3


def read_outcomes(document: Document, topic: Topic, design: str) -> tuple[Outcome, ...]:
    """Return every effect estimate printed in the abstract, in reading order."""
    if design in WITHOUT_RESULTS:
        return ()
    found: list[Outcome] = []
    seen: set[tuple[object, ...]] = set()
    rules = tuple(rule for rule in topic.endpoints if may_match(rule.pattern, document.abstract_lower))
    if not any(rule.kind != "noise" for rule in rules) and not numbers.RATIO.search(document.text):
        return ()
    rules += defined_endpoints(document.abstract_text, rules)
    reading: Reading | None = None
    sentences = document.abstract_sentences
    for sentence in sentences:
        text = sentence.text
        reading = Reading(sentence, rules, reading)
        if _is_read(sentence, text) and not _introduces(sentence, sentences):
            before = frozenset(seen)
            for outcome in _outcomes(reading):
                key = (outcome.endpoint, outcome.measure, outcome.value, outcome.ci_low, outcome.timepoint_months)
                # A conclusion repeats what results print; two arms or subgroups may well share a number.
                if not (key in before and _concludes(sentence, sentences)):
                    found.append(replace(outcome, flags=("quoted", *outcome.flags)) if design in QUOTING else outcome)
                seen.add(key)
    return tuple(found)


def _concludes(sentence: Sentence, sentences: tuple[Sentence, ...]) -> bool:
    """Return whether the sentence sums up: by its section's label, else as one of the last two."""
    return sentence.section == "CONCLUSIONS" or (sentence.section is None and sentence in sentences[-2:])


def _introduces(sentence: Sentence, sentences: tuple[Sentence, ...]) -> bool:
    """Return whether the sentence opens an abstract without labels and says nothing of a study of its own."""
    is_opening = sentence.section is None and len(sentences) > _SHORT and sentence is sentences[0]
    return is_opening and not sentence.tells_own_work and not numbers.P_VALUE.search(sentence.text)


def _is_read(sentence: Sentence, text: str) -> bool:
    if sentence.section in ("BACKGROUND", "OBJECTIVE", "METHODS") or _PLAN.search(text):
        return False
    return bool(_QUICK.search(text) and re.search(r"\d", text))


def _outcomes(reading: Reading) -> Iterator[Outcome]:
    yield from read_ratios(reading)
    yield from read_medians(reading)
    yield from read_rates(reading)
