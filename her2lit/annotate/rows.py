"""An annotation as the JSON object that labels use, with the provenance of every value beside it."""

from __future__ import annotations

from typing import Any

from her2lit.annotate.rank import machine_levels
from her2lit.records import Annotation, Evidence, Outcome
from her2lit.topic.topic import Topic

Row = dict[str, Any]


def to_row(annotation: Annotation, topic: Topic) -> Row:
    """Return *annotation* under the keys of the annotation guide; ``provenance`` says where each value came from."""

    def values(facet: str) -> list[str]:
        return [found.value for found in annotation.facets if found.facet == facet]

    return {
        "pmid": annotation.pmid,
        "drugs": [{"id": tag.drug_id, "role": tag.role} for tag in annotation.drugs if tag.decided_by == "text"],
        "drugs_indexed_only": [tag.drug_id for tag in annotation.drugs if tag.decided_by != "text"],
        "classes": values("class_mention"),
        "her2_status": values("her2_status") or ["none"],
        "tumour": values("tumour") or ["none"],
        "design": annotation.design,
        "secondary": annotation.is_secondary,
        "phase": annotation.phase,
        "n": annotation.n_patients,
        "setting": values("setting") or ["none"],
        "line": values("line") or ["none"],
        "cns": bool(values("cns")),
        "resistance": bool(values("resistance")),
        "safety": values("safety") or ["none"],
        "nct": list(annotation.trial_ids),
        "outcomes": [_outcome_row(outcome) for outcome in annotation.outcomes],
        "finding": annotation.finding,
        "integrity": list(annotation.integrity),
        "evidence_rank": annotation.evidence_rank,
        "evidence_rank_parts": dict(annotation.evidence_rank_parts),
        "machine_levels": dict(machine_levels(annotation.design, topic)),
        "provenance": _provenance(annotation),
    }


def _outcome_row(outcome: Outcome) -> Row:
    keys = ("endpoint", "measure", "value", "ci_low", "ci_high", "ci_level", "p", "arm", "timepoint_months", "quote")
    return {**{key: getattr(outcome, key) for key in keys}, "flags": list(outcome.flags)}


def _provenance(annotation: Annotation) -> Row:
    return {
        "rule_version": annotation.rule_version,
        "design": {
            "decided_by": annotation.design_decided_by,
            "rule": annotation.design_rule,
            **_evidence_row(annotation.design_evidence),
        },
        "drugs": [
            {"id": tag.drug_id, "decided_by": tag.decided_by, "rule": tag.rule, "n_mentions": tag.n_mentions}
            | _evidence_row(tag.evidence)
            for tag in annotation.drugs
        ],
        "outcomes": [_evidence_row(outcome.evidence) for outcome in annotation.outcomes],
        "values": [
            {"value": source.facet, "is": source.value, "rule": source.rule} | _evidence_row(source.evidence)
            for source in annotation.sources
            if source.facet != "finding"
        ],
        "finding": next(
            ({"rule": s.rule} | _evidence_row(s.evidence) for s in annotation.sources if s.facet == "finding"), {}
        ),
        "facets": [
            {"facet": facet.facet, "value": facet.value, "rule": facet.rule} | _evidence_row(facet.evidence)
            for facet in annotation.facets
        ],
    }


def _evidence_row(evidence: Evidence | None) -> Row:
    if evidence is None:
        return {}
    return {"place": evidence.place, "sentence": evidence.sentence, "start": evidence.start, "end": evidence.end}
