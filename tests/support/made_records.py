"""Records made by hand for warehouse tests: small, and whole enough to fill every table."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import date, datetime

from her2lit.records import (
    AbstractSection,
    Annotation,
    Article,
    Author,
    CommentCorrection,
    DrugTag,
    Evidence,
    Facet,
    Fingerprint,
    Journal,
    MeshHeading,
    NightLoad,
    Outcome,
    ParsedArticle,
    PubDate,
    PublicationType,
    Qualifier,
)

NIGHT = date(2021, 6, 5)
DRUGS = ("trastuzumab", "trastuzumab-deruxtecan", "tucatinib", "letrozole")


class MadeDrug:
    """A drug as the dimension table needs it."""

    def __init__(self, drug_id, *, is_her2_targeted=True):
        self.drug_id = drug_id
        self.name = drug_id.replace("-", " ").capitalize()
        self.drug_class = "made"
        self.is_her2_targeted = is_her2_targeted
        self.rolls_up_to = None


def made_drugs():
    """The drugs that made records name."""
    return tuple(MadeDrug(drug_id, is_her2_targeted=drug_id != "letrozole") for drug_id in DRUGS)


def started(night=NIGHT):
    """When a night starts, UTC without a zone."""
    return datetime(night.year, night.month, night.day, 6, 30)


def fingerprint(article):
    """A stand-in for the real fingerprint: every field but the date of revision."""
    hashes = tuple(
        sorted(
            (f.name, hashlib.sha256(repr(value).encode()).hexdigest()[:16])
            for f in fields(article)
            if (value := getattr(article, f.name)) not in (None, ()) and f.name != "date_revised"
        )
    )
    return Fingerprint(content_sha256=hashlib.sha256(repr(hashes).encode()).hexdigest(), fields=hashes)


def article(pmid=1, **changes):
    """A plain record, created two days before the night."""
    plain = Article(
        kind="article",
        pmid=pmid,
        pmid_version=1,
        title=f"Trastuzumab deruxtecan in made-up study {pmid}",
        abstract=(
            AbstractSection(label="METHODS", nlm_category="METHODS", text="Patients were made up."),
            AbstractSection(label="RESULTS", nlm_category="RESULTS", text="Median PFS was 12.0 months (HR 0.50)."),
        ),
        journal=Journal(
            title="Journal of Made Up Records", medline_ta="J Made Up", nlm_unique_id="101", country="Nowhere"
        ),
        pub_date=PubDate(verbatim="2021 Jun", start=date(2021, 6, 1), end=date(2021, 6, 30), precision="month"),
        created_date=date(2021, 6, 3),
        date_revised=date(2021, 6, 4),
        doi=f"10.1000/made.{pmid}",
        authors=(Author(last_name="Maker", fore_name="Ada B", initials="AB"), Author(collective_name="The Makers")),
        publication_types=(PublicationType(name="Journal Article", ui="D016428"),),
    )
    return replace(plain, **changes)


MESH = (
    MeshHeading(
        descriptor="Breast Neoplasms",
        descriptor_ui="D001943",
        major_topic=False,
        qualifiers=(Qualifier(name="drug therapy", ui="Q000188", major_topic=True),),
    ),
)


def comment(ref_type, pmid=None, source=None):
    """One CommentsCorrections."""
    return CommentCorrection(ref_type=ref_type, ref_source=source, pmid=pmid, pmid_version=None, note=None)


def annotation(of, **changes):
    """A judgement of *of*: trastuzumab deruxtecan studied in HER2-positive metastatic breast cancer."""
    title = Evidence(place="title", sentence=of.title or "", start=0, end=min(22, len(of.title or "")))
    plain = Annotation(
        pmid=of.pmid,
        pmid_version=of.pmid_version,
        rule_version="rules-1",
        drugs=(DrugTag(drug_id="trastuzumab-deruxtecan", role="studied", decided_by="text", evidence=title, n_mentions=1),),
        facets=(
            Facet(facet="tumour", value="breast", evidence=title),
            Facet(facet="her2_status", value="positive", evidence=title),
            Facet(facet="setting", value="metastatic", evidence=title),
        ),
        design="phase2",
        design_decided_by="text",
        outcomes=(
            Outcome(
                endpoint="PFS", measure="HR", value=0.5, ci_low=None, ci_high=None, ci_level=None, p=None, arm=None,
                timepoint_months=None, quote="HR 0.50",
            ),
        ),
        evidence_rank=60,
        evidence_rank_parts=(("design", 60),),
    )  # fmt: skip
    return replace(plain, **changes)


def night(*articles, label=NIGHT, attempt=1, annotations=None, **changes):
    """What one run hands over: *articles* with their fingerprints and judgements."""
    plain = NightLoad(
        run_id=f"{label}.{attempt}",
        label=label,
        started_at=started(label),
        is_history=False,
        articles=tuple(ParsedArticle(article=a, fingerprint=fingerprint(a), batch_sha256="b" * 64) for a in articles),
        annotations=tuple(annotation(a) for a in articles) if annotations is None else annotations,
        rejects=(),
        search_runs=(),
        search_hits=(),
        watermarks=(),
    )
    return replace(plain, **changes)
