"""Records of one trial as one family, with its primary report."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from her2lit.records import Annotation, Article
from her2lit.topic.topic import Topic

_CONTEXT = re.compile(r"\bher-?2|\berbb-?2|\bbreast\b", re.IGNORECASE)
#: Which report of a family leads: its design first, protocols and comments last
_ORDER = ("phase3_rct", "other_rct", "phase3_nonrandomised", "phase2", "phase1", "observational")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFamily:
    """The records of one trial."""

    #: A registry id where one is known, else "acronym:NAME"
    key: str
    trial_ids: tuple[str, ...]
    acronym: str | None
    primary_pmid: int
    #: In order of pmid, the primary one included
    pmids: tuple[int, ...]


def group_trials(records: Iterable[tuple[Article, Annotation]], topic: Topic) -> tuple[TrialFamily, ...]:
    """
    Return the families of *records*, by registry id, else by a landmark acronym with HER2 or breast beside it.

    Two records belong together when they share an id or an acronym, directly or through a third. Records
    without either belong to no family. Reviews and other records that only cite trials are left out.
    """
    records = tuple(records)
    handles = {
        annotation.pmid: _handles(article, annotation, topic)
        for article, annotation in records
        if annotation.design in (*_ORDER, "protocol")
    }
    by_pmid = {annotation.pmid: annotation for _, annotation in records}
    families = []
    for names in _linked(handles):
        pmids = tuple(sorted(pmid for pmid, own in handles.items() if own & names))
        ids = tuple(sorted(name for name in names if not name.startswith("acronym:")))
        acronym = min((name.removeprefix("acronym:") for name in names if name.startswith("acronym:")), default=None)
        primary = min(pmids, key=lambda pmid: _precedence(by_pmid[pmid]))
        key = ids[0] if ids else f"acronym:{acronym}"
        families.append(TrialFamily(key=key, trial_ids=ids, acronym=acronym, primary_pmid=primary, pmids=pmids))
    return tuple(sorted(families, key=lambda family: family.key))


def _handles(article: Article, annotation: Annotation, topic: Topic) -> frozenset[str]:
    found = set(annotation.trial_ids)
    text = f"{article.title or ''} {article.abstract_text}"
    if _CONTEXT.search(text):
        for trial in topic.trials:
            if any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", article.title or "") for name in trial.names):
                found.add(f"acronym:{trial.name}")
                found |= {trial.nct} if trial.nct else set()
    return frozenset(found)


def _linked(handles: dict[int, frozenset[str]]) -> list[frozenset[str]]:
    """Return the connected sets of names, each in one set."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for own in handles.values():
        for name in own:
            neighbours[name] |= own
    linked: list[frozenset[str]] = []
    seen: set[str] = set()
    for start in sorted(neighbours):
        if start in seen:
            continue
        group, todo = {start}, [start]
        while todo:
            fresh = neighbours[todo.pop()] - group
            group |= fresh
            todo.extend(fresh)
        seen |= group
        linked.append(frozenset(group))
    return linked


def _precedence(annotation: Annotation) -> tuple[bool, int, int]:
    """Return what sorts the primary report first: not secondary, a trial design, the earliest PMID."""
    order = _ORDER.index(annotation.design) if annotation.design in _ORDER else len(_ORDER)
    return annotation.is_secondary, order, annotation.pmid
