"""Dimension tables: what the topic says now about drugs, strategies and landmark trials; of drugs, also what it said before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import duckdb

from warehouse.arrow import insert_rows, utc
from warehouse.transaction import transaction

#: What holds from the start has held since then: before any night.
EVER = datetime(1970, 1, 1)  # noqa: DTZ001 - timestamps of the warehouse are UTC without a zone


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


class ReportLike(Protocol):
    """What ``trial_reports`` needs to know of a landmark paper; topic.Report has it."""

    @property
    def pmid(self) -> int:
        """Return the column of the same meaning."""

    @property
    def title(self) -> str:
        """Return the column of the same meaning."""

    @property
    def journal(self) -> str:
        """Return the column of the same meaning."""

    @property
    def year(self) -> int:
        """Return the column of the same meaning."""


class TrialLike(Protocol):
    """What ``trials`` needs to know of a landmark trial; topic.Trial has it."""

    @property
    def name(self) -> str:
        """Return the column of the same meaning."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column of the same meaning."""

    @property
    def is_randomised(self) -> bool:
        """Return the column of the same meaning."""

    @property
    def phase(self) -> str | None:
        """Return the column of the same meaning."""

    @property
    def nct(self) -> str | None:
        """Return the column of the same meaning."""

    @property
    def drugs(self) -> tuple[str, ...]:
        """Return the column of the same meaning."""

    @property
    def reports(self) -> Sequence[ReportLike]:
        """Return the papers of the trial."""


_DRUG_COLUMNS = ("drug_id", "drug_name", "drug_class", "is_her2_targeted", "rolls_up_to")


def load_drugs(connection: duckdb.DuckDBPyConnection, drugs: Iterable[DrugLike], *, seen_at: datetime = EVER) -> None:
    """
    Make the table ``drugs`` say what the topic says, and ``drug_versions`` since when; untouched when they already do.

    An old digest is read with the names and classes it was written with, so what the topic said before is kept.

    Args:
        seen_at: Start (UTC) of the run that has it from the topic; by default it has always been so.
    """
    rows = [(d.drug_id, d.name, d.drug_class, d.is_her2_targeted, d.rolls_up_to) for d in drugs]
    with transaction(connection):
        if not _replace_rows(connection, "drugs", _DRUG_COLUMNS, rows):
            return
        same = " AND ".join(f"v.{name} IS NOT DISTINCT FROM d.{name}" for name in _DRUG_COLUMNS)
        connection.execute(
            "UPDATE main.drug_versions AS v SET seen_to = ?"
            f" WHERE v.seen_to IS NULL AND NOT EXISTS (SELECT 1 FROM main.drugs AS d WHERE {same})",
            [utc(seen_at)],
        )
        names = ", ".join(f"d.{name}" for name in _DRUG_COLUMNS)
        connection.execute(
            f"INSERT INTO main.drug_versions SELECT {names}, ?, NULL FROM main.drugs AS d"
            f" WHERE NOT EXISTS (SELECT 1 FROM main.drug_versions AS v WHERE v.seen_to IS NULL AND {same})"
            " ORDER BY d.drug_id",
            [utc(seen_at)],
        )


def load_strategies(connection: duckdb.DuckDBPyConnection, strategies: Iterable[StrategyLike]) -> None:
    """Make the table ``strategies`` say what the topic says; untouched when it already does."""
    rows = [(s.name, s.kind, s.title, s.text, s.sha256) for s in strategies]
    with transaction(connection):
        _replace_rows(connection, "strategies", ("strategy", "kind", "title", "term", "strategy_sha256"), rows)


def load_trials(connection: duckdb.DuckDBPyConnection, trials: Iterable[TrialLike]) -> None:
    """Make ``trials`` and ``trial_reports`` say what the topic says; untouched when they already do."""
    trials = tuple(trials)
    rows = [(t.name, list(t.names), t.is_randomised, t.phase, t.nct, list(t.drugs)) for t in trials]
    reports = [(r.pmid, t.name, r.title, r.journal, r.year) for t in trials for r in t.reports]
    with transaction(connection):
        _replace_rows(connection, "trials", ("trial", "names", "is_randomised", "phase", "nct", "drug_ids"), rows)
        _replace_rows(connection, "trial_reports", ("pmid", "trial", "title", "journal", "year"), reports)


def _replace_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> bool:
    """Make *table* hold exactly *rows*; return False when it did already."""
    names = ", ".join(columns)
    held = connection.execute(f"SELECT {names} FROM main.{table}").fetchall()
    if sorted(held, key=repr) == sorted(rows, key=repr):
        return False
    connection.execute(f"DELETE FROM main.{table}")
    insert_rows(connection, table, columns, rows)
    return True
