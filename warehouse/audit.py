"""Audits: questions whose answer must be no rows; a snapshot is published only when all of them are clean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from her2lit.errors import AuditRefused
from warehouse.migrate import read_folder, sql_folder

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
    """Run every file of warehouse/audits on *connection* and return what each found, by name."""
    return tuple(_run(connection, file.name, file.text) for file in read_folder(sql_folder("audits"), "audits"))


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
        + "\nRun the query of warehouse/audits/<name>.sql on the warehouse to see every row."
    )
