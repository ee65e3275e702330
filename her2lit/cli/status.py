"""``her2lit status``: how the last run went, how far each search has come, how fresh the data is."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from her2lit.cli import CliContext
from her2lit.home import Home

#: Runs shown.
_N_RUNS = 5
_NEWEST_RUNS = """
SELECT run_id, label, kind, outcome, started_at, finished_at, n_articles, n_new, n_revised, n_events, n_rejects, n_requests, message
FROM main.runs
ORDER BY started_at DESC, attempt DESC
LIMIT ?
"""
#: Data older than this is called stale: a nightly run was missed and the next did not make it up.
STALE_AFTER_HOURS = 36.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything ``her2lit status`` says."""

    home: str
    #: A run that is at work now; None when none is
    running: dict[str, Any] | None
    #: Where the ledger was read: "warehouse", "snapshot" or None
    ledger: str | None
    #: Newest first
    runs: tuple[dict[str, Any], ...]
    watermarks: tuple[dict[str, Any], ...]
    #: Label of the published snapshot; None when nothing has been published
    published_label: date | None
    data_as_of: datetime | None
    age_hours: float | None
    is_stale: bool
    counts: dict[str, int]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for monitoring.")
@click.option("--check", "is_check", is_flag=True, help="Exit 3 when the last run was not clean or the data is stale.")
@click.pass_obj
def command(context: CliContext, as_json: bool, is_check: bool) -> int:
    """
    Say how the last run went, how far each search has come and how fresh the data is.

    Readable while a run is at work.

    \b
    Examples:
      her2lit status
      her2lit status --json
      her2lit status --check || mail -s "her2lit needs a look" you@hospital.org
    """
    from her2lit.clock import SystemClock
    from her2lit.home import open_home

    status = read_status(open_home(context.home, create=False), SystemClock().now())
    click.echo(json.dumps(asdict(status), indent=2, default=str) if as_json else describe(status))
    if not is_check:
        return 0
    finished = [run for run in status.runs if run["outcome"] != "running"]
    return 3 if status.is_stale or (finished and finished[0]["outcome"] != "clean") else 0


def read_status(home: Home, now: datetime) -> Status:
    """Return the state of *home* at *now* (timezone-aware)."""
    from warehouse.publish import read_manifest

    manifest = read_manifest(home.published)
    running = _running(home)
    ledger, runs, watermarks = _read_ledger(home, is_busy=running is not None)
    age = (now.astimezone(UTC).replace(tzinfo=None) - manifest.data_as_of).total_seconds() / 3600 if manifest else None
    counts = dict(manifest.row_counts) if manifest else {}
    return Status(
        home=str(home.root),
        running=running,
        ledger=ledger,
        runs=runs,
        watermarks=watermarks,
        published_label=manifest.label if manifest else None,
        data_as_of=manifest.data_as_of if manifest else None,
        age_hours=round(age, 1) if age is not None else None,
        is_stale=age is None or age > STALE_AFTER_HOURS,
        counts=counts,
    )


def _running(home: Home) -> dict[str, Any] | None:
    """Return what the run at work says of itself; a file whose process is gone is a killed run's."""
    try:
        state = json.loads((home.root / "run.json").read_text(encoding="utf-8"))
        os.kill(int(state["pid"]), 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, KeyError, TypeError):
        return None
    except PermissionError:
        pass  # somebody else's process, but alive
    return dict(state)


def _read_ledger(
    home: Home, *, is_busy: bool
) -> tuple[str | None, tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    """
    Return where the ledger was read, its newest runs and its watermarks.

    The writer's file knows runs that failed before they published, but it is read only while nobody
    writes; else the snapshot's word counts.
    """
    import filelock

    from her2lit.errors import WarehouseError

    if home.warehouse.is_file() and not is_busy:
        try:
            with filelock.FileLock(home.lock, timeout=0):
                return ("warehouse", *_ask(home.warehouse))
        except (filelock.Timeout, WarehouseError, OSError):
            pass  # a run is at work, or this home is another user's: the snapshot is for everybody
    if home.published_database.is_file():
        return ("snapshot", *_ask(home.published_database))
    return None, (), ()


def _ask(path: Path) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    from warehouse.query import run_query

    newest = run_query(path, _NEWEST_RUNS, timeout_s=30, parameters=(_N_RUNS,))
    marks = run_query(path, "SELECT strategy, arm, watermark, run_id FROM main.watermarks ORDER BY ALL", timeout_s=30)
    answers = (newest, marks)
    runs, watermarks = (tuple(dict(zip(a.columns, row, strict=True)) for row in a.rows) for a in answers)
    return runs, watermarks


def describe(status: Status) -> str:
    """Return *status* as text for people."""
    lines = [f"Home         {status.home}"]
    if status.running:
        lines.append(
            f"Running      {status.running['run_id']} since {status.running['started_at']} (process {status.running['pid']})"
        )
    if status.data_as_of is None:
        lines.append("Published    nothing yet: run `her2lit nightly`, or `her2lit demo` to try it offline")
    else:
        stale = "  STALE: no run has published since" if status.is_stale else ""
        lines.append(
            f"Published    night {status.published_label}, data as of {status.data_as_of} UTC, {_age(status.age_hours)}{stale}"
        )
        shown = ("article_versions", "evidence_events", "article_drugs", "digests")
        held = ", ".join(f"{status.counts.get(table, 0):,} {table.replace('_', ' ')}" for table in shown)
        lines.append(f"Holds        {held}")
    lines += _run_lines(status)
    lines += [
        f"Watermark    {w['strategy']} [{w['arm']}] searched up to {w['watermark']}, exclusive"
        for w in status.watermarks
    ]
    return "\n".join(lines)


def _run_lines(status: Status) -> list[str]:
    if not status.runs:
        return ["Last run     none yet"]
    lines = []
    for number, run in enumerate(status.runs):
        heading = "Last run    " if number == 0 else "before      "
        figures = ", ".join(
            f"{run[key]:,} {word}"
            for key, word in (
                ("n_new", "new"),
                ("n_revised", "revised"),
                ("n_events", "events"),
                ("n_rejects", "unreadable"),
            )
            if run[key] is not None
        )
        lines.append(
            f"{heading} {run['run_id']}  {run['outcome'].upper()}  {run['started_at']} UTC  {figures}".rstrip()
        )
        if run["message"]:
            lines.append(f"             {run['message']}")
    return lines


def _age(hours: float | None) -> str:
    if hours is None:
        return "age unknown"
    return f"{hours:.1f} hours old" if hours < 48 else f"{hours / 24:.0f} days old"
