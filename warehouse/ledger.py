"""The ledger: which runs there were, how they ended, and how far each search has come."""

from __future__ import annotations

from datetime import date, datetime

import duckdb

from her2lit.records import LoadReport, NightLoad
from warehouse.arrow import arrow_table, insert_missing, one_row, registered, utc
from warehouse.events import RETRACTED_TYPE

OUTCOMES = ("clean", "incomplete", "failed")


def start_run(
    connection: duckdb.DuckDBPyConnection,
    *,
    kind: str,
    label: date,
    started_at: datetime,
    her2lit_version: str,
    rule_version: str,
    attempt: int | None = None,
) -> str:
    """
    Note that a run starts and return its run_id, e.g. "2021-06-07.1".

    A run still noted as running was killed, since there is one writer: it becomes "interrupted".

    Args:
        started_at: UTC, without a zone.
        attempt: Number of the attempt at *label*, when a run is replayed; by default the next one.
    """
    connection.execute("UPDATE main.runs SET outcome = 'interrupted' WHERE outcome = 'running'")
    if attempt is None:
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


def note_pubmed(connection: duckdb.DuckDBPyConnection, run_id: str, *, build: str | None, updated: str | None) -> None:
    """Note which PubMed answers *run_id*: DbBuild and LastUpdate of EInfo, as printed."""
    connection.execute(
        "UPDATE main.runs SET pubmed_build = ?, pubmed_updated = ? WHERE run_id = ?", [build, updated, run_id]
    )


def read_fetched_pmids(
    connection: duckdb.DuckDBPyConnection, *, kind: str, label: date, rule_version: str
) -> frozenset[int]:
    """
    Return the PMIDs that earlier clean runs of the night *label*, of the same kind and rules, fetched and hold.

    Not those that came unreadable or not at all: they are worth asking for again.
    """
    rows = connection.execute(
        """
        WITH tonight AS (
            SELECT run_id FROM main.runs WHERE kind = ? AND label = ? AND rule_version = ? AND outcome = 'clean'
        )
        SELECT unnest(fetch_batches.pmids) AS pmid FROM main.fetch_batches INNER JOIN tonight USING (run_id)
        INTERSECT
        SELECT pmid FROM main.article_versions WHERE seen_to IS NULL
        EXCEPT
        SELECT rejects.pmid FROM main.rejects INNER JOIN tonight USING (run_id)
        """,
        [kind, label, rule_version],
    ).fetchall()
    return frozenset(pmid for (pmid,) in rows)


def read_watermarks(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], date]:
    """Return (strategy, arm) -> first day not yet searched without a gap."""
    rows = connection.execute("SELECT strategy, arm, watermark FROM main.watermarks").fetchall()
    return {(strategy, arm): watermark for strategy, arm, watermark in rows}


def read_unfinished(connection: duckdb.DuckDBPyConnection, strategy: str) -> dict[str, date]:
    """Return arm -> first day that nights asked for since its watermark moved, or ever: those did not get everything."""
    rows = connection.execute(
        """
        SELECT s.arm, min(s.window_since)
        FROM main.search_runs AS s
        INNER JOIN main.runs AS r ON s.run_id = r.run_id
        LEFT JOIN main.watermarks AS w ON s.strategy = w.strategy AND s.arm = w.arm
        LEFT JOIN main.runs AS m ON w.run_id = m.run_id
        WHERE s.strategy = ? AND s.arm IN ('crdt', 'lr', 'mhda')
            AND (w.run_id IS NULL OR (r.label, r.attempt) > (m.label, m.attempt))
        GROUP BY s.arm
        """,
        [strategy],
    ).fetchall()
    return dict(rows)


def is_first_run(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether no night has ever ended clean: what is new now is history."""
    found = one_row(
        connection, "SELECT 1 FROM main.runs WHERE outcome = 'clean' AND kind NOT IN ('reconcile', 'approval') LIMIT 1"
    )
    return found is None


def read_covered_since(connection: duckdb.DuckDBPyConnection, strategy: str) -> date | None:
    """Return the first created date that *strategy* was ever searched for; None before the first clean search."""
    row = one_row(
        connection,
        "SELECT min(window_since) FROM main.search_runs"
        " WHERE strategy = ? AND arm IN ('crdt', 'covered') AND outcome = 'clean'",
        [strategy],
    )
    return row[0] if row else None


def read_settled_since(connection: duckdb.DuckDBPyConnection, strategy: str) -> date | None:
    """
    Return the first created date that *strategy* was searched for by a run that ended clean; None without one.

    What was created before came in, if at all, with a run that missed something: the rest of it is
    no news either.
    """
    row = one_row(
        connection,
        "SELECT min(s.window_since) FROM main.search_runs AS s INNER JOIN main.runs AS r ON s.run_id = r.run_id"
        " WHERE s.strategy = ? AND s.arm IN ('crdt', 'covered') AND r.outcome = 'clean'",
        [strategy],
    )
    return row[0] if row else None


def is_text_new(connection: duckdb.DuckDBPyConnection, strategy: str, strategy_sha256: str) -> bool:
    """
    Return whether earlier days were searched with another text of *strategy* and never compared with this one.

    A comparison counts once its run ended clean: until then some of what the new text matches is still to come.
    """
    row = one_row(
        connection,
        "SELECT count(*) FILTER (WHERE s.arm = 'crdt' AND s.strategy_sha256 <> $sha) > 0"
        " AND count(*) FILTER (WHERE s.arm = 'covered' AND s.strategy_sha256 = $sha AND r.outcome = 'clean') = 0"
        " FROM main.search_runs AS s INNER JOIN main.runs AS r ON s.run_id = r.run_id"
        " WHERE s.strategy = $name AND s.outcome = 'clean'",
        {"name": strategy, "sha": strategy_sha256},
    )
    return bool(row and row[0])


def read_unexplained(connection: duckdb.DuckDBPyConnection, strategy: str) -> tuple[int, ...]:
    """Return the held PMIDs of *strategy* whose last reconciliation could not ask every provenance strategy, ascending."""
    rows = connection.execute(
        """
        WITH last AS (
            SELECT h.pmid, arg_max(h.run_id, (r.label, r.attempt)) AS run_id
            FROM main.search_hits AS h INNER JOIN main.runs AS r ON h.run_id = r.run_id
            WHERE h.strategy = ? AND h.arm = 'covered'
            GROUP BY h.pmid
        )
        SELECT pmid FROM last
        WHERE run_id IN (SELECT run_id FROM main.search_runs WHERE arm = 'provenance' AND outcome <> 'clean')
        INTERSECT
        SELECT pmid FROM main.article_versions WHERE seen_to IS NULL
        ORDER BY pmid
        """,
        [strategy],
    ).fetchall()
    return tuple(pmid for (pmid,) in rows)


def read_last_comparison(connection: duckdb.DuckDBPyConnection, strategy: str) -> date | None:
    """Return the label of the last run that compared the whole set of *strategy* with what is held, and was loaded."""
    row = one_row(
        connection,
        "SELECT max(r.label) FROM main.search_runs AS s INNER JOIN main.runs AS r ON s.run_id = r.run_id"
        " WHERE s.strategy = ? AND s.arm = 'outside'",
        [strategy],
    )
    return row[0] if row else None


def read_oldest_fetched(connection: duckdb.DuckDBPyConnection, n: int) -> tuple[int, ...]:
    """Return the *n* held PMIDs whose record was asked for longest ago, those first."""
    rows = connection.execute(
        """
        WITH asked AS (
            SELECT unnest(pmids) AS pmid, fetched_at FROM main.fetch_batches
        ),
        newest AS (
            SELECT pmid, max(fetched_at) AS fetched_at FROM asked GROUP BY pmid
        )
        SELECT h.pmid
        FROM (SELECT DISTINCT pmid FROM main.article_versions WHERE seen_to IS NULL) AS h
        LEFT JOIN newest AS n ON h.pmid = n.pmid
        ORDER BY n.fetched_at NULLS FIRST, h.pmid
        LIMIT ?
        """,
        [n],
    ).fetchall()
    return tuple(pmid for (pmid,) in rows)


def has_run(connection: duckdb.DuckDBPyConnection, run_id: str) -> bool:
    """Return whether *run_id* ever started here."""
    return one_row(connection, "SELECT 1 FROM main.runs WHERE run_id = ?", [run_id]) is not None


def read_loaded_runs(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the runs whose load was committed: a load stores its searches, or what a person approved."""
    rows = connection.execute(
        "SELECT run_id FROM main.search_runs UNION SELECT run_id FROM main.strategy_pins WHERE is_approved"
    ).fetchall()
    return frozenset(run_id for (run_id,) in rows)


def record_night(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> None:
    """Store the searches, hits, batches and rejects of *night* and move its watermarks; nothing twice, no own transaction."""
    run_id = night.run_id
    insert_missing(
        connection,
        "search_runs",
        ("run_id", "position", "strategy", "arm", "strategy_sha256", "term", "query_translation", "warnings", "count",
         "window_since", "window_until", "started_at", "finished_at", "outcome", "reason", "n_requests", "drift"),
        [
            (run_id, position, s.strategy, s.arm, s.strategy_sha256, s.term, s.query_translation, list(s.warnings), s.count,
             s.window.since if s.window else None, s.window.until if s.window else None,
             utc(s.started_at), utc(s.finished_at), s.outcome, s.reason, s.n_requests, s.drift)
            for position, s in enumerate(night.search_runs, start=1)
        ],
        keys=("run_id", "position"),
    )  # fmt: skip
    insert_missing(
        connection,
        "search_hits",
        ("run_id", "strategy", "arm", "pmid", "seen_at"),
        sorted({(run_id, h.strategy, h.arm, h.pmid, utc(night.started_at)) for h in night.search_hits}),
        keys=("run_id", "strategy", "arm", "pmid"),
    )
    insert_missing(
        connection,
        "fetch_batches",
        ("run_id", "batch_sha256", "fetched_at", "pmids"),
        [(run_id, b.batch_sha256, utc(b.fetched_at), list(b.pmids)) for b in night.batches],
        keys=("run_id", "batch_sha256"),
    )
    insert_missing(
        connection,
        "rejects",
        ("run_id", "position", "pmid", "byte_offset", "reason"),
        [(run_id, position, r.pmid, r.offset, r.reason) for position, r in enumerate(night.rejects, start=1)],
        keys=("run_id", "pmid", "byte_offset", "reason"),
    )
    _move_watermarks(connection, night)


def _move_watermarks(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> None:
    """Move each watermark forward; one that already stands further stays."""
    if not night.watermarks:
        return
    types = {"strategy": "VARCHAR", "arm": "VARCHAR", "watermark": "DATE"}
    with registered(connection, "moved", arrow_table(tuple(types), types, night.watermarks)):
        connection.execute(
            "DELETE FROM main.watermarks AS w USING moved AS m"
            " WHERE w.strategy = m.strategy AND w.arm = m.arm AND w.watermark <= m.watermark"
        )
        connection.execute(
            "INSERT INTO main.watermarks (strategy, arm, watermark, run_id)"
            " SELECT m.strategy, m.arm, m.watermark, ? FROM moved AS m"
            " WHERE NOT EXISTS (SELECT 1 FROM main.watermarks AS w WHERE w.strategy = m.strategy AND w.arm = m.arm)",
            [night.run_id],
        )


#: Kind of notice -> the RefTypes by which a record names one that is about itself.
NOTICE_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The publication type is no RefType, but tells the same.
    ("retraction", ("RetractionIn", "RetractedandRepublishedIn", RETRACTED_TYPE)),
    ("concern", ("ExpressionOfConcernIn",)),
    ("correction", ("ErratumIn", "CorrectedandRepublishedIn", "UpdateIn")),
)


def read_known_pmids(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Return every PMID whose record is held and not deleted, ascending."""
    rows = connection.execute("SELECT DISTINCT pmid FROM main.article_versions WHERE seen_to IS NULL ORDER BY pmid")
    return tuple(pmid for (pmid,) in rows.fetchall())


def read_noticed_pmids(connection: duckdb.DuckDBPyConnection) -> dict[str, frozenset[int]]:
    """Return, for each kind of notice, the PMIDs whose current record already names one."""
    rows = connection.execute(
        """
        SELECT DISTINCT comments_corrections.ref_type, article_versions.pmid
        FROM main.comments_corrections INNER JOIN main.article_versions USING (version_id)
        WHERE article_versions.seen_to IS NULL
        UNION
        SELECT $type, article_versions.pmid
        FROM main.publication_types INNER JOIN main.article_versions USING (version_id)
        WHERE article_versions.seen_to IS NULL
            AND (publication_types.publication_type_ui = 'D016441' OR publication_types.publication_type = $type)
        """,
        {"type": RETRACTED_TYPE},
    ).fetchall()
    return {
        kind: frozenset(pmid for ref_type, pmid in rows if ref_type in ref_types) for kind, ref_types in NOTICE_KINDS
    }
