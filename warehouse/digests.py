"""Digests in the warehouse: read the rows one is made of, and keep what it showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from her2lit.records import (
    DigestItem,
    DrugMonth,
    DrugName,
    EvidenceRow,
    IntegrityAlert,
    ReportRows,
    RunHealth,
    SearchedStrategy,
    Window,
)

#: A paper that a digest held over is offered again for so many days, then it is only in the warehouse.
HELD_OVER_DAYS = 56
#: Columns of out.new_evidence in the order of EvidenceRow; lists become tuples.
_EVIDENCE_COLUMNS = (
    "event_id", "event_type", "run_label", "pmid", "title", "journal", "pub_date", "created_date", "first_author",
    "drug_id", "role", "decided_by", "design", "design_decided_by", "is_secondary", "phase", "n_patients",
    "her2_status", "has_cns", "has_resistance", "safety", "evidence_rank", "finding", "doi", "trial_ids",
    "is_retracted", "has_concern", "is_corrected", "is_on_topic", "strategies", "changed_fields", "has_abstract",
)  # fmt: skip
_IN_PERIOD = "run_label >= $since AND run_label < $until AND event_type <> 'loaded'"
#: Told of by no digest although a digest covered its night: it was held over.
_HELD_OVER = """
event_type IN ('appeared', 'late_arrival')
AND run_label >= $held_since AND run_label < $since
AND EXISTS (
    SELECT 1 FROM main.digests AS d
    WHERE e.run_label >= d.period_start AND e.run_label < d.period_end AND d.period_end <= $since
)
AND NOT EXISTS (
    SELECT 1 FROM main.digest_items AS i INNER JOIN main.digests AS d USING (digest_id)
    WHERE i.pmid = e.pmid AND d.period_end <= $since
)
"""


def read_digest_rows(connection: duckdb.DuckDBPyConnection, period_start: date, period_end: date) -> ReportRows:
    """
    Return everything a digest of the nights [period_start, period_end) is made of.

    Args:
        connection: The writer's file or a published snapshot.
    """
    parameters = {
        "since": period_start,
        "until": period_end,
        "held_since": period_start - timedelta(days=HELD_OVER_DAYS),
    }
    return _read(connection, f"({_IN_PERIOD}) OR ({_HELD_OVER})", parameters)


def read_page_rows(connection: duckdb.DuckDBPyConnection, period_start: date, period_end: date) -> ReportRows:
    """Return what the pages of the nights [period_start, period_end) are made of; history is not among it."""
    return _read(connection, _IN_PERIOD, {"since": period_start, "until": period_end})


def _read(connection: duckdb.DuckDBPyConnection, condition: str, parameters: dict[str, Any]) -> ReportRows:
    period = Window(since=parameters["since"], until=parameters["until"])
    runs = read_runs(connection, period)
    data_as_of, rule_version = _newest_run(connection, period)
    return ReportRows(
        period=period,
        data_as_of=data_as_of,
        evidence=_evidence(connection, condition, parameters),
        alerts=_alerts(connection, period),
        runs=runs,
        drugs=_drugs(connection),
        strategies=_strategies(connection),
        drug_months=_drug_months(connection, period),
        rule_version=rule_version,
    )


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Run *sql* and return its rows with lists as tuples, ready for frozen records."""
    rows = connection.execute(sql, parameters).fetchall()
    return [tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in rows]


def _evidence(
    connection: duckdb.DuckDBPyConnection, condition: str, parameters: dict[str, Any]
) -> tuple[EvidenceRow, ...]:
    # Columns and condition are written above; every value is a parameter. What PubMed took away is told of as
    # removed, no longer as evidence.
    sql = f"""
        SELECT {", ".join(_EVIDENCE_COLUMNS)} FROM out.new_evidence AS e
        WHERE ({condition}) AND (NOT is_deleted OR event_type = 'deleted')
        ORDER BY event_id, drug_id NULLS FIRST
    """
    return tuple(
        EvidenceRow(**dict(zip(_EVIDENCE_COLUMNS, row, strict=True))) for row in _fetch(connection, sql, parameters)
    )


def _alerts(connection: duckdb.DuckDBPyConnection, period: Window) -> tuple[IntegrityAlert, ...]:
    sql = """
        SELECT event_id, event_type, run_label, pmid, title, drug_ids, notice_pmid, notice_source, ref_type
        FROM out.retraction_alerts
        WHERE run_label >= ? AND run_label < ?
        ORDER BY event_id
    """
    names = (
        "event_id",
        "event_type",
        "run_label",
        "pmid",
        "title",
        "drug_ids",
        "notice_pmid",
        "notice_source",
        "ref_type",
    )
    rows = _fetch(connection, sql, [period.since, period.until])
    return tuple(IntegrityAlert(**dict(zip(names, row, strict=True))) for row in rows)


def read_runs(connection: duckdb.DuckDBPyConnection, period: Window) -> tuple[RunHealth, ...]:
    """
    Return the nights of *period* by their last attempt, oldest first.

    A night that was killed and started again is one night. The writer's file knows of failed runs
    that no snapshot shows.
    """
    sql = """
        SELECT run_id, label, kind, outcome, started_at, message, n_articles, n_new, n_requests
        FROM out.run_health
        WHERE label >= ? AND label < ?
        QUALIFY row_number() OVER (PARTITION BY label ORDER BY started_at DESC, length(run_id) DESC, run_id DESC) = 1
        ORDER BY started_at, run_id
    """
    names = ("run_id", "label", "kind", "outcome", "started_at", "message", "n_articles", "n_new", "n_requests")
    rows = _fetch(connection, sql, [period.since, period.until])
    return tuple(RunHealth(**dict(zip(names, row, strict=True))) for row in rows)


def _newest_run(connection: duckdb.DuckDBPyConnection, period: Window) -> tuple[datetime | None, str | None]:
    """Return start and rule version of the newest run before the period's end that brought data."""
    sql = """
        SELECT started_at, rule_version FROM out.run_health
        WHERE label < ? AND outcome IN ('clean', 'incomplete')
        ORDER BY started_at DESC LIMIT 1
    """
    rows = _fetch(connection, sql, [period.until])
    return (rows[0][0], rows[0][1]) if rows else (None, None)


def _drugs(connection: duckdb.DuckDBPyConnection) -> tuple[DrugName, ...]:
    sql = "SELECT drug_id, drug_name, drug_class, is_her2_targeted, rolls_up_to FROM main.drugs ORDER BY drug_id"
    return tuple(
        DrugName(drug_id=drug_id, drug_name=name, drug_class=kind, is_her2_targeted=targeted, rolls_up_to=parent)
        for drug_id, name, kind, targeted, parent in _fetch(connection, sql)
    )


def _strategies(connection: duckdb.DuckDBPyConnection) -> tuple[SearchedStrategy, ...]:
    sql = "SELECT strategy, kind, title, strategy_sha256 FROM main.strategies ORDER BY strategy"
    return tuple(
        SearchedStrategy(strategy=name, kind=kind, title=title, strategy_sha256=sha256)
        for name, kind, title, sha256 in _fetch(connection, sql)
    )


def _drug_months(connection: duckdb.DuckDBPyConnection, period: Window) -> tuple[DrugMonth, ...]:
    sql = """
        SELECT drug_id, month, n_articles FROM out.drug_month
        WHERE month > ? AND month < ? ORDER BY drug_id, month
    """
    rows = _fetch(connection, sql, [period.until - timedelta(days=365), period.until])
    return tuple(DrugMonth(drug_id=drug_id, month=month, n_articles=count) for drug_id, month, count in rows)


def freeze_digest(
    connection: duckdb.DuckDBPyConnection,
    *,
    digest_id: str,
    period: Window,
    frozen_at: datetime,
    subject: str,
    content_sha256: str,
    items: Sequence[DigestItem],
) -> None:
    """
    Keep what a digest showed, in one transaction; a digest frozen before under this id is replaced.

    Args:
        frozen_at: UTC, without a zone.
    """
    connection.execute("BEGIN")
    try:
        connection.execute("DELETE FROM main.digests WHERE digest_id = ?", [digest_id])
        connection.execute("DELETE FROM main.digest_items WHERE digest_id = ?", [digest_id])
        connection.execute(
            "INSERT INTO main.digests (digest_id, period_start, period_end, frozen_at, subject, content_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [digest_id, period.since, period.until, frozen_at, subject, content_sha256],
        )
        if items:
            connection.executemany(
                "INSERT INTO main.digest_items (digest_id, position, section, event_id, pmid, drug_id)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [[digest_id, i.position, i.section, i.event_id, i.pmid, i.drug_id] for i in items],
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
