"""The text twin of the digest: same content, same order, wrapped lines, whole addresses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from her2lit.report import words
from her2lit.report.entries import Alert, Entry, Section
from her2lit.report.view import DigestView

WIDTH = 72


def render_text(view: DigestView) -> str:
    """Return the digest as plain text."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: DigestView) -> Iterator[str]:
    yield from _heading(view.heading, "=")
    yield from _wrap(f"Nights {view.nights}. {view.summary[0].upper()}{view.summary[1:]}.")
    yield from _alerts(view)
    yield from _heading("BOTTOM LINE")
    yield from _bottom_line(view.bottom_line)
    for section in view.sections:
        yield from _section(section)
    if view.no_drug:
        yield from _heading("No drug studied")
        for entry in view.no_drug:
            yield from _entry(entry)
    if view.late:
        yield from _heading(f"Late arrivals ({len(view.late)})")
        yield from _wrap("Older papers that reached this watch only now.")
        for entry in view.late:
            yield from _entry(entry)
    yield from _lane("Newly indexed", view.indexed, view.n_more_indexed)
    yield from _lane("Revised", view.revised, view.n_more_revised)
    yield from _bars(view)
    yield from _heading("Receipt")
    for label, value in view.receipt:
        yield from _wrap(f"{label}: {value}", hanging="    ")
    yield from _heading("About this mail")
    yield from _wrap(
        "You get this because you or somebody for you asked this installation of her2lit for its weekly digest. "
        "Labels and the choice of sentences are made by a program from title, abstract and indexing; "
        "read the paper before you act on it."
    )


def _heading(text: str, rule: str = "-") -> tuple[str, ...]:
    lines = textwrap.wrap(text, WIDTH) or [""]
    return ("", *lines, rule * min(WIDTH, max(len(line) for line in lines)))


def _wrap(text: str, *, indent: str = "", hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _alerts(view: DigestView) -> Iterator[str]:
    yield from _heading("WARNINGS")
    for alert in view.alerts:
        yield from _alert(alert)
    if not view.alerts:
        yield from _wrap("No retraction, expression of concern or correction was seen. Checked: PubMed only.")
    if view.n_counted_corrections:
        yield from _wrap(f"Off topic and only counted: {words.plural(view.n_counted_corrections, 'correction')}.")


def _alert(alert: Alert) -> Iterator[str]:
    yield from _wrap(f"* {alert.word}: {alert.title}", hanging="  ")
    yield f"  {alert.url}"
    yield from _wrap(alert.explanation, indent="  ")
    if alert.drugs:
        yield from _wrap(f"Names: {alert.drugs}", indent="  ")
    if alert.notice:
        yield from _wrap(f"{alert.notice.label}: {alert.notice.url}", indent="  ")


def _bottom_line(entries: tuple[Entry, ...]) -> Iterator[str]:
    if not entries:
        yield "No new paper on this topic."
    for number, entry in enumerate(entries, 1):
        lead = f"{entry.drugs[0].name}: " if entry.drug_id else ""
        yield from _wrap(f"{number}. {lead}{entry.title} ({entry.badges[0]})", hanging="   ")


def _section(section: Section) -> Iterator[str]:
    yield from _heading(section.heading)
    if not section.entries and not section.pointers and not section.n_held_over:
        yield "Nothing new."
    for entry in section.entries:
        yield from _entry(entry)
    for entry in section.pointers:
        place = "In late arrivals" if entry.lane == "late" else f"Under {entry.drugs[0].name}"
        yield from _wrap(f"- {place}: {entry.title} (PMID {entry.pmid})", hanging="  ")


def _entry(entry: Entry) -> Iterator[str]:
    yield ""
    warning = "".join(f"[{word}] " for word in entry.warnings)
    yield from _wrap(f"* {warning}{entry.title}", hanging="  ")
    yield from _wrap(entry.byline, indent="  ")
    if entry.drugs:
        yield from _wrap("Drugs: " + "; ".join(f"{mark.name} ({mark.role})" for mark in entry.drugs), indent="  ")
    yield from _wrap(" | ".join((*entry.badges, entry.labelled_by)), indent="  ")
    if entry.finding:
        cut = " [cut here; read on in the abstract]" if entry.is_finding_cut else ""
        yield from _wrap(f"From the abstract: “{entry.finding}”{cut}", indent="  ")
    else:
        yield from _wrap(entry.finding_note, indent="  ")
    yield from _wrap(f"Why: {entry.why}", indent="  ")
    for link in entry.links:
        yield f"  {link.url or link.label}"


def _lane(name: str, entries: tuple[Entry, ...], n_more: int) -> Iterator[str]:
    if not entries:
        return
    yield from _heading(f"{name} ({len(entries) + n_more})")
    for entry in entries:
        warning = "".join(f"[{word}] " for word in entry.warnings)
        yield from _wrap(f"* {warning}{entry.title} ({entry.why})", hanging="  ")
        yield f"  {entry.url}"
    if n_more:
        yield f"and {n_more} more"


def _bars(view: DigestView) -> Iterator[str]:
    yield from _heading("Papers per drug")
    for bar in view.bars:
        yield from _wrap(f"{bar.name}: {bar.n_new} new, {bar.n_late} late", hanging="  ")
