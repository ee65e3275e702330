"""The receipt under every digest: what was asked, what came back, what was shown and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from her2lit.records import ReportRows, RunHealth, Window
from her2lit.report import words

#: Most failed runs named one by one.
MAX_FAILURES = 5
#: Characters of a failure's message that a reader needs.
MAX_MESSAGE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCounts:
    """How many papers went where."""

    n_on_topic: int
    n_with_drug: int
    n_shown: int
    n_held_over: int
    n_off_topic: int


def build_receipt(rows: ReportRows, counts: ShownCounts) -> tuple[tuple[str, str], ...]:
    """Return the lines of the receipt as (what, value)."""
    nightly = tuple(run for run in rows.runs if run.kind == "nightly")
    harvest = next((s for s in rows.strategies if s.kind == "harvest"), None)
    query = f"{harvest.title} (fingerprint {harvest.strategy_sha256[:12]})" if harvest else "not recorded"
    as_of = f"{rows.data_as_of:%Y-%m-%d %H:%M} UTC" if rows.data_as_of else "no data yet"
    n_received = sum(run.n_articles or 0 for run in nightly)
    n_first_seen = sum(run.n_new or 0 for run in nightly)
    return (
        ("Nights covered", nights_words(rows.period)),
        ("Runs", runs_words(nightly)),
        *(("Not clean", words_) for words_ in failures(nightly)),
        *_missing_nights(rows.period, nightly),
        ("Searched", f"PubMed; {query}"),
        (
            "Received",
            f"{words.plural(n_received, 'record version')}, {n_first_seen:,} seen for the first time",
        ),
        (
            "Papers",
            f"{counts.n_on_topic} new or late on topic, {counts.n_with_drug} study a drug; {counts.n_off_topic} off topic",
        ),
        ("Shown", f"{counts.n_shown} in full; {counts.n_held_over} held over to the next digest"),
        ("Retractions", "checked in PubMed only"),
        ("Labels made by", f"her2lit rules {rows.rule_version or 'unknown'}, from title, abstract and indexing only"),
        ("Data as of", as_of),
    )


def nights_words(period: Window) -> str:
    """Return the nights of *period* by their labels."""
    last = period.until - timedelta(days=1)
    return f"{words.day(period.since)} to {words.day(last)} (US Eastern dates)"


def runs_words(runs: tuple[RunHealth, ...]) -> str:
    """Return how many runs ended how."""
    outcomes: dict[str, int] = {}
    for run in runs:
        outcomes[run.outcome] = outcomes.get(run.outcome, 0) + 1
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "none"


def failures(runs: tuple[RunHealth, ...]) -> tuple[str, ...]:
    """Return a line for each run that was not clean, the last ones when there are many."""
    bad = [run for run in runs if run.outcome not in ("clean", "running")]
    lines = [f"{run.label} {run.outcome}: {_one_line(run.message)}" for run in bad[-MAX_FAILURES:]]
    if len(bad) > MAX_FAILURES:
        lines.append(f"and {len(bad) - MAX_FAILURES} more")
    return tuple(lines)


def _one_line(message: str | None) -> str:
    text = " ".join((message or "no reason recorded").split())
    return text if len(text) <= MAX_MESSAGE_CHARS else text[:MAX_MESSAGE_CHARS].rsplit(" ", 1)[0] + " …"


def _missing_nights(period: Window, runs: tuple[RunHealth, ...]) -> tuple[tuple[str, str], ...]:
    clean = {run.label for run in runs if run.outcome == "clean"}
    n_days = (period.until - period.since).days
    nights = [period.since + timedelta(days=i) for i in range(n_days)]
    missing = [night for night in nights if night not in clean]
    if not missing:
        return ()
    said = ", ".join(words.day(night) for night in missing[:14])
    return (("Nights without a clean run", f"{said}; a later run looks back over them"),)
