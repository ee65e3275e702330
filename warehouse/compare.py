"""The rows of one run, by table, as digests: so that a run made again can be compared with the one that is held."""

from __future__ import annotations

import duckdb

from warehouse.arrow import column_types, one_row
from warehouse.rows import ANNOTATION_TABLES, ARTICLE_TABLES

#: Tables that say what the rules made of a record.
ANNOTATION_TABLE_NAMES = frozenset({"article_evidence", *(table.name for table in ANNOTATION_TABLES)})
#: Tables whose rows carry the run that wrote them and are never replaced by a later one.
_RUN_TABLES = (
    "article_versions", "article_evidence", "evidence_events", "search_runs", "search_hits", "fetch_batches",
    "rejects", "absences", "lost_matches", "strategy_pins",
)  # fmt: skip
#: Columns that later runs change in rows of earlier ones.
_CHANGED_LATER = frozenset({"seen_to", "superseded_at", "date_revised", "returned_at", "regained_at"})


def run_digests(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, tuple[int, str]]:
    """Return table -> (rows, digest) of what *run_id* wrote; digests compare within one version of DuckDB."""
    digests = {table: _digest(connection, table, "run_id = ?", run_id) for table in _RUN_TABLES}
    for tables, parent, key in (
        (ARTICLE_TABLES, "article_versions", "version_id"),
        (ANNOTATION_TABLES, "article_evidence", "annotation_id"),
    ):
        for table in tables:
            condition = f"{key} IN (SELECT p.{key} FROM main.{parent} AS p WHERE p.run_id = ?)"
            digests[table.name] = _digest(connection, table.name, condition, run_id)
    return digests


def rules_up_to(connection: duckdb.DuckDBPyConnection, run_id: str) -> tuple[str, ...]:
    """
    Return every version of lexicon and rules that annotated a record in *run_id* or a run before it, by name.

    Runs are in the order of label and attempt, as a replay makes them.
    """
    rows = connection.execute(
        """
        SELECT DISTINCT e.rule_version
        FROM main.article_evidence AS e
        INNER JOIN main.runs AS r ON e.run_id = r.run_id
        WHERE (r.label, r.attempt) <= (SELECT (a.label, a.attempt) FROM main.runs AS a WHERE a.run_id = ?)
        ORDER BY e.rule_version
        """,
        [run_id],
    ).fetchall()
    return tuple(rule_version for (rule_version,) in rows)


def rules_held(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return every version of lexicon and rules that annotated a record of the warehouse, by name."""
    rows = connection.execute(
        "SELECT DISTINCT rule_version FROM main.article_evidence ORDER BY rule_version"
    ).fetchall()
    return tuple(rule_version for (rule_version,) in rows)


def _digest(connection: duckdb.DuckDBPyConnection, table: str, condition: str, run_id: str) -> tuple[int, str]:
    # Names come from DuckDB's own catalogue and from this module, never from outside.
    columns = ", ".join(f'"{name}"' for name in column_types(connection, table) if name not in _CHANGED_LATER)
    row = one_row(
        connection,
        f'SELECT count(*), coalesce(sum(hash({columns})::HUGEINT), 0)::VARCHAR FROM main."{table}" WHERE {condition}',
        [run_id],
    )
    return (int(row[0]), str(row[1])) if row else (0, "0")
