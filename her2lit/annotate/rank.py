"""How much a record weighs as evidence on HER2-positive metastatic disease: an ordinal with visible parts."""

from __future__ import annotations

from her2lit.annotate.design import Design
from her2lit.records import Article, DrugTag, Facet
from her2lit.topic.topic import Topic

_WITHDRAWN = frozenset({"retracted", "retraction_notice", "erratum_notice", "concern_notice"})
Parts = tuple[tuple[str, int], ...]


def rank_evidence(
    article: Article,
    topic: Topic,
    *,
    design: Design,
    is_secondary: bool,
    facets: tuple[Facet, ...],
    tags: tuple[DrugTag, ...],
    n_patients: int | None,
    integrity: tuple[str, ...],
) -> tuple[int, Parts]:
    """Return (0 to 100, its parts). Retracted records and notices rank 0, with no parts."""
    if _WITHDRAWN.intersection(integrity):
        return 0, ()
    table = topic.ranks
    settings = [facet.value for facet in facets if facet.facet == "setting"] or ["none"]
    year = article.pub_date.start.year if article.pub_date and article.pub_date.start else None
    parts: Parts = (
        ("design", table.design[design.design]),
        ("secondary", table.secondary if is_secondary else 0),
        ("setting", max(table.setting[setting] for setting in settings)),
        ("drug_role", max((_drug_points(tag, topic) for tag in tags), default=0)),
        ("n", _step(table.n, n_patients)),
        ("recency", _step(table.recency, year)),
    )
    return max(0, min(100, sum(points for _, points in parts))), parts


def _drug_points(tag: DrugTag, topic: Topic) -> int:
    if topic.drug_by_id[tag.drug_id].is_her2_targeted:
        return topic.ranks.role[tag.role]
    return topic.ranks.other_drug if tag.role == "studied" else 0


def _step(steps: tuple[tuple[int, int], ...], value: int | None) -> int:
    return 0 if value is None else next((points for least, points in steps if value >= least), 0)


def machine_levels(design: str, topic: Topic) -> tuple[tuple[str, str], ...]:
    """Return (framework, level) as a machine maps a design: ("ocebm", "2"), ("civic", "B"); label it so."""
    return tuple((name, table[design]) for name, table in sorted(topic.ranks.levels.items()) if design in table)
