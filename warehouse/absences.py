"""What PubMed no longer shows: absences by night, deletions that follow from them, matches that were lost."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

import duckdb

from her2lit.records import NightLoad
from warehouse.arrow import arrow_table, insert_missing, insert_rows, registered, utc

#: A deletion is believed after absence on so many nights …
NIGHTS_TO_CONFIRM = 2
#: … on each of which all of these had no such record.
UTILITIES_TO_CONFIRM = ("efetch", "esummary")


def read_absent_pmids(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Return the held PMIDs that stay away since an earlier night and are not confirmed as deleted yet, ascending."""
    rows = connection.execute(
        "SELECT DISTINCT a.pmid FROM main.absences AS a SEMI JOIN main.article_versions AS v"
        " ON a.pmid = v.pmid AND v.seen_to IS NULL WHERE a.returned_at IS NULL ORDER BY a.pmid"
    ).fetchall()
    return tuple(pmid for (pmid,) in rows)


def read_deleted_pmids(connection: duckdb.DuckDBPyConnection) -> frozenset[int]:
    """Return every PMID that was held once and is not any more."""
    rows = connection.execute(
        "SELECT pmid FROM main.article_versions GROUP BY pmid HAVING count(*) FILTER (WHERE seen_to IS NULL) = 0"
    ).fetchall()
    return frozenset(pmid for (pmid,) in rows)


def record_absences(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> frozenset[int]:
    """
    Store the night's absences and end those whose record came back; no transaction of its own.

    Returns:
        PMIDs whose deletion is confirmed now.
    """
    _end_absences(connection, night)
    insert_missing(
        connection,
        "absences",
        ("pmid", "label", "utilities", "noted_at", "run_id"),
        [(a.pmid, night.label, list(a.utilities), utc(night.started_at), night.run_id) for a in night.absences],
        keys=("pmid", "label"),
    )
    if not night.absences:
        return frozenset()
    with _asked(connection, (absence.pmid for absence in night.absences)):
        rows = connection.execute(
            "SELECT a.pmid FROM main.absences AS a SEMI JOIN asked ON a.pmid = asked.pmid"
            " WHERE a.returned_at IS NULL AND list_has_all(a.utilities, ?)"
            " GROUP BY a.pmid HAVING count(DISTINCT a.label) >= ?",
            [list(UTILITIES_TO_CONFIRM), NIGHTS_TO_CONFIRM],
        ).fetchall()
    return frozenset(pmid for (pmid,) in rows)


def _end_absences(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> None:
    received = {parsed.article.pmid for parsed in night.articles}
    if not received:
        return
    with _asked(connection, received):
        connection.execute(
            "UPDATE main.absences SET returned_at = ? FROM asked"
            " WHERE absences.pmid = asked.pmid AND absences.returned_at IS NULL",
            [utc(night.started_at)],
        )


def record_comparison(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> None:
    """Store which held records the strategy stopped matching, and how the sentinels fared; no own transaction."""
    _record_lost_matches(connection, night)
    if night.sentinels:
        connection.execute("DELETE FROM main.sentinel_checks WHERE label = ?", [night.label])
        insert_rows(
            connection,
            "sentinel_checks",
            ("label", "pmid", "trial", "is_in_pubmed", "is_matched", "run_id"),
            [(night.label, s.pmid, s.trial, s.is_in_pubmed, s.is_matched, night.run_id) for s in night.sentinels],
        )


def _record_lost_matches(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> None:
    if night.unmatched is None:
        return
    at = utc(night.started_at)
    with _asked(connection, night.unmatched):
        connection.execute(
            "UPDATE main.lost_matches SET regained_at = ? WHERE regained_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM asked WHERE asked.pmid = lost_matches.pmid)",
            [at],
        )
        connection.execute(
            "INSERT INTO main.lost_matches (pmid, lost_at, run_id) SELECT asked.pmid, ?, ? FROM asked"
            " WHERE NOT EXISTS (SELECT 1 FROM main.lost_matches AS l WHERE l.pmid = asked.pmid AND l.regained_at IS NULL)",
            [at, night.run_id],
        )


def _asked(connection: duckdb.DuckDBPyConnection, pmids: Iterable[int]) -> AbstractContextManager[None]:
    return registered(
        connection, "asked", arrow_table(("pmid",), {"pmid": "BIGINT"}, [(p,) for p in sorted(set(pmids))])
    )
