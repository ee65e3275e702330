"""The one sentence of an abstract that states the main result."""

from __future__ import annotations

import re

from her2lit.annotate.document import Document

_NUMERIC = re.compile(r"hazard ratio|\bHR\b|\b95 ?%|\bp ?[<=>] ?0?\.\d|median|\d ?%", re.IGNORECASE)
_CONCLUSION = re.compile(
    r"^(?:in conclusion|conclusions?\b|our (?:results|findings|data)|these (?:results|findings|data))", re.I
)


def find_finding(document: Document) -> str | None:
    """Return the sentence with the main numeric result, else the conclusion; None where there is none."""
    sentences = document.abstract_sentences
    for sentence in sentences:
        if (sentence.passage.category or "").upper() in ("RESULTS", "CONCLUSIONS") and _NUMERIC.search(sentence.text):
            return sentence.original
    for sentence in sentences[len(sentences) // 3 :]:
        if _NUMERIC.search(sentence.text):
            return sentence.original
    for sentence in sentences:
        if _CONCLUSION.search(sentence.text):
            return sentence.original
    return None
