"""``her2lit status``: how the last run went, how far each search has come, how fresh the data is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from her2lit.cli import CliContext
from her2lit.home import Home

if TYPE_CHECKING:
    from warehouse.publish import Manifest

#: Runs shown.
_N_RUNS = 5
_NEWEST_RUNS = """
SELECT run_id, label, kind, outcome, started_at, finished_at, n_articles, n_new, n_revised, n_events, n_rejects, n_requests, message
FROM main.runs
ORDER BY started_at DESC, attempt DESC
LIMIT ?
"""
_NEWEST_BY_KIND = """
SELECT
    kind,
    arg_max(run_id, (started_at, attempt)) AS run_id,
    arg_max(outcome, (started_at, attempt)) AS outcome,
    max(started_at) AS started_at
FROM main.runs
WHERE (outcome <> 'running' OR ?) AND kind <> 'approval'
GROUP BY kind ORDER BY kind
"""
_DRIFTS = """
SELECT strategy, string_agg(DISTINCT drift, '; ') AS drift FROM out.strategy_readings
WHERE drift IS NOT NULL AND (is_current_text OR strategy_title IS NULL) GROUP BY strategy ORDER BY strategy
"""
_RECONCILED = """
SELECT
    (SELECT count(DISTINCT pmid) FROM main.absences WHERE returned_at IS NULL AND pmid IN (
        SELECT pmid FROM main.article_versions WHERE seen_to IS NULL)) AS n_absent,
    (SELECT count(*) FROM main.lost_matches WHERE regained_at IS NULL) AS n_unmatched,
    max(label) AS sentinels_label,
    count(*) FILTER (WHERE is_in_pubmed) AS n_sentinels,
    count(*) FILTER (WHERE is_in_pubmed AND is_matched) AS n_found
FROM main.sentinel_checks
WHERE label = (SELECT max(newest.label) FROM main.sentinel_checks AS newest)
"""
#: A ledger that an older her2lit left has no reconciliations yet; the next run brings it up to date.
_HAS_RECONCILED = """
SELECT 1 FROM duckdb_views()
WHERE database_name = current_database() AND schema_name = 'out' AND view_name = 'strategy_readings'
"""
#: Data older than this is called stale: a nightly run was missed and the next did not make it up.
STALE_AFTER_HOURS = 36.0
#: Where reconciliations are in use, the last one having begun longer ago than this was followed by a missed one.
RECONCILIATION_LATE_AFTER_DAYS = 10.0


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
    #: The newest finished run of each kind; "interrupted" is one that was killed before it could end
    newest_by_kind: tuple[dict[str, Any], ...]
    watermarks: tuple[dict[str, Any], ...]
    #: Strategies that PubMed reads differently than pinned, and how
    drifts: tuple[dict[str, Any], ...]
    #: Records that stay away, matches that were lost, landmark papers; None before the first reconciliation
    reconciled: dict[str, Any] | None
    #: Label of the published snapshot; None when nothing has been published
    published_label: date | None
    data_as_of: datetime | None
    age_hours: float | None
    is_stale: bool
    counts: dict[str, int]
    #: The newest run that was loaded but that no snapshot shows: killed before it published, or publishing failed
    unpublished_run: str | None = None
    #: Why the manifest of what is published cannot be read; None when it can
    manifest_problem: str | None = None
    #: Days since the newest reconciliation began; None when none has run
    reconciled_days_ago: float | None = None

    @property
    def is_reconciliation_late(self) -> bool:
        """Return whether a weekly reconciliation was missed; a home that never had one has none to miss."""
        return self.reconciled_days_ago is not None and self.reconciled_days_ago > RECONCILIATION_LATE_AFTER_DAYS

    @property
    def needs_a_look(self) -> bool:
        """Return whether a night or a reconciliation was missed, interrupted, incomplete or not published."""
        is_behind = self.is_stale or self.is_reconciliation_late or self.unpublished_run is not None
        return is_behind or any(run["outcome"] != "clean" for run in self.newest_by_kind)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for monitoring.")
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Exit 3 when the last night or reconciliation was missed, interrupted, not clean or not published.",
)
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
    return 3 if is_check and status.needs_a_look else 0


def read_status(home: Home, now: datetime) -> Status:
    """Return the state of *home* at *now* (timezone-aware)."""
    from her2lit.cli.ledger_file import run_at_work
    from her2lit.errors import WarehouseDamaged
    from warehouse.publish import read_manifest

    problem = None
    try:
        manifest = read_manifest(home.published)
    except WarehouseDamaged as error:
        manifest, problem = None, str(error)
    running = run_at_work(home)
    ledger, known = _read_ledger(home, is_idle=running is None)
    utc = now.astimezone(UTC).replace(tzinfo=None)
    age = (utc - manifest.data_as_of).total_seconds() / 3600 if manifest else None
    reconciled_at = next((run["started_at"] for run in known.newest_by_kind if run["kind"] == "reconcile"), None)
    counts = dict(manifest.row_counts) if manifest else {}
    return Status(
        home=str(home.root),
        running=running,
        ledger=ledger,
        runs=known.runs,
        newest_by_kind=known.newest_by_kind,
        watermarks=known.watermarks,
        drifts=known.drifts,
        reconciled=known.reconciled,
        published_label=manifest.label if manifest else None,
        data_as_of=manifest.data_as_of if manifest else None,
        age_hours=round(age, 1) if age is not None else None,
        is_stale=age is None or age > STALE_AFTER_HOURS,
        counts=counts,
        unpublished_run=_unpublished(known.runs, manifest) if ledger == "warehouse" and running is None else None,
        manifest_problem=problem,
        reconciled_days_ago=round((utc - reconciled_at) / timedelta(days=1), 1) if reconciled_at else None,
    )


def _unpublished(runs: tuple[dict[str, Any], ...], manifest: Manifest | None) -> str | None:
    """Return the newest run that brought something, or a new night, after the last publication."""
    for run in runs:
        if run["outcome"] not in ("clean", "incomplete") or run["kind"] == "approval":
            continue
        brought = any(run[key] for key in ("n_new", "n_revised", "n_events"))
        if manifest is None or (
            run["finished_at"] > manifest.published_at and (run["label"] > manifest.label or brought)
        ):
            return str(run["run_id"])
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    """What the ledger says; nothing while there is none."""

    runs: tuple[dict[str, Any], ...] = ()
    newest_by_kind: tuple[dict[str, Any], ...] = ()
    watermarks: tuple[dict[str, Any], ...] = ()
    drifts: tuple[dict[str, Any], ...] = ()
    reconciled: dict[str, Any] | None = None


def _read_ledger(home: Home, *, is_idle: bool) -> tuple[str | None, _Ledger]:
    """Return where the ledger was read, and what it says; *is_idle* tells that no run is at work."""
    from her2lit.cli.ledger_file import ledger_file
    from her2lit.errors import WarehouseError

    with ledger_file(home) as (name, path):
        if path is None:
            return None, _Ledger()
        try:
            return name, _ask(path, is_idle=is_idle)
        except WarehouseError:
            if name == "snapshot" or not home.published_database.is_file():
                raise
    return "snapshot", _ask(home.published_database, is_idle=is_idle)


def _ask(path: Path, *, is_idle: bool) -> _Ledger:
    from warehouse.query import run_query

    def ask(sql: str, *parameters: object) -> tuple[dict[str, Any], ...]:
        answer = run_query(path, sql, timeout_s=30, parameters=parameters)
        return tuple(dict(zip(answer.columns, row, strict=True)) for row in answer.rows)

    can_reconcile = bool(ask(_HAS_RECONCILED))
    reconciled = ask(_RECONCILED)[0] if can_reconcile else None
    return _Ledger(
        runs=_told(ask(_NEWEST_RUNS, _N_RUNS), is_idle=is_idle),
        newest_by_kind=_told(ask(_NEWEST_BY_KIND, is_idle), is_idle=is_idle),
        watermarks=ask("SELECT strategy, arm, watermark, run_id FROM main.watermarks ORDER BY ALL"),
        drifts=ask(_DRIFTS) if can_reconcile else (),
        reconciled=reconciled if reconciled and reconciled["sentinels_label"] is not None else None,
    )


def _told(runs: tuple[dict[str, Any], ...], *, is_idle: bool) -> tuple[dict[str, Any], ...]:
    """Return *runs* with "interrupted" for those the ledger thinks are running although none is at work."""
    was_killed = {"outcome": "interrupted"} if is_idle else {}
    return tuple(run | was_killed if run["outcome"] == "running" else run for run in runs)


def describe(status: Status) -> str:
    """Return *status* as text for people."""
    lines = [f"Home         {status.home}"]
    if status.running:
        lines.append(
            f"Running      {status.running['run_id']} since {status.running['started_at']} (process {status.running['pid']})"
        )
    if status.manifest_problem:
        lines.append(f"Published    {status.manifest_problem}")
    elif status.data_as_of is None:
        lines.append("Published    nothing yet: run `her2lit nightly`, or `her2lit demo` to try it offline")
    else:
        stale = "  STALE: no run has published since" if status.is_stale else ""
        lines.append(
            f"Published    night {status.published_label}, data as of {status.data_as_of} UTC, {_age(status.age_hours)}{stale}"
        )
        shown = ("article_versions", "evidence_events", "article_drugs", "digests")
        held = ", ".join(f"{status.counts.get(table, 0):,} {table.replace('_', ' ')}" for table in shown)
        lines.append(f"Holds        {held}")
    if status.unpublished_run:
        lines.append(
            f"UNPUBLISHED  run {status.unpublished_run} is loaded, but no snapshot shows it: it was stopped, or publishing"
            " failed. The next run publishes it."
        )
    if status.is_reconciliation_late:
        lines.append(
            f"LATE         the last reconciliation began {status.reconciled_days_ago:.0f} days ago; run it weekly"
        )
    lines += _run_lines(status)
    lines += [f"Drift        {d['strategy']}: {d['drift']}" for d in status.drifts]
    if status.drifts:
        lines.append("             look at it, then: her2lit strategies approve NAME")
    lines += _reconciled_lines(status)
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
        kind = "" if run["kind"] == "nightly" else f"{run['kind']} "
        lines.append(
            f"{heading} {run['run_id']}  {kind}{run['outcome'].upper()}  {run['started_at']} UTC  {figures}".rstrip()
        )
        if run["message"]:
            lines.append(f"             {run['message']}")
    return lines


def _reconciled_lines(status: Status) -> list[str]:
    said = status.reconciled
    if said is None:
        return []
    return [
        (
            f"Reconciled   {said['sentinels_label']}: {said['n_found']} of {said['n_sentinels']} landmark papers found,"
            f" {said['n_absent']} records absent, {said['n_unmatched']} no longer matched"
        )
    ]


def _age(hours: float | None) -> str:
    if hours is None:
        return "age unknown"
    return f"{hours:.1f} hours old" if hours < 48 else f"{hours / 24:.0f} days old"
