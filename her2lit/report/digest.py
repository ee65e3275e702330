"""The weekly digest: rows in, subject, HTML, text and the list of what stood where out. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from her2lit.records import DigestItem, ReportRows, Window
from her2lit.report import words
from her2lit.report.charts import build_bars
from her2lit.report.entries import (
    MAIN_DRUGS,
    Alert,
    Entry,
    Section,
    build_alerts,
    build_entries,
    drug_order,
    short_name,
)
from her2lit.report.receipt import ShownCounts, build_receipt, nights_words
from her2lit.report.templating import environment
from her2lit.report.text import render_text
from her2lit.report.view import DigestView

#: Papers shown in full; the rest is held over to the next digest.
MAX_ENTRIES = 15
#: Gmail cuts HTML at about 102 KB and hides the footer with it.
MAX_HTML_BYTES = 90_000
#: Papers of the bottom line, and of the lanes that only give a title.
MAX_BOTTOM_LINE = 5
MAX_LANE = 5
#: A subject counts at least these designs by name; others are just papers.
_SUBJECT_DESIGNS = (("phase3_rct", "phase 3 RCT"), ("guideline", "guideline"))
_SUBJECT_ALERTS = (
    ("RETRACTED", "retraction"),
    ("RETRACTION NOTICE", "retraction notice"),
    ("EXPRESSION OF CONCERN", "expression of concern"),
    ("CORRECTED", "correction"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest, ready to be frozen and sent; nothing in it is about one reader."""

    digest_id: str
    period: Window
    subject: str
    html: str
    text: str
    items: tuple[DigestItem, ...]
    n_shown: int
    n_held_over: int

    @property
    def content_sha256(self) -> str:
        """Return one hash over subject, HTML and text."""
        return hashlib.sha256(f"{self.subject}\0{self.html}\0{self.text}".encode()).hexdigest()


def build_digest(rows: ReportRows, *, max_entries: int = MAX_ENTRIES) -> Digest:
    """
    Build the digest of ``rows.period``: the same rows give the same bytes.

    Fewer papers are shown when the HTML would grow past ``MAX_HTML_BYTES``; what is not shown is
    counted as held over. A week without papers still gives a digest, with its receipt.
    """
    for n_entries in range(max_entries, -1, -1):
        view = build_view(rows, max_entries=n_entries)
        html = environment().get_template("mail.html.j2").render(view=view)
        if len(html.encode()) <= MAX_HTML_BYTES:
            break
    return Digest(
        digest_id=f"{rows.period.since}_{rows.period.until}",
        period=rows.period,
        subject=view.heading + ": " + view.summary,
        html=html,
        text=render_text(view),
        items=_items(view),
        n_shown=view.n_shown,
        n_held_over=view.n_held_over,
    )


def build_view(rows: ReportRows, *, max_entries: int) -> DigestView:
    """Choose and order what is shown."""
    entries = build_entries(rows)
    alerts, n_counted = build_alerts(rows)
    candidates = tuple(entry for entry in entries if entry.lane in ("new", "late"))
    shown, held = candidates[:max_entries], candidates[max_entries:]
    indexed = tuple(entry for entry in entries if entry.lane == "indexed")
    revised = tuple(entry for entry in entries if entry.lane == "revised")
    names = {drug.drug_id: short_name(drug) for drug in rows.drugs}
    last_night = words.day(rows.period.until - timedelta(days=1))
    return DigestView(
        heading=f"HER2+ mBC evidence {last_night}",
        last_night=last_night,
        nights=nights_words(rows.period),
        summary=_summary(alerts, candidates),
        alerts=alerts,
        n_counted_corrections=n_counted,
        bottom_line=tuple(entry for entry in shown if not entry.warnings)[:MAX_BOTTOM_LINE],
        sections=build_sections(shown, held, names),
        no_drug=tuple(entry for entry in shown if entry.lane == "new" and entry.drug_id is None),
        late=tuple(entry for entry in shown if entry.lane == "late"),
        indexed=indexed[:MAX_LANE],
        n_more_indexed=max(0, len(indexed) - MAX_LANE),
        revised=revised[:MAX_LANE],
        n_more_revised=max(0, len(revised) - MAX_LANE),
        bars=build_bars(candidates, names, MAIN_DRUGS),
        receipt=build_receipt(rows, _counts(rows, candidates, n_shown=len(shown))),
        n_shown=len(shown),
        n_held_over=len(held),
    )


def build_sections(shown: tuple[Entry, ...], held: tuple[Entry, ...], names: dict[str, str]) -> tuple[Section, ...]:
    """
    Return one section per drug: the main HER2 drugs always, others where a paper stands in full under them.

    A paper on several drugs stands in full under one and is pointed to from the others, so that
    nobody reads it twice and nobody misses it.
    """
    in_full = {entry.drug_id for entry in shown if entry.lane == "new"} - {None}
    wanted = [drug_id for drug_id in MAIN_DRUGS if drug_id in names]
    wanted += sorted((d for d in in_full if d is not None and d not in wanted), key=lambda d: names.get(d, d))
    return tuple(
        Section(
            drug_id=drug_id,
            name=names.get(drug_id, drug_id),
            entries=tuple(e for e in shown if e.drug_id == drug_id and e.lane == "new"),
            pointers=tuple(
                e for e in shown if drug_id in e.other_drug_ids or (e.drug_id == drug_id and e.lane == "late")
            ),
            n_held_over=sum(drug_id in (e.drug_id, *e.other_drug_ids) for e in held),
        )
        for drug_id in sorted(wanted, key=lambda d: (drug_order(d), names.get(d, d)))
    )


def _summary(alerts: tuple[Alert, ...], candidates: tuple[Entry, ...]) -> str:
    """Return the counts of the subject, gravest first."""
    parts = []
    for word, noun in _SUBJECT_ALERTS:
        count = sum(alert.word == word for alert in alerts)
        if count:
            parts.append(words.plural(count, noun, "expressions of concern" if "concern" in noun else None))
    for design, noun in _SUBJECT_DESIGNS:
        count = sum(entry.design == design for entry in candidates)
        if count:
            parts.append(words.plural(count, noun))
    n_new = sum(entry.lane == "new" for entry in candidates)
    if n_new:
        parts.append(words.plural(n_new, "new paper"))
    if len(candidates) > n_new:
        parts.append(words.plural(len(candidates) - n_new, "late arrival"))
    return ", ".join(parts) or "nothing new"


def _counts(rows: ReportRows, candidates: tuple[Entry, ...], *, n_shown: int) -> ShownCounts:
    off_topic = {r.pmid for r in rows.evidence if r.event_type in ("appeared", "late_arrival") and not r.is_on_topic}
    return ShownCounts(
        n_on_topic=len(candidates),
        n_with_drug=sum(entry.drug_id is not None for entry in candidates),
        n_shown=n_shown,
        n_held_over=len(candidates) - n_shown,
        n_off_topic=len(off_topic),
    )


def _items(view: DigestView) -> tuple[DigestItem, ...]:
    """Return what stands in the digest, in reading order; pointers are not counted twice."""
    lanes = (
        ("new", tuple(entry for section in view.sections for entry in section.entries) + view.no_drug),
        ("late", view.late),
        ("indexed", view.indexed),
        ("revised", view.revised),
    )
    rows: list[tuple[str, int, int, str | None]] = [("alert", a.event_id, a.pmid, None) for a in view.alerts]
    rows += [(lane, e.event_id, e.pmid, e.drug_id) for lane, entries in lanes for e in entries]
    return tuple(
        DigestItem(position=position, section=section, event_id=event_id, pmid=pmid, drug_id=drug_id)
        for position, (section, event_id, pmid, drug_id) in enumerate(rows, 1)
    )
