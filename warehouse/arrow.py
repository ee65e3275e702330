"""Rows into DuckDB through Arrow: a whole table at once, typed by the table it goes into, never row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "DOUBLE": pa.float64(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT[]": pa.list_(pa.int64()),
    "MAP(VARCHAR, VARCHAR)": pa.map_(pa.string(), pa.string()),
    "MAP(VARCHAR, INTEGER)": pa.map_(pa.string(), pa.int32()),
}


def utc(instant: datetime) -> datetime:
    """Return *instant* as the warehouse stores it: UTC, without a zone (one without a zone is UTC already)."""
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


def one_row(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> tuple[Any, ...] | None:
    """
    Return the only row of *sql*, or None.

    Fetches all of it: DuckDB 2.0 refuses other work on a connection whose result was not read to its end.
    """
    given = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
    rows = connection.execute(sql, given).fetchall()
    return rows[0] if rows else None


def column_types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return column -> DuckDB type of *table* in schema main, in order."""
    # duckdb_columns() would bind every view first: twenty times slower, and this is asked for every table of a load.
    rows = connection.execute(f'DESCRIBE main."{table}"').fetchall()
    return {name: data_type for name, data_type, *_ in rows}


def arrow_table(columns: Sequence[str], types: dict[str, str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return *rows* as an Arrow table whose *columns* have the Arrow types that *types* (DuckDB's) ask for."""
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(list(held), type=_TYPES[types[name]]) for name, held in zip(columns, values, strict=True)]
    return pa.table(arrays, names=list(columns))


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> Iterator[None]:
    """Let SQL read *table* as *name* inside the block."""
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Append *rows* to *table*; columns not named are NULL."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    with registered(connection, "new_rows", arrow_table(columns, column_types(connection, table), rows)):
        connection.execute(f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM new_rows')


def insert_missing(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    keys: Sequence[str],
) -> None:
    """Append those of *rows* whose *keys* no row of *table* has yet (NULL equals NULL)."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    same = " AND ".join(f'held."{key}" IS NOT DISTINCT FROM new_rows."{key}"' for key in keys)
    with registered(connection, "new_rows", arrow_table(columns, column_types(connection, table), rows)):
        connection.execute(
            f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM new_rows'
            f' WHERE NOT EXISTS (SELECT 1 FROM main."{table}" AS held WHERE {same})'
        )
