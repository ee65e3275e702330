"""The one sentence of an abstract that states the main result.

With effect estimates it is the sentence that holds the weightiest of them. Without, sentences
are weighed: what states a result, stands where results and conclusions stand and speaks the
title's words wins; plans, hopes and methods lose. Weights are data (``evidence.toml``, [[finding]]).
"""

from __future__ import annotations

import re

from her2lit.annotate.document import Document, Sentence
from her2lit.annotate.outcomes import QUOTING, WITHOUT_RESULTS
from her2lit.records import Facet, Outcome
from her2lit.topic.topic import Topic

#: A weightier measure first; of equals the one printed first
_MEASURES = ("HR", "median_months", "rate_percent", "OR", "RR", "difference")
_LEAST_BLANKS = 3
#: Designs that estimate no effect and yet find something
_WITH_A_FINDING = frozenset({"economic"})
_WORD = re.compile(r"[a-z0-9-]{4,}")


def find_finding(document: Document, topic: Topic, design: str, outcomes: tuple[Outcome, ...]) -> Facet | None:
    """Return the sentence that states the main result, as NLM wrote it; None where the record reports none."""
    if design in (WITHOUT_RESULTS - _WITH_A_FINDING) | QUOTING:
        return None
    sentences = document.abstract_sentences
    if outcomes:
        weightiest = min(outcomes, key=lambda outcome: _MEASURES.index(outcome.measure))
        for sentence in sentences:
            if weightiest.quote in sentence.original:
                return _make(sentence, f"finding-with-{weightiest.measure}")
    if not sentences:
        return None
    # "Conclusion." alone states nothing.
    sentences = tuple(s for s in sentences if s.text.count(" ") >= _LEAST_BLANKS) or sentences
    title_words = frozenset(_WORD.findall(document.title_lower))
    best = max(sentences, key=lambda sentence: (_weight(sentence, sentences, title_words, topic), sentence.start))
    return _make(best, "finding-by-weight") if _weight(best, sentences, title_words, topic) > 0 else None


def _make(sentence: Sentence, rule: str) -> Facet:
    evidence = sentence.evidence(sentence.start, sentence.end)
    return Facet(facet="finding", value=sentence.original, evidence=evidence, rule=rule)


def _weight(sentence: Sentence, sentences: tuple[Sentence, ...], title_words: frozenset[str], topic: Topic) -> float:
    lowered = sentence.passage.lower[sentence.start : sentence.end]
    weight = sum(rule.weight for rule in topic.findings.rules if rule.pattern.search(lowered))
    weight += topic.findings.sections.get(sentence.section or "", 0.0)
    if title_words:
        weight += topic.findings.title_share * len(title_words.intersection(_WORD.findall(lowered))) / len(title_words)
    if sentence.section is None and len(sentences) > 1:
        at = sentences.index(sentence) / (len(sentences) - 1)
        weight += topic.findings.late * at if at < 1 else topic.findings.last
    return weight
