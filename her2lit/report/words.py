"""How codes of the warehouse are said to a reader: designs, roles, events, dates, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from her2lit.records import EvidenceRow

DESIGNS = {
    "phase3_rct": "randomised phase 3 trial",
    "phase3_nonrandomised": "phase 3 trial, not randomised",
    "phase2": "phase 2 trial",
    "phase1": "phase 1 trial",
    "other_rct": "randomised trial",
    "systematic_review_meta_analysis": "systematic review or meta-analysis",
    "guideline": "guideline",
    "protocol": "trial protocol, no results",
    "observational": "observational study",
    "case_report": "case report",
    "review": "narrative review",
    "preclinical": "laboratory or animal study",
    "economic": "economic evaluation",
    "letter_comment_editorial": "letter, comment or editorial",
    "retraction_notice": "retraction notice",
    "expression_of_concern": "expression of concern",
    "erratum": "published erratum",
    "other": "type of study not recognised",
}
#: Kinds of study from strongest to weakest, for ordering where ranks are equal; what is not here comes last.
_STRENGTH = (
    "phase3_rct",
    "systematic_review_meta_analysis",
    "guideline",
    "other_rct",
    "phase3_nonrandomised",
    "phase2",
    "phase1",
    "observational",
    "economic",
    "protocol",
    "case_report",
    "review",
    "letter_comment_editorial",
    "preclinical",
)
#: Designs that are notices about another paper, never evidence themselves.
NOTICES = ("retraction_notice", "expression_of_concern", "erratum")
#: A phase says something the design does not already say.
_PHASE_IN_DESIGN = {"phase3_rct": "3", "phase3_nonrandomised": "3", "phase2": "2", "phase1": "1"}
_ROLES = {
    "studied": "studied",
    "comparator": "comparator",
    "prior": "given before",
    "background": "only mentioned",
    "negated": "excluded",
}
_HER2 = {
    "positive": "HER2-positive",
    "low": "HER2-low",
    "ultralow": "HER2-ultralow",
    "mutant": "HER2-mutant",
    "negative": "HER2-negative",
}
_SAFETY = {
    "ild": "interstitial lung disease",
    "cardiac": "heart",
    "hepatic": "liver",
    "haematological": "blood",
    "skin": "skin and nails",
}
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PUB_MONTH = re.compile(r"(\d{4}) ([A-Z][a-z]{2}|[01]\d)\b")
_NCT = re.compile(r"NCT\d{8}", re.IGNORECASE)
#: NLM and publishers spell the same registry number in many ways; only ClinicalTrials.gov's is linked.
_TRIAL_URL = "https://clinicaltrials.gov/study/"


@dataclass(frozen=True, slots=True)
class Link:
    """A link and the words a reader sees; ``url`` None is shown as plain words."""

    label: str
    url: str | None


def design_words(design: str | None) -> str:
    """Return *design* in words; a design this version does not know is shown as it is named."""
    return DESIGNS.get(design or "other", (design or "").replace("_", " "))


def design_order(design: str) -> int:
    """Return the place of *design* from strongest (0) to weakest."""
    return _STRENGTH.index(design) if design in _STRENGTH else len(_STRENGTH)


def role_words(role: str | None) -> str:
    """Return the role a drug has in a paper, in words."""
    return _ROLES.get(role or "", role or "role not given")


def pubmed_url(pmid: int) -> str:
    """Return the address of a record in PubMed."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def links(row: EvidenceRow) -> tuple[Link, ...]:
    """Return the ways to the paper and its trials: PubMed, DOI, registry."""
    found = [Link(f"PMID {row.pmid}", pubmed_url(row.pmid))]
    if row.doi:
        found.append(Link(f"doi:{row.doi}", "https://doi.org/" + quote(row.doi, safe="/:;()._-")))
    found += [Link(trial, _TRIAL_URL + trial.upper() if _NCT.fullmatch(trial) else None) for trial in row.trial_ids]
    return tuple(found)


def published(pub_date: str | None) -> str:
    """Return a printed publication date as YYYY-MM where it begins so, else as printed."""
    if not pub_date:
        return "date not given"
    match = _PUB_MONTH.match(pub_date)
    if match and match[2].isdigit():
        return f"{match[1]}-{match[2]}"
    if match is None or match[2] not in _MONTH_NAMES:
        return pub_date
    return f"{match[1]}-{_MONTH_NAMES.index(match[2]) + 1:02d}"


def badges(row: EvidenceRow) -> tuple[str, ...]:
    """Return what is said of a paper in a few words each: kind of study, phase, patients, HER2 status, subjects."""
    said = [design_words(row.design)]
    if row.is_secondary:
        said.append("secondary or pooled analysis")
    if row.phase and _PHASE_IN_DESIGN.get(row.design or "") != row.phase:
        said.append(f"phase {row.phase}")
    if row.n_patients is not None:
        said.append(f"n = {row.n_patients:,}")
    said += [_HER2.get(status, status) for status in row.her2_status]
    if row.has_cns:
        said.append("brain metastases")
    if row.has_resistance:
        said.append("drug resistance")
    if row.safety:
        said.append("safety: " + ", ".join(_SAFETY.get(harm, harm.replace("_", " ")) for harm in row.safety))
    return tuple(said)


def labelled_by(rows: tuple[EvidenceRow, ...]) -> str:
    """Say who put the labels on a paper: a program reading its text, or NLM's indexers."""
    by_text = any(row.decided_by == "text" or row.design_decided_by in ("text", "default", None) for row in rows)
    return "machine-labelled from the text" if by_text else "labelled from PubMed's indexing"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return *count* with its noun: "1 paper", "2 papers"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day(value: date) -> str:
    """Return a date as readers of any country read it the same way."""
    return value.isoformat()


#: Roles, strongest first.
ROLE_ORDER = tuple(_ROLES)
