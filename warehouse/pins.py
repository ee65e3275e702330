"""How PubMed read each strategy when that was last looked at: pinned at first sight, or approved by a person."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from her2lit.records import NightLoad, Pin
from warehouse.arrow import insert_rows, one_row, utc

#: Which reading is pinned: strategy, arm, SHA-256 of the strategy's text.
PinKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How PubMed read a strategy on one arm when it was last asked."""

    arm: str
    strategy_sha256: str
    #: As PubMed sent it, window included
    query_translation: str
    count: int
    #: "clean", "held" or "failed"
    outcome: str
    #: Why it was held or failed; None when clean
    reason: str | None


_COLUMNS = (
    "strategy", "arm", "strategy_sha256", "translation", "count", "pinned_at", "is_approved", "run_id",
)  # fmt: skip


def read_pins(connection: duckdb.DuckDBPyConnection) -> dict[PinKey, str]:
    """Return the translation that holds for each strategy, arm and text: the one pinned last."""
    rows = connection.execute(
        "SELECT strategy, arm, strategy_sha256, arg_max(translation, (pinned_at, is_approved))"
        " FROM main.strategy_pins GROUP BY ALL"
    ).fetchall()
    return {(strategy, arm, sha256): translation for strategy, arm, sha256, translation in rows}


def read_last_count(connection: duckdb.DuckDBPyConnection, strategy: str, strategy_sha256: str) -> int | None:
    """Return the count of the whole strategy that was last believed: of a clean search, or approved since."""
    row = one_row(
        connection,
        """
        SELECT arg_max(count, believed_at) FROM (
            SELECT count, started_at AS believed_at FROM main.search_runs
            WHERE strategy = $name AND strategy_sha256 = $sha AND arm = 'whole' AND outcome = 'clean'
            UNION ALL
            SELECT count, pinned_at FROM main.strategy_pins
            WHERE strategy = $name AND strategy_sha256 = $sha AND arm = 'whole' AND is_approved
        ) AS believed
        """,
        {"name": strategy, "sha": strategy_sha256},
    )
    return None if row is None or row[0] is None else int(row[0])


def read_readings(connection: duckdb.DuckDBPyConnection, strategy: str) -> tuple[Reading, ...]:
    """Return how PubMed read the text of *strategy* that is in use, on each arm, when it was last asked."""
    rows = connection.execute(
        "SELECT arm, strategy_sha256, query_translation, count, outcome, reason FROM out.strategy_readings"
        " WHERE strategy = $name AND (is_current_text OR strategy_title IS NULL) ORDER BY arm",
        {"name": strategy},
    ).fetchall()
    return tuple(
        Reading(
            arm=arm,
            strategy_sha256=sha256,
            query_translation=translation,
            count=count,
            outcome=outcome,
            reason=reason,
        )
        for arm, sha256, translation, count, outcome, reason in rows
    )


def record_pins(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> None:
    """Pin what *night* approved, and its first readings where nothing is pinned yet; no transaction of its own."""
    held = set(read_pins(connection))
    rows = []
    for pin in night.pins:
        key = (pin.strategy, pin.arm, pin.strategy_sha256)
        if (key in held and not pin.is_approved) or _is_recorded(connection, pin, night.run_id):
            continue
        held.add(key)
        rows.append((*key, pin.translation, pin.count, utc(night.started_at), pin.is_approved, night.run_id))
    insert_rows(connection, "strategy_pins", _COLUMNS, rows)


def _is_recorded(connection: duckdb.DuckDBPyConnection, pin: Pin, run_id: str) -> bool:
    """Return whether *run_id* has pinned this already: a load repeated changes nothing."""
    found = one_row(
        connection,
        "SELECT 1 FROM main.strategy_pins WHERE run_id = ? AND strategy = ? AND arm = ?",
        [run_id, pin.strategy, pin.arm],
    )
    return found is not None
