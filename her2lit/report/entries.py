"""From rows to what a reader sees: one entry per paper, filed under its best drug; alerts apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from her2lit.records import DrugName, EvidenceRow, IntegrityAlert, ReportRows
from her2lit.report import words
from her2lit.report.words import Link

#: HER2-targeted drugs that a digest always speaks of, also when there is nothing new; the order of its sections.
MAIN_DRUGS = (
    "trastuzumab-deruxtecan",
    "trastuzumab-emtansine",
    "tucatinib",
    "neratinib",
    "lapatinib",
    "pyrotinib",
    "pertuzumab",
    "trastuzumab",
)
#: Given with nearly everything else: a paper is filed under its other drug first.
BACKBONES = ("pertuzumab", "trastuzumab")
#: Roles under which a paper is evidence on a drug.
EVIDENCE_ROLES = ("studied", "comparator")
#: Event -> lane, in the order in which one event stands for a paper that had several.
LANES = {"appeared": "new", "late_arrival": "late", "indexed": "indexed", "revised": "revised"}
#: A quoted sentence longer than this is cut, and says so.
MAX_FINDING_CHARS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugMark:
    """A drug in a paper, in words."""

    drug_id: str
    name: str
    role: str
    is_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper as a reader sees it."""

    pmid: int
    event_id: int
    #: Label of the night in which it was seen
    told_on: date
    #: "new", "late", "indexed" or "revised"
    lane: str
    #: Key of the section it stands in; None when no drug is studied
    drug_id: str | None
    #: Other sections that point to it
    other_drug_ids: tuple[str, ...]
    title: str
    url: str
    byline: str
    drugs: tuple[DrugMark, ...]
    badges: tuple[str, ...]
    labelled_by: str
    #: Exact words of the abstract
    finding: str | None
    is_finding_cut: bool
    #: What is said where no finding can be quoted
    finding_note: str
    links: tuple[Link, ...]
    why: str
    #: "RETRACTED", "EXPRESSION OF CONCERN" or "CORRECTED", gravest first
    warnings: tuple[str, ...]
    is_retracted: bool
    evidence_rank: int
    design: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A warning about a paper, said in words; the colour only repeats it."""

    event_id: int
    told_on: date
    #: Drugs the paper names
    drug_ids: tuple[str, ...]
    #: "red" or "yellow"
    level: str
    word: str
    pmid: int
    title: str
    url: str
    explanation: str
    drugs: str
    notice: Link | None
    is_on_topic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One drug: what is new in full, and pointers to papers that stand elsewhere."""

    drug_id: str
    name: str
    entries: tuple[Entry, ...]
    #: Papers that stand under another drug or in another lane
    pointers: tuple[Entry, ...]
    n_held_over: int

    @property
    def heading(self) -> str:
        """Return the name and the counts, as a heading."""
        return f"{self.name[0].upper()}{self.name[1:]}: {self.count_words}"

    @property
    def count_words(self) -> str:
        """Return the counts in words, or that there is nothing new."""
        parts = []
        if self.entries:
            parts.append(words.plural(len(self.entries), "new paper"))
        if self.pointers:
            parts.append(f"{len(self.pointers)} elsewhere in this digest")
        if self.n_held_over:
            parts.append(f"{self.n_held_over} held over to the next digest")
        return ", ".join(parts) or "nothing new"


def build_entries(rows: ReportRows) -> tuple[Entry, ...]:
    """Return one entry per on-topic paper with a telling event, best evidence first."""
    drugs = {drug.drug_id: drug for drug in rows.drugs}
    titles = {strategy.strategy: strategy.title for strategy in rows.strategies}
    by_pmid: dict[int, list[EvidenceRow]] = {}
    for row in rows.evidence:
        if row.event_type in LANES and row.is_on_topic and row.design not in words.NOTICES and _is_telling(row):
            by_pmid.setdefault(row.pmid, []).append(row)
    entries = [_entry(tuple(papers), drugs, titles) for papers in by_pmid.values()]
    return tuple(sorted(entries, key=_reading_order))


def _reading_order(entry: Entry) -> tuple[bool, int, bool, int, int]:
    """Sort the strongest evidence first; what is retracted is no evidence and comes last."""
    return (
        entry.is_retracted,
        -entry.evidence_rank,
        entry.drug_id is None,
        words.design_order(entry.design),
        -entry.pmid,
    )


def _is_telling(row: EvidenceRow) -> bool:
    # A revision is news to a reader only where the words changed; new pagination is not.
    return row.event_type != "revised" or bool({"title", "abstract"} & set(row.changed_fields))


def _entry(rows: tuple[EvidenceRow, ...], drugs: Mapping[str, DrugName], titles: Mapping[str, str]) -> Entry:
    lead = min(rows, key=lambda row: (tuple(LANES).index(row.event_type), row.event_id))
    papers = tuple(row for row in rows if row.event_id == lead.event_id)
    marks = _drug_marks(papers, drugs)
    sections = tuple(dict.fromkeys(_section_of(mark.drug_id, drugs) for mark in marks if mark.is_evidence))
    # What a retracted paper claimed is not repeated.
    finding, is_cut = (None, False) if lead.is_retracted else _shown_finding(lead.finding)
    return Entry(
        pmid=lead.pmid,
        event_id=lead.event_id,
        told_on=lead.run_label,
        lane=LANES[lead.event_type],
        drug_id=sections[0] if sections else None,
        other_drug_ids=sections[1:],
        title=lead.title or "[No title in PubMed]",
        url=words.pubmed_url(lead.pmid),
        byline=_byline(lead),
        drugs=marks,
        badges=words.badges(lead),
        labelled_by=words.labelled_by(papers),
        finding=finding,
        is_finding_cut=is_cut,
        finding_note="" if finding else _no_finding(lead),
        links=words.links(lead),
        why=_why(lead, {row.event_type for row in rows}, titles),
        warnings=_warnings(lead),
        is_retracted=lead.is_retracted,
        evidence_rank=lead.evidence_rank,
        design=lead.design or "other",
    )


def _drug_marks(rows: Iterable[EvidenceRow], drugs: Mapping[str, DrugName]) -> tuple[DrugMark, ...]:
    """Return the drugs of one paper, evidence before mention, main HER2 drugs before the others."""
    marks = {
        row.drug_id: DrugMark(
            drug_id=row.drug_id,
            name=_name(row.drug_id, drugs),
            role=words.role_words(row.role),
            is_evidence=row.role in EVIDENCE_ROLES,
        )
        for row in rows
        if row.drug_id is not None
    }
    roles = {row.drug_id: row.role for row in rows}
    order = tuple(words.ROLE_ORDER)
    return tuple(
        sorted(
            marks.values(),
            key=lambda mark: (
                not mark.is_evidence,
                not _is_targeted(mark.drug_id, drugs),
                order.index(roles[mark.drug_id]) if roles[mark.drug_id] in order else len(order),
                _section_of(mark.drug_id, drugs) in BACKBONES,
                drug_order(_section_of(mark.drug_id, drugs)),
                mark.name,
            ),
        )
    )


def drug_order(drug_id: str) -> int:
    """Return the place of a drug's section among the others."""
    return MAIN_DRUGS.index(drug_id) if drug_id in MAIN_DRUGS else len(MAIN_DRUGS)


def _section_of(drug_id: str, drugs: Mapping[str, DrugName]) -> str:
    # A biosimilar is filed under its reference product, and named in the entry.
    drug = drugs.get(drug_id)
    return (drug.rolls_up_to or drug_id) if drug else drug_id


def _is_targeted(drug_id: str, drugs: Mapping[str, DrugName]) -> bool:
    return drug_id in drugs and drugs[drug_id].is_her2_targeted


def _name(drug_id: str, drugs: Mapping[str, DrugName]) -> str:
    return short_name(drugs[drug_id]) if drug_id in drugs else drug_id


def short_name(drug: DrugName) -> str:
    """Return a drug's name without the synonym in brackets, where the rest is still its whole name."""
    first = drug.drug_name.partition(" (")[0]
    return first if first.replace(" ", "-").lower() == drug.drug_id else drug.drug_name


def _byline(row: EvidenceRow) -> str:
    parts = (f"{row.first_author} and others" if row.first_author else None, row.journal, row.pub_date)
    return " · ".join(part for part in parts if part)


def _shown_finding(finding: str | None) -> tuple[str | None, bool]:
    if finding is None or len(finding) <= MAX_FINDING_CHARS:
        return finding, False
    return finding[:MAX_FINDING_CHARS].rsplit(" ", 1)[0], True


def _no_finding(row: EvidenceRow) -> str:
    if row.is_retracted:
        return "Retracted: its result is not repeated here."
    if not row.has_abstract:
        return "PubMed has no abstract for this record."
    return "No single result sentence stands out in the abstract; please read it."


def _why(row: EvidenceRow, events: set[str], titles: Mapping[str, str]) -> str:
    """Say what made this paper appear here: the event, and the search words that found it."""
    created = f"; added to PubMed {words.day(row.created_date)}" if row.created_date else ""
    event = {
        "appeared": f"new in PubMed{created}",
        "late_arrival": f"late arrival, published {words.published(row.pub_date)}{created}",
        "indexed": "newly indexed with MeSH by NLM",
        "revised": f"revised: {' and '.join(sorted({'title', 'abstract'} & set(row.changed_fields)))} changed",
    }[row.event_type]
    if "indexed" in events and row.event_type != "indexed":
        event += "; since then indexed with MeSH by NLM"
    found = ", ".join(f"“{titles.get(name, name)}”" for name in row.strategies)
    return f"{event}; found by {found}" if found else f"{event}; found by the main search"


def _warnings(row: EvidenceRow) -> tuple[str, ...]:
    marks = (
        (row.is_retracted, "RETRACTED"),
        (row.has_concern, "EXPRESSION OF CONCERN"),
        (row.is_corrected, "CORRECTED"),
    )
    return tuple(word for is_so, word in marks if is_so)


# ---------------------------------------------------------------------------------------------
# Alerts
# ---------------------------------------------------------------------------------------------

_ALERTS = {
    "retracted": ("red", "RETRACTED", "PubMed marks this paper as retracted. Do not rely on it."),
    "concern": (
        "yellow",
        "EXPRESSION OF CONCERN",
        "The journal has published an expression of concern. It is not retracted.",
    ),
    "deleted": ("yellow", "REMOVED FROM PUBMED", "PubMed no longer holds this record."),
    "reinstated": ("yellow", "REINSTATED", "PubMed no longer marks this paper as retracted or under concern."),
    "corrected": ("yellow", "CORRECTED", "A correction (erratum) was published. It is not retracted."),
}
_NOTICE_ALERTS = {
    "retraction_notice": ("red", "RETRACTION NOTICE", "This notice retracts another paper; see which one in PubMed."),
    "expression_of_concern": (
        "yellow",
        "EXPRESSION OF CONCERN",
        "This notice questions another paper; see which one in PubMed.",
    ),
    "erratum": ("yellow", "ERRATUM NOTICE", "This notice corrects another paper. It is not a retraction."),
}
_ALERT_ORDER = (
    "RETRACTED",
    "RETRACTION NOTICE",
    "EXPRESSION OF CONCERN",
    "REMOVED FROM PUBMED",
    "REINSTATED",
    "CORRECTED",
    "ERRATUM NOTICE",
)


def build_alerts(rows: ReportRows) -> tuple[tuple[Alert, ...], int]:
    """
    Return the alerts, gravest first, and how many corrections of off-topic papers are only counted.

    Retractions, concerns and removals are shown whatever the topic: to miss one is worse than one too many.
    """
    drugs = {drug.drug_id: drug for drug in rows.drugs}
    on_topic = {row.pmid for row in rows.evidence if row.is_on_topic}
    just_arrived = {row.pmid for row in rows.evidence if row.event_type == "late_arrival"}
    alerts = [
        _alert(alert, drugs, is_on_topic=alert.pmid in on_topic)
        for alert in rows.alerts
        # An old erratum of a paper nobody was told of before is a mark on its entry, not an alarm.
        if not (alert.event_type == "corrected" and alert.pmid in just_arrived)
    ]
    alerts += [_deleted(row) for row in _one_per_event(rows.evidence, "deleted")]
    told = {alert.notice_pmid for alert in rows.alerts}
    alerts += [
        _notice(row)
        for event in ("appeared", "late_arrival")
        for row in _one_per_event(rows.evidence, event)
        if row.design in words.NOTICES and row.pmid not in told
    ]
    shown = [a for a in alerts if a.is_on_topic or a.word not in ("CORRECTED", "ERRATUM NOTICE")]
    shown.sort(key=lambda a: (_ALERT_ORDER.index(a.word), not a.is_on_topic, a.pmid, a.event_id))
    return tuple(shown), len(alerts) - len(shown)


def _alert(alert: IntegrityAlert, drugs: Mapping[str, DrugName], *, is_on_topic: bool) -> Alert:
    level, word, explanation = _ALERTS[alert.event_type]
    source = f" Source: {alert.notice_source}." if alert.notice_source else ""
    notice = (
        Link(f"notice, PMID {alert.notice_pmid}", words.pubmed_url(alert.notice_pmid)) if alert.notice_pmid else None
    )
    return Alert(
        event_id=alert.event_id,
        told_on=alert.run_label,
        drug_ids=tuple(dict.fromkeys(_section_of(drug_id, drugs) for drug_id in alert.drug_ids)),
        level=level,
        word=word,
        pmid=alert.pmid,
        title=alert.title or "[No title in PubMed]",
        url=words.pubmed_url(alert.pmid),
        explanation=f"{explanation} Seen in the night of {words.day(alert.run_label)}.{source}",
        drugs=", ".join(_name(drug_id, drugs) for drug_id in alert.drug_ids),
        notice=notice,
        is_on_topic=is_on_topic,
    )


def _one_per_event(rows: Iterable[EvidenceRow], event_type: str) -> tuple[EvidenceRow, ...]:
    return tuple({row.event_id: row for row in rows if row.event_type == event_type}.values())


def _deleted(row: EvidenceRow) -> Alert:
    return _from_row(row, _ALERTS["deleted"])


def _notice(row: EvidenceRow) -> Alert:
    return _from_row(row, _NOTICE_ALERTS[row.design or ""])


def _from_row(row: EvidenceRow, said: tuple[str, str, str]) -> Alert:
    level, word, explanation = said
    return Alert(
        event_id=row.event_id,
        told_on=row.run_label,
        drug_ids=(),
        level=level,
        word=word,
        pmid=row.pmid,
        title=row.title or "[No title in PubMed]",
        url=words.pubmed_url(row.pmid),
        explanation=f"{explanation} Seen in the night of {words.day(row.run_label)}.",
        drugs="",
        notice=None,
        is_on_topic=row.is_on_topic,
    )
