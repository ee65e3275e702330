"""Dimension tables: what the topic says now about drugs and strategies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import duckdb

from warehouse.arrow import insert_rows


class DrugLike(Protocol):
    """What the dimension table ``drugs`` needs to know of a drug; topic.Drug has it."""

    @property
    def drug_id(self) -> str:
        """Return the column of the same meaning."""

    @property
    def name(self) -> str:
        """Return the column of the same meaning."""

    @property
    def drug_class(self) -> str:
        """Return the column of the same meaning."""

    @property
    def is_her2_targeted(self) -> bool:
        """Return the column of the same meaning."""

    @property
    def rolls_up_to(self) -> str | None:
        """Return the column of the same meaning."""


class StrategyLike(Protocol):
    """What the dimension table ``strategies`` needs to know of a strategy; topic.Strategy has it."""

    @property
    def name(self) -> str:
        """Return the column of the same meaning."""

    @property
    def kind(self) -> str:
        """Return the column of the same meaning."""

    @property
    def title(self) -> str:
        """Return the column of the same meaning."""

    @property
    def text(self) -> str:
        """Return the column of the same meaning."""

    @property
    def sha256(self) -> str:
        """Return the column of the same meaning."""


def load_drugs(connection: duckdb.DuckDBPyConnection, drugs: Iterable[DrugLike]) -> None:
    """Make the table ``drugs`` say what the topic says; untouched when it already does."""
    rows = [(d.drug_id, d.name, d.drug_class, d.is_her2_targeted, d.rolls_up_to) for d in drugs]
    _replace_dimension(
        connection, "drugs", ("drug_id", "drug_name", "drug_class", "is_her2_targeted", "rolls_up_to"), rows
    )


def load_strategies(connection: duckdb.DuckDBPyConnection, strategies: Iterable[StrategyLike]) -> None:
    """Make the table ``strategies`` say what the topic says; untouched when it already does."""
    rows = [(s.name, s.kind, s.title, s.text, s.sha256) for s in strategies]
    _replace_dimension(connection, "strategies", ("strategy", "kind", "title", "term", "strategy_sha256"), rows)


def _replace_dimension(
    connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> None:
    names = ", ".join(columns)
    held = connection.execute(f"SELECT {names} FROM main.{table}").fetchall()
    if sorted(held, key=repr) == sorted(rows, key=repr):
        return
    connection.execute("BEGIN")
    try:
        connection.execute(f"DELETE FROM main.{table}")
        insert_rows(connection, table, columns, rows)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
