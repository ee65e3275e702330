"""Phase, secondary analysis and the number of patients, as the record prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from her2lit.annotate.design import CueReader
from her2lit.annotate.document import Document, Sentence
from her2lit.records import Facet

_TRIALS = frozenset({"phase3_rct", "other_rct", "phase3_nonrandomised", "phase2", "phase1"})
#: Cue -> phase, the narrower printed form first
_PHASES = (
    ("phase-2-3", "2/3"),
    ("phase-1-2", "1/2"),
    ("phase-4", "4"),
    ("phase-3", "3"),
    ("phase-2", "2"),
    ("phase-1", "1"),
)
#: What a design already says of the phase
_FITTING = {
    "phase3_rct": ("2/3", "3"),
    "phase3_nonrandomised": ("4", "3"),
    "phase2": ("1/2", "2"),
    "phase1": ("1",),
    "other_rct": ("1/2", "2", "4"),
}


def read_phase(cues: CueReader, design: str) -> Facet | None:
    """Return the phase printed for this record's own trial and where, None where none is."""
    if design not in _TRIALS and design != "protocol":
        return None
    fitting = _FITTING.get(design, tuple(phase for _, phase in _PHASES))
    for cue, phase in _PHASES:
        if phase in fitting and (found := cues.find(cue)):
            return Facet(facet="phase", value=phase, evidence=found[1], rule=cue)
    return None


def read_secondary(cues: CueReader, design: str) -> Facet | None:
    """Return what makes a trial's record a subgroup, biomarker, quality-of-life or extension report of it, or None."""
    found = cues.find("secondary") if design in _TRIALS else None
    return Facet(facet="secondary", value="yes", evidence=found[1], rule="secondary") if found else None


_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_WORD = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS)})\b)?|{'|'.join(_UNITS)}"
_HUNDREDS = rf"(?:(?:(?:{'|'.join(_UNITS)}) )?hundred(?: (?:and )?(?:{_WORD}))?|{_WORD})"
#: "Two thousand ninety-one women"
_WORDS = rf"(?:(?:{_WORD}|a) thousand(?:,? (?:and )?{_HUNDREDS})?|{_HUNDREDS})"
#: "PF-05280014" and "receptor 2" count nobody.
_COUNT = rf"(?<![-.\w])(?<!receptor )(?<!type )(?P<n>\d[\d ]{{0,6}}\d|\d+|{_WORDS})"
#: A figure between a count and its people starts a count of its own: "receptor 2 (HER2) for 4748 cases"
_PEOPLE = (
    r"(?:(?!\d+[ ,])[a-z0-9+/()-]+[ ,]+){0,7}?(?:patients|women|participants|subjects|individuals|persons|men|adults|cases|tumou?rs|samples"
    r"|specimens|biopsies|cancers|records|females|cores)\b"
)
_DONE = (
    r"(?:randomi[sz]ed|randomly|enrolled|entered|included|analy[sz]ed|assigned|recruited|evaluated|assessed|identified|evaluable|eligible"
    r"|treated|studied|reviewed|monitored|registered|collected|used|examined|tested|retrospectively|selected|genotyped)"
)
#: Best first: the number said to be analysed, then enrolled, then any number of people
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # "Of the 22 266 patients in the database, 312 received it and were selected for our analysis"
        rf"\b(?:of|from) (?:the |these )?(?:\d[\d ]*) (?:\w+ ){{0,3}}(?:patients|women|participants|cases)[^,;]{{0,90}}, {_COUNT} [^,;]{{5,140}}?(?:were|was) (?:selected|included|analy[sz]ed|eligible)",
        # "406 consecutive patients … Of these, 315 met the criteria and were analysed"
        rf"\bof (?:these|them|whom),? {_COUNT} (?:\w+ ){{0,3}}(?:met|fulfilled) (?:all |the |our )*(?:study|inclusion|eligibility|selection) criteria\b[^.;]{{0,60}}\b(?:were|was|and) (?:\w+ )?{_DONE}",
        rf"\bscreened,? and {_COUNT} (?:patients )?(?:were|was) (?:\w+ )?(?:{_DONE}|allocated)",
        # "330 patients were screened, of whom 202 were randomly allocated"
        rf"\b(?:screened|assessed|approached)\b[^.;]{{0,60}}\bof whom {_COUNT} (?:\w+ )?(?:were|was) (?:\w+ )?(?:{_DONE}|allocated)",
        rf"\bof (?:the |these )?(?:\d+|{_WORDS}) (?:\w+ ){{0,4}}(?:patients|women|participants|cases)(?: \w+)?, (?:only )?{_COUNT}\b(?! ?%| had\b)",
        rf"\b{_COUNT} (?:out )?of (?:the |a )?(?:planned )?(?:\d+|{_WORDS}) (?:\w+ )?(?:patients|women|participants|cases|samples)(?: \w+){{0,3}} (?:included|analy[sz]ed|completed|approached)",
        rf"\b{_COUNT} (?:patients|women|participants|cases) were (?:assessed|evaluable|analy[sz]ed)\b",
        rf"\b(?:total of|total,?|overall,?|altogether,?) {_COUNT} {_PEOPLE}",
        rf"\b{_COUNT} {_PEOPLE}(?: \S+){{0,24}}? (?:were|was|had been|have been|has been) (?:\w+ ){{0,2}}{_DONE}",
        rf"\b{_COUNT} (?:were|was) (?:\w+ )?(?:randomi[sz]ed|assigned|enrolled|included|recruited)\b",
        rf"\b(?:{_DONE}|recruitment of|accrual of) (?:\w+ ){{0,4}}?{_COUNT} {_PEOPLE}",
        rf"\b{_COUNT} (?:patients|women|participants|adults|subjects)(?: (?:received|underwent)|(?: with [^.;,]{{3,60}}?)? (?:participated|took part))\b",
        rf"\b(?:from|of|in|on|with|among|includ\w+|comprising|series of|sera of) {_COUNT} {_PEOPLE}",
        rf"\b{_COUNT} {_PEOPLE}",
    )
)
#: So many of the patterns stand before "patients (N = 226)", whose capital tells the whole from an arm
_BEST = 7
_TOTAL = re.compile(
    r"\b(?:[Pp]atients|[Pp]articipants|[Ww]omen|[Ss]ubjects|[Cc]ases)\b(?: [^(),;]{1,60})? \(N ?= ?(?P<n>\d{2,6})\)"
)
#: The same in small letters, or behind "56 studies": the whole where the abstract has no other count.
_ONLY_TOTAL = re.compile(
    r"\b(?:patients|participants|women|subjects|cases|studies|trials)\b(?: [^(),;]{1,60})? \([nN] ?= ?(?P<n>\d{2,6})\)"
)
_BRACKET_COUNT = re.compile(r"\b[nN] ?= ?\d")
#: What a design needs is no count of who took part.
_PLAN = re.compile(r"\bsample size|\bpower\b|\brequired in\b|\btype I\b|\balpha\b|\bwere planned\b")
_SKIPPED = re.compile(
    rf"(?:\d+|{_WORDS})(?: \(\d[\d.]*%\))? (?:and|versus|vs\.?|of(?: the)?) $|\bper $|\bevery $|\bgrade $|\bphase $|\bstage $|\bday $|\bn ?= ?$|\bof $(?<=% of )"
)
#: "129 patients (19.1%)" are some of the patients.
_SHARE = re.compile(r"(?: [a-z-]+){1,4}? ?\(\d[\d.]*\s?%\)")
_NO_NUMBER = frozenset({"case_report", "review", "guideline", "preclinical", "letter_comment_editorial", "economic",
                        "erratum", "retraction_notice", "expression_of_concern"})  # fmt: skip


def read_n_patients(document: Document, design: str) -> Facet | None:
    """Return the number of patients of the main population and where it stands, None where only arms are counted."""
    if design in _NO_NUMBER:
        return None
    sentences = [
        s
        for s in document.abstract_sentences
        if (s.section != "BACKGROUND" or s.states_aim) and (design == "protocol" or not _PLAN.search(s.text))
    ]
    best, rest = _PATTERNS[:_BEST], _PATTERNS[_BEST:]
    found = _first(best, sentences) or _in_brackets(_TOTAL, sentences) or _first(rest, sentences)
    if found is None and sum(len(_BRACKET_COUNT.findall(sentence.text)) for sentence in sentences) == 1:
        return _in_brackets(_ONLY_TOTAL, sentences)
    return found


def _first(patterns: tuple[re.Pattern[str], ...], sentences: list[Sentence]) -> Facet | None:
    for pattern in patterns:
        for sentence in sentences:
            for number, start, end in _numbers(pattern, sentence):
                return Facet(facet="n", value=str(number), evidence=sentence.evidence(start, end), rule="n-in-words")
    return None


def _in_brackets(pattern: re.Pattern[str], sentences: list[Sentence]) -> Facet | None:
    for sentence in sentences:
        if match := pattern.search(sentence.passage.text, sentence.start, sentence.end):
            evidence = sentence.evidence(*match.span("n"))
            return Facet(facet="n", value=match.group("n"), evidence=evidence, rule="n-in-brackets")
    return None


def _numbers(pattern: re.Pattern[str], sentence: Sentence) -> Iterator[tuple[int, int, int]]:
    """Yield (number, start, end) of what counts people, the span in the passage's text."""
    lowered = sentence.passage.lower
    for match in pattern.finditer(lowered, sentence.start, sentence.end):
        if (
            _SKIPPED.search(lowered, sentence.start, match.start("n"))
            or lowered[match.end("n") : match.end("n") + 1] == "%"
            or _SHARE.match(lowered, match.end("n"))
        ):
            continue
        number = _integer(match.group("n"))
        if number > 1 and not 1990 <= number <= 2030:
            yield number, *match.span("n")


def _integer(printed: str) -> int:
    if printed[0].isdigit():
        return int(printed.replace(" ", ""))
    thousands = total = 0
    for word in re.split(r",? |-", printed):
        if word == "thousand":
            thousands, total = max(total, 1) * 1000, 0
        elif word == "hundred":
            total = max(total, 1) * 100
        else:
            total += _TENS.get(word, 0) + _UNITS.get(word, 0)
    return thousands + total
