"""Ask a database a question: read-only, locked down, and within a time limit."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from her2lit.errors import WarehouseError
from warehouse.connection import open_snapshot

#: Most rows that are handed back; a question that brings more is answered in part, and says so.
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """The answer to one question."""

    columns: tuple[str, ...]
    #: DuckDB type of each column
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    #: More rows than ``max_rows``: the rest was not fetched
    is_cut: bool = False


def run_query(
    database: Path,
    sql: str,
    *,
    timeout_s: float,
    parameters: tuple[Any, ...] = (),
    max_rows: int = MAX_ROWS,
) -> QueryResult:
    """
    Run one *sql* statement on the published file *database* and return all its rows.

    Nothing can be written, no other file or address can be reached, and the query stops after *timeout_s*.

    Raises:
        WarehouseError: The file is missing or unreadable, the SQL is wrong or not one statement,
            or it took longer than *timeout_s*.
    """
    connection = open_snapshot(database)
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        connection.interrupt()

    timer = threading.Timer(timeout_s, stop)
    timer.daemon = True
    try:
        _require_one_statement(connection, sql)
        timer.start()
        answer = connection.execute(sql, list(parameters))
        described = answer.description or []
        rows = answer.fetchmany(max_rows + 1)
    except duckdb.InterruptException as error:
        if not timed_out.is_set():
            raise
        raise WarehouseError(
            f"The query took longer than {timeout_s:g} s and was stopped. Narrow it, or allow more with --timeout."
        ) from error
    except duckdb.Error as error:
        raise WarehouseError(f"DuckDB did not accept the query: {error}") from error
    finally:
        timer.cancel()
        connection.close()
    return QueryResult(
        columns=tuple(column[0] for column in described),
        types=tuple(str(column[1]) for column in described),
        rows=tuple(rows[:max_rows]),
        is_cut=len(rows) > max_rows,
    )


def _require_one_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Several statements at once would hide the answers of all but the last."""
    n_statements = len(connection.extract_statements(sql))
    if n_statements != 1:
        raise WarehouseError(
            f"Give one SQL statement, not {n_statements}." + (" Is the quoting right?" if n_statements else "")
        )
