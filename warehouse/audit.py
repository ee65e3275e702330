"""
Audits: questions whose answer must be no rows; a snapshot is published only when all of them are clean.

Most are files of warehouse/audits. What holds for every child table (its key, and that its parent is
there) is built here from the list of those tables, so that a new one is held to it from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from her2lit.errors import AuditRefused
from warehouse.migrate import read_folder, sql_folder
from warehouse.rows import ANNOTATION_TABLES, ARTICLE_TABLES

#: Rows of a failed audit that are kept to be shown.
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """One audit and the rows it found, which should be none."""

    name: str
    #: Its first comment line: the rule it holds
    rule: str
    n_rows: int
    #: The first few, with the names of their columns
    columns: tuple[str, ...] = ()
    examples: tuple[tuple[Any, ...], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was found."""
        return self.n_rows == 0


def run_audits(connection: duckdb.DuckDBPyConnection) -> tuple[AuditResult, ...]:
    """Run every audit on *connection* and return what each found: the files of warehouse/audits, then the child tables."""
    files = [(file.name, file.text) for file in read_folder(sql_folder("audits"), "audits")]
    return tuple(_run(connection, name, sql) for name, sql in (*files, *table_audits()))


def table_audits() -> Iterator[tuple[str, str]]:
    """Yield (name, query) of the audits of every child table: its rows have one parent, and a key within it."""
    for of_article in ARTICLE_TABLES:
        key = ("version_id", *of_article.key)
        yield from _child_audits(of_article.name, "article_versions", ("version_id", "pmid"), key)
    for of_annotation in ANNOTATION_TABLES:
        key = ("annotation_id", *of_annotation.key)
        parent_key = ("annotation_id", "version_id", "pmid")
        yield from _child_audits(of_annotation.name, "article_evidence", parent_key, key)


def _child_audits(
    table: str, parent: str, parent_key: tuple[str, ...], key: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    columns, same = ", ".join(key), " AND ".join(f"c.{name} = p.{name}" for name in parent_key)
    rule = f"-- ({columns}) is the key of {table}."
    sql = f"SELECT {columns}, count(*) AS n_rows FROM main.{table} GROUP BY {columns} HAVING count(*) > 1"
    yield f"{table}_has_key", f"{rule}\n{sql}"
    rule = f"-- Every row of {table} belongs to a row of {parent}, under the same PMID."
    named = ", ".join(f"c.{name}" for name in parent_key)
    sql = f"SELECT DISTINCT {named} FROM main.{table} AS c ANTI JOIN main.{parent} AS p ON {same}"
    yield f"{table}_has_parent", f"{rule}\n{sql}"


def _run(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> AuditResult:
    found = connection.execute(sql)
    columns = tuple(column[0] for column in found.description or ())
    rows = found.fetchall()
    rule = sql.splitlines()[0].removeprefix("--").strip()
    return AuditResult(name=name, rule=rule, n_rows=len(rows), columns=columns, examples=tuple(rows[:SHOWN_ROWS]))


def require_clean(results: Iterable[AuditResult]) -> None:
    """
    Return when every audit is clean.

    Raises:
        AuditRefused: Names each audit that found rows, its rule, and the first of them.
    """
    failed = [result for result in results if not result.is_clean]
    if not failed:
        return
    lines = [
        f"  {r.name} ({r.n_rows} rows): {r.rule}\n    e.g. {dict(zip(r.columns, r.examples[0], strict=True))}"
        for r in failed
    ]
    raise AuditRefused(
        f"{len(failed)} audit(s) failed, so nothing was published and the old snapshot stays:\n"
        + "\n".join(lines)
        + "\nRun the audit's query on the warehouse to see every row: warehouse/audits/<name>.sql, or for a child table"
        " what warehouse/audit.py builds."
    )
