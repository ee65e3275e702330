"""Which role a drug has in a record: studied, comparator, prior, background or negated."""

from __future__ import annotations

from collections import defaultdict

from her2lit.annotate.mentions import Mention
from her2lit.records import DrugTag
from her2lit.topic.topic import Topic


def tag_drugs(mentions: tuple[Mention, ...], topic: Topic) -> tuple[DrugTag, ...]:
    """Return one tag for each drug mentioned, in order of first mention."""
    by_drug: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_drug[mention.drug_id].append(mention)
    tags = []
    for drug_id, its in by_drug.items():
        drug = topic.drug_by_id[drug_id]
        if any(member in by_drug for member in drug.members):
            continue
        tags.append(
            DrugTag(
                drug_id=drug_id,
                role="studied",
                decided_by="text",
                evidence=its[0].passage.evidence(its[0].start, its[0].end),
                n_mentions=len(its),
                rolls_up_to=drug.rolls_up_to,
            )
        )
    return tuple(tags)
