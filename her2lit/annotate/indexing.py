"""Drugs that NLM's indexing names: confirmation, and a source of its own where the text names none.

The descriptor Trastuzumab alone proves little: more than ten supplementary concepts, trastuzumab
deruxtecan among them, are mapped to it, and trastuzumab emtansine is its child. It counts only
where no conjugate is mentioned at all.
"""

from __future__ import annotations

from functools import lru_cache

from her2lit.records import Article, DrugTag, Evidence
from her2lit.topic.topic import Drug, Topic


def tag_indexing(article: Article, tags: tuple[DrugTag, ...], topic: Topic) -> tuple[DrugTag, ...]:
    """Return tags for drugs that only the substances or headings name, in order of the lexicon."""
    if not (article.substances or article.mesh_headings):
        return ()
    present = {s.ui for s in article.substances} | {s.registry_number for s in article.substances}
    present |= {heading.descriptor_ui for heading in article.mesh_headings}
    if not present & _identifiers(topic):
        return ()
    named = {tag.drug_id for tag in tags}
    found = tuple(
        tag for drug in topic.drugs if drug.drug_id not in named and not drug.members and (tag := _tag(article, drug))
    )
    specific = named | {tag.drug_id for tag in found}
    return tuple(tag for tag in found if not _is_shadow(topic.drug_by_id[tag.drug_id], specific, topic))


@lru_cache(maxsize=4)
def _identifiers(topic: Topic) -> frozenset[str]:
    """Return every UI and UNII by which NLM's indexing can name a drug of *topic*."""
    uis = {concept.ui for drug in topic.drugs for concept in drug.mesh}
    return frozenset(uis | {dict(drug.ids)["unii"] for drug in topic.drugs if "unii" in dict(drug.ids)})


def _tag(article: Article, drug: Drug) -> DrugTag | None:
    uis = {concept.ui for concept in drug.mesh}
    unii = dict(drug.ids).get("unii")
    for substance in article.substances:
        if substance.ui in uis or (unii and substance.registry_number == unii):
            return _make_tag(drug, "substance", substance.name)
    for heading in article.mesh_headings:
        if heading.descriptor_ui in uis:
            return _make_tag(drug, "mesh", heading.descriptor)
    return None


def _make_tag(drug: Drug, place: str, name: str) -> DrugTag:
    return DrugTag(
        drug_id=drug.drug_id,
        role="background",
        decided_by=place,
        evidence=Evidence(place=place, sentence=name, start=0, end=len(name)),
        n_mentions=0,
        rule="indexing-only",
        rolls_up_to=drug.rolls_up_to,
    )


def _is_shadow(drug: Drug, named: set[str], topic: Topic) -> bool:
    """Return whether NLM's heading for *drug* may only stand for a drug mapped to it or below it."""
    stem = drug.drug_id + "-"
    holders = {other for other in named if other != drug.drug_id}
    return any(
        other.startswith(stem)
        or other.endswith("-" + drug.drug_id)
        or topic.drug_by_id[other].rolls_up_to == drug.drug_id
        for other in holders
    )
