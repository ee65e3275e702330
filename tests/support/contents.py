"""What a warehouse says, apart from the ledger of who asked and when."""

from __future__ import annotations

from pathlib import Path

import duckdb

#: Tables of the ledger: allowed to differ between two runs of one night.
LEDGER = {"runs", "search_runs", "search_hits", "watermarks", "fetch_batches", "rejects", "drug_versions"}
#: Which attempt saw a thing first: a night that was killed and started again is attempt 2.
ATTEMPT = {"run_id", "first_run_id", "seen_run_id"}


def contents(path: Path) -> dict[str, list[tuple]]:
    """Return every row outside the ledger, by table, in a fixed order, without the number of the attempt."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY table_name"
        ).fetchall()
        return {name: _rows(connection, name) for (name,) in tables if name not in LEDGER}


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple]:
    columns = [
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
        if name not in ATTEMPT
    ]
    quoted = ", ".join(f'"{name}"' for name in columns)
    # Names come from DuckDB's own catalogue, not from outside.
    return connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY ALL').fetchall()
