"""Approve how PubMed reads a strategy now: pinned by a person, journaled like any run. Plain functions, no Prefect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from flows.desk import check_disk
from flows.lock import writer_lock
from her2lit import __version__
from her2lit.clock import Clock, night_label
from her2lit.errors import UsageError
from her2lit.home import Home
from her2lit.journal import confirm_journal, settle_journals, write_journal
from her2lit.pubmed.drift import describe_drift, has_dropped, standing_translation
from her2lit.pubmed.whole import is_held_for_falling
from her2lit.records import NightLoad, Pin
from her2lit.topic.topic import load_topic
from warehouse import ledger
from warehouse.connection import open_writer, translated
from warehouse.load import load_night
from warehouse.pins import Reading, read_last_count, read_pins, read_readings

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One reading that an approval pins anew."""

    pin: Pin
    #: What changes, in words
    what: str


def approve(home: Home, clock: Clock, strategy: str, *, is_dry_run: bool) -> tuple[Change, ...]:
    """
    Pin the last reading of *strategy* on every arm where it differs from the pinned one, and a count that was held.

    Returns:
        What was pinned, or would be; empty when nothing differs.

    Raises:
        UsageError: There is no such strategy, or PubMed has not been asked for it yet.
        WarehouseLocked: A run is at work.
        DiskTooFull: Less free space than a run may need; nothing was approved.
        WarehouseError: The warehouse cannot be read or written; the message says what to do.
    """
    if not home.warehouse.exists():
        raise UsageError(f"{home.root} has had no night yet: there is no reading to approve.")
    check_disk(home)
    with translated(home.warehouse), writer_lock(home), open_writer(home.warehouse) as connection:
        changes = _changes(connection, strategy)
        if changes and not is_dry_run:
            settle_journals(home.journal, ledger.read_loaded_runs(connection))
            _load(connection, home, clock, strategy, changes)
        return changes


def _changes(connection: duckdb.DuckDBPyConnection, strategy: str) -> tuple[Change, ...]:
    readings = read_readings(connection, strategy)
    if not readings:
        known = ", ".join(s.name for s in load_topic().strategies)
        raise UsageError(f"PubMed has not been asked for a strategy {strategy!r} yet. There are: {known}.")
    pinned = read_pins(connection)
    changes = (
        _change(strategy, reading, pinned, read_last_count(connection, strategy, reading.strategy_sha256))
        for reading in readings
    )
    return tuple(change for change in changes if change is not None)


def _load(
    connection: duckdb.DuckDBPyConnection, home: Home, clock: Clock, strategy: str, changes: tuple[Change, ...]
) -> None:
    """Load the pins as a run of their own, so that a replay approves them again."""
    started_at, label = clock.now().astimezone(UTC).replace(tzinfo=None), night_label(clock.now())
    run_id = ledger.start_run(
        connection,
        kind="approval",
        label=label,
        started_at=started_at,
        her2lit_version=__version__,
        rule_version=load_topic().version,
    )
    night = NightLoad(
        run_id=run_id,
        label=label,
        started_at=started_at,
        is_history=False,
        articles=(),
        annotations=(),
        rejects=(),
        search_runs=(),
        search_hits=(),
        watermarks=(),
        pins=tuple(change.pin for change in changes),
    )
    journal = write_journal(home.journal, night)
    report = load_night(connection, night)
    confirm_journal(journal)
    ledger.finish_run(
        connection,
        run_id,
        outcome="clean",
        finished_at=started_at,
        message=f"approved how PubMed reads {strategy}",
        report=report,
        n_requests=0,
    )


def _change(
    strategy: str, reading: Reading, pinned: dict[tuple[str, str, str], str], last_count: int | None
) -> Change | None:
    """
    Return what approving *reading* would change; None when it is what is pinned, or cannot be approved.

    A search that was held or failed was read wrongly: pinned, it would pass for right ever after. Only a
    whole count that was held because it fell is for a person to believe.
    """
    has_fallen = (
        reading.arm == "whole"
        and is_held_for_falling(reading.outcome, reading.reason)
        and has_dropped(last_count, reading.count)
        and reading.count > 0
    )
    translation = standing_translation(reading.query_translation)
    if translation is None or not (reading.outcome == "clean" or has_fallen):
        return None
    drift = describe_drift(pinned.get((strategy, reading.arm, reading.strategy_sha256)), translation)
    if drift is None and not has_fallen:
        return None
    count = f"a count of {reading.count:,} instead of {last_count:,}" if has_fallen else None
    pin = Pin(
        strategy=strategy,
        arm=reading.arm,
        strategy_sha256=reading.strategy_sha256,
        translation=translation,
        count=reading.count,
        is_approved=True,
    )
    return Change(pin=pin, what=f"[{reading.arm}] " + "; ".join(filter(None, (drift, count))))
