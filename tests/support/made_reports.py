"""Rows for mail and page, made by hand."""

from __future__ import annotations

from datetime import date, datetime

from her2lit.records import (
    DrugMonth,
    DrugName,
    EvidenceRow,
    IntegrityAlert,
    ReportRows,
    RunHealth,
    SearchedStrategy,
    Window,
)

WEEK = Window(since=date(2021, 6, 2), until=date(2021, 6, 9))
DRUGS = tuple(
    DrugName(drug_id=drug_id, drug_name=name, drug_class="made", is_her2_targeted=targeted, rolls_up_to=parent)
    for drug_id, name, targeted, parent in (
        ("trastuzumab", "trastuzumab", True, None),
        ("trastuzumab-dkst", "trastuzumab-dkst", True, "trastuzumab"),
        ("trastuzumab-deruxtecan", "trastuzumab deruxtecan (fam-trastuzumab deruxtecan-nxki)", True, None),
        ("tucatinib", "tucatinib", True, None),
        ("capecitabine", "capecitabine", False, None),
    )
)


def row(pmid=1, **changes):
    """A new phase 2 paper that studies trastuzumab deruxtecan."""
    plain = {
        "event_id": pmid * 10,
        "event_type": "appeared",
        "run_label": date(2021, 6, 7),
        "pmid": pmid,
        "title": f"Made-up trial {pmid}",
        "journal": "Made J",
        "pub_date": "2021 Jun 5",
        "created_date": date(2021, 6, 6),
        "first_author": "Maker A",
        "drug_id": "trastuzumab-deruxtecan",
        "role": "studied",
        "decided_by": "text",
        "design": "phase2",
        "design_decided_by": "text",
        "is_secondary": False,
        "phase": "2",
        "n_patients": 184,
        "her2_status": ("positive",),
        "has_cns": False,
        "has_resistance": False,
        "safety": (),
        "evidence_rank": 50,
        "finding": "The made-up response rate was 60.9%.",
        "doi": "10.5555/made.1",
        "trial_ids": ("NCT00000001",),
        "is_retracted": False,
        "has_concern": False,
        "is_corrected": False,
        "is_on_topic": True,
        "strategies": ("keyword-her2",),
        "changed_fields": (),
        "has_abstract": True,
    }
    return EvidenceRow(**(plain | changes))


def alert(event_type="retracted", pmid=900, **changes):
    """A retraction of paper 900 by notice 901."""
    plain = {
        "event_id": pmid * 10 + 1,
        "event_type": event_type,
        "run_label": date(2021, 6, 7),
        "pmid": pmid,
        "title": f"Made-up paper {pmid}",
        "drug_ids": ("tucatinib",),
        "notice_pmid": pmid + 1,
        "notice_source": "Made J. 2021;1(1):1",
        "ref_type": "RetractionIn",
    }
    return IntegrityAlert(**(plain | changes))


def run(day=7, outcome="clean", message=None):
    """A nightly run of June 2021."""
    return RunHealth(
        run_id=f"2021-06-{day:02d}.1",
        label=date(2021, 6, day),
        kind="nightly",
        outcome=outcome,
        started_at=datetime(2021, 6, day, 6, 30),
        message=message,
        n_articles=10,
        n_new=4,
        n_requests=20,
    )


def report_rows(*evidence, alerts=(), runs=None, **changes):
    """A week of rows."""
    plain = {
        "period": WEEK,
        "data_as_of": datetime(2021, 6, 8, 6, 30),
        "evidence": evidence,
        "alerts": alerts,
        "runs": tuple(run(day) for day in range(2, 9)) if runs is None else runs,
        "drugs": DRUGS,
        "strategies": (
            SearchedStrategy(strategy="harvest", kind="harvest", title="everything", strategy_sha256="ab" * 32),
            SearchedStrategy(strategy="keyword-her2", kind="provenance", title="HER2", strategy_sha256="cd" * 32),
        ),
        "drug_months": (DrugMonth(drug_id="tucatinib", month=date(2021, 6, 1), n_articles=3),),
        "rule_version": "rules-1",
    }
    return ReportRows(**(plain | changes))
