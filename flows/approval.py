"""Approve how PubMed reads a strategy now: pinned by a person, journaled like any run. Plain functions, no Prefect."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC

from flows.lock import writer_lock
from her2lit import __version__
from her2lit.clock import Clock, night_label
from her2lit.errors import UsageError
from her2lit.home import Home
from her2lit.journal import confirm_journal, settle_journals, write_journal
from her2lit.pubmed.drift import describe_drift, standing_translation
from her2lit.records import NightLoad, Pin
from her2lit.topic.topic import load_topic
from warehouse import ledger
from warehouse.connection import open_writer
from warehouse.load import load_night
from warehouse.pins import Reading, read_last_count, read_pins, read_readings


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
    """
    with ExitStack() as stack:
        stack.enter_context(writer_lock(home))
        if not home.warehouse.exists():
            raise UsageError(f"{home.root} has had no night yet: there is no reading to approve.")
        connection = stack.enter_context(open_writer(home.warehouse))
        readings = read_readings(connection, strategy)
        if not readings:
            known = ", ".join(s.name for s in load_topic().strategies)
            raise UsageError(f"PubMed has not been asked for a strategy {strategy!r} yet. There are: {known}.")
        pinned = read_pins(connection)
        changes = tuple(
            change
            for reading in readings
            if (
                change := _change(
                    strategy, reading, pinned, read_last_count(connection, strategy, reading.strategy_sha256)
                )
            )
        )
        if is_dry_run or not changes:
            return changes
        settle_journals(home.journal, ledger.read_loaded_runs(connection))
        started_at = clock.now().astimezone(UTC).replace(tzinfo=None)
        label = night_label(clock.now())
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
        return changes


def _change(
    strategy: str, reading: Reading, pinned: dict[tuple[str, str, str], str], last_count: int | None
) -> Change | None:
    """Return what approving *reading* would change; None when it is what is pinned, or cannot be approved."""
    translation = standing_translation(reading.query_translation)
    if translation is None:
        return None
    drift = describe_drift(pinned.get((strategy, reading.arm, reading.strategy_sha256)), translation)
    is_held = reading.arm == "whole" and reading.outcome == "held" and reading.count > 0
    if drift is None and not is_held:
        return None
    count = f"a count of {reading.count:,} instead of {last_count:,}" if is_held and last_count is not None else None
    pin = Pin(
        strategy=strategy,
        arm=reading.arm,
        strategy_sha256=reading.strategy_sha256,
        translation=translation,
        count=reading.count,
        is_approved=True,
    )
    return Change(pin=pin, what=f"[{reading.arm}] " + "; ".join(filter(None, (drift, count))))
