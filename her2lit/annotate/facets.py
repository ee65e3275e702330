"""What a record is about: tumour, HER2 status, setting, line and further facets, with the text that says so."""

from __future__ import annotations

from her2lit.annotate.document import Document
from her2lit.records import Facet
from her2lit.topic.topic import FacetRule, Topic


def read_facets(document: Document, topic: Topic) -> tuple[Facet, ...]:
    """Return every facet value the record shows, each with its first evidence."""
    found: dict[tuple[str, str], Facet] = {}
    for rule in topic.facets:
        if (rule.facet, rule.value) not in found and (facet := _find(rule, document)):
            found[rule.facet, rule.value] = facet
    return tuple(found.values())


def _find(rule: FacetRule, document: Document) -> Facet | None:
    for passage in document.passages:
        if passage.place not in rule.places:
            continue
        for match in rule.pattern.finditer(passage.text):
            sentence = passage.sentence_at(match.start())
            if rule.unless is None or not rule.unless.search(sentence.text):
                evidence = sentence.evidence(match.start(), match.end())
                return Facet(facet=rule.facet, value=rule.value, evidence=evidence, rule=rule.name)
    return None
