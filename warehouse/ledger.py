"""The ledger: which runs there were, how they ended, and how far each search has come."""

from __future__ import annotations

from datetime import date, datetime

import duckdb

from her2lit.records import LoadReport
from warehouse.arrow import one_row, utc

OUTCOMES = ("clean", "incomplete", "failed")


def start_run(
    connection: duckdb.DuckDBPyConnection,
    *,
    kind: str,
    label: date,
    started_at: datetime,
    her2lit_version: str,
    rule_version: str,
) -> str:
    """
    Note that a run starts and return its run_id, e.g. "2021-06-07.1".

    A run still noted as running was killed, since there is one writer: it becomes "interrupted".

    Args:
        started_at: UTC, without a zone.
    """
    connection.execute("UPDATE main.runs SET outcome = 'interrupted' WHERE outcome = 'running'")
    row = one_row(connection, "SELECT coalesce(max(attempt), 0) + 1 FROM main.runs WHERE label = ?", [label])
    attempt = row[0] if row else 1
    run_id = f"{label}.{attempt}"
    connection.execute(
        "INSERT INTO main.runs (run_id, label, attempt, kind, outcome, started_at, her2lit_version, rule_version)"
        " VALUES (?, ?, ?, ?, 'running', ?, ?, ?)",
        [run_id, label, attempt, kind, utc(started_at), her2lit_version, rule_version],
    )
    return run_id


def finish_run(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    *,
    outcome: str,
    finished_at: datetime,
    message: str | None = None,
    report: LoadReport | None = None,
    n_requests: int | None = None,
) -> None:
    """
    Note how *run_id* ended.

    Raises:
        ValueError: *outcome* is none of OUTCOMES, or there is no such run.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"a run ends as one of {', '.join(OUTCOMES)}, not {outcome!r}")
    counts = (
        (report.n_articles, report.n_new, report.n_revised, report.n_unchanged, report.n_reannotated)
        if report
        else (None,) * 5
    )
    n_events = sum(count for _, count in report.events) if report else None
    updated = one_row(
        connection,
        """
        UPDATE main.runs SET
            outcome = ?, finished_at = ?, message = ?,
            n_articles = ?, n_new = ?, n_revised = ?, n_unchanged = ?, n_reannotated = ?,
            n_events = ?, n_requests = ?,
            n_rejects = (SELECT count(*) FROM main.rejects WHERE rejects.run_id = runs.run_id)
        WHERE run_id = ?
        """,
        [outcome, utc(finished_at), message, *counts, n_events, n_requests, run_id],
    )
    if not updated or updated[0] != 1:
        raise ValueError(f"there is no run {run_id!r} in this warehouse")


def read_watermarks(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], date]:
    """Return (strategy, arm) -> first day not yet searched without a gap."""
    rows = connection.execute("SELECT strategy, arm, watermark FROM main.watermarks").fetchall()
    return {(strategy, arm): watermark for strategy, arm, watermark in rows}


def is_first_run(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether no search has ever come through clean: what is new now is history."""
    return one_row(connection, "SELECT 1 FROM main.watermarks LIMIT 1") is None
