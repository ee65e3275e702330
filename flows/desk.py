"""
The desk of a run: what it was told, what it has opened, and what its steps have laid down so far.

No Prefect here: the flows wrap steps as tasks. What is large stays on the desk and is handed from
step to step by name (a set id, batch hashes), because Prefect walks the parameters of its tasks.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TypeVar

import duckdb

from flows.lock import writer_lock
from her2lit import __version__
from her2lit.clock import Clock, night_label
from her2lit.errors import DiskTooFull, EutilsError, Her2litError, RunIncomplete, WarehouseLocked
from her2lit.home import Home
from her2lit.journal import settle_journals
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.client import EutilsClient
from her2lit.pubmed.drift import describe_drift, standing_translation
from her2lit.pubmed.search import next_window
from her2lit.records import (
    Absence,
    Annotation,
    FetchResult,
    LoadReport,
    ParsedArticle,
    Pin,
    SearchHit,
    SearchRun,
    Window,
)
from her2lit.settings import EutilsSettings
from her2lit.topic.topic import Topic, load_topic
from warehouse import ledger
from warehouse.connection import open_writer, translated
from warehouse.load import load_drugs, load_strategies, load_trials
from warehouse.pins import read_pins
from warehouse.publish import Publication

_LOG = logging.getLogger("her2lit.night")

#: The arms on which the harvest strategy is asked: created, revised, newly indexed.
ARMS = ("crdt", "lr", "mhda")
#: Days a run without a watermark looks back, unless told otherwise.
DEFAULT_LOOKBACK_DAYS = 30
#: A run needs room for its raw replies, a copy of the warehouse for publishing and its Parquet files.
MIN_FREE_BYTES = 300_000_000
FREE_PER_WAREHOUSE_BYTE = 3
#: Drifts that a run's message tells word for word; more are only named.
DRIFTS_IN_FULL = 2
#: How often the writer's file is tried while somebody reads it, and the seconds between two tries.
OPENING_TRIES = 6
OPENING_WAIT_S = 0.5


def utc_now(clock: Clock) -> datetime:
    """Return the clock's instant as the warehouse stores it: UTC, without a zone."""
    return clock.now().astimezone(UTC).replace(tzinfo=None)


def _quiet(_line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPlan:
    """Everything a night is told before it starts."""

    home: Home
    settings: EutilsSettings
    clock: Clock
    #: First day to look at when an arm has no watermark; what it brings is history
    since: date | None = None
    lookback_days: int = DEFAULT_LOOKBACK_DAYS
    #: Called with one line of progress at a time
    say: Callable[[str], None] = field(default=_quiet, repr=False)


class Handed:
    """
    Hands a plan to a flow without Prefect storing it.

    Prefect writes the parameters of a flow run into its database as JSON, dataclasses field by
    field: an e-mail address and a key would lie there. What has neither fields nor a __dict__ is
    recorded as "<Handed>" only.
    """

    __slots__ = ("plan",)

    def __init__(self, plan: NightPlan) -> None:
        self.plan = plan


class NightDesk:
    """
    The opened resources of one run and what its steps have laid down so far.

    A plain class on purpose: Prefect walks dataclasses among the parameters of its tasks.
    """

    def __init__(
        self, plan: NightPlan, topic: Topic, client: EutilsClient, connection: duckdb.DuckDBPyConnection, *, kind: str
    ) -> None:
        self.plan = plan
        self.kind = kind
        self.topic = topic
        self.client = client
        self.connection = connection
        self.archive = RawArchive(plan.home.raw)
        self.started_at = utc_now(plan.clock)
        self.label = night_label(plan.clock.now())
        self.is_first_run = ledger.is_first_run(connection)
        #: What an earlier nightly run of this night fetched: such a run does not ask for it again
        self.fetched_tonight = (
            ledger.read_fetched_pmids(connection, kind=kind, label=self.label, rule_version=topic.version)
            if kind == "nightly"
            else frozenset()
        )
        self.run_id = ledger.start_run(
            connection,
            kind=kind,
            label=self.label,
            started_at=self.started_at,
            her2lit_version=__version__,
            rule_version=topic.version,
        )
        self.windows: dict[str, Window] = {}
        #: True when history is asked for again that an earlier run did not get whole: what it brings is no news
        self.takes_up_history = False
        self.pmids_by_arm: dict[str, tuple[int, ...]] = {}
        self.pmid_sets: dict[str, tuple[int, ...]] = {}
        self.search_runs: list[SearchRun] = []
        self.search_hits: list[SearchHit] = []
        #: Arms whose search was not clean, or whose PMIDs could not all be fetched: their watermarks stay
        self.unclean_arms: set[str] = set()
        self.reasons: list[str] = []
        #: What an operator should know although nothing is missing: a drift, a gap that was closed, a lost sentinel
        self.notes: list[str] = []
        #: Strategy -> how PubMed's reading of it drifted
        self.drifts: dict[str, str] = {}
        #: How PubMed read each strategy when that was last looked at
        self.pinned = read_pins(connection)
        self.first_readings: list[Pin] = []
        #: True when the counts of tonight cannot be trusted: then nothing missing is taken for deleted
        self.is_index_suspect = False
        self.absences: list[Absence] = []
        self.fetched: FetchResult | None = None
        self.parsed: tuple[ParsedArticle, ...] = ()
        self.annotations: tuple[Annotation, ...] = ()
        self.load: LoadReport | None = None
        self.publication: Publication | None = None
        self.is_warehouse_closed = False

    def close_warehouse(self) -> None:
        """Close the writer's file, so that it can be copied."""
        self.connection.close()
        self.is_warehouse_closed = True

    def put_away(self) -> None:
        """
        Let go of the connection: Prefect keeps a desk among its task parameters for as long as it likes.

        DuckDB's binding complains loudly at exit about a connection that is still referred to.
        """
        self.is_warehouse_closed = True
        del self.connection

    @property
    def message(self) -> str | None:
        """Return everything that is worth saying about the run, reasons first; None when there is nothing."""
        return "; ".join((*self.reasons, *self.all_notes)) or None

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Return the notes, drifts among them: a year's change of MeSH touches many strategies, few are told in full."""
        told = [
            f"{strategy}: {drift}. Look at it, then `her2lit strategies approve {strategy}`"
            for strategy, drift in list(self.drifts.items())[:DRIFTS_IN_FULL]
        ]
        more = list(self.drifts)[DRIFTS_IN_FULL:]
        if more:
            told.append(
                f"{len(more)} more strategies are read differently, see `her2lit strategies`: {', '.join(more)}"
            )
        return (*self.notes, *told)

    def book(self, runs: Iterable[SearchRun]) -> None:
        """Put searches into the books, each with how PubMed's reading of it drifted."""
        for run in runs:
            reading = standing_translation(run.query_translation) if run.outcome == "clean" else None
            drift = describe_drift(self.pinned.get((run.strategy, run.arm, run.strategy_sha256)), reading)
            self.search_runs.append(replace(run, drift=drift))
            if reading is not None:
                self.first_readings.append(
                    Pin(
                        strategy=run.strategy,
                        arm=run.arm,
                        strategy_sha256=run.strategy_sha256,
                        translation=reading,
                        count=run.count,
                    )
                )
            if drift is not None:
                self.drifts.setdefault(run.strategy, drift)

    def lay_down_set(self, pmids: tuple[int, ...]) -> str:
        """Keep *pmids* and return the name under which a later step finds them."""
        set_id = sha256(",".join(map(str, pmids)).encode()).hexdigest()[:16]
        self.pmid_sets[set_id] = pmids
        return set_id

    def say(self, line: str) -> None:
        """Log one line of progress and show it to whoever watches."""
        _LOG.info("%s %s", self.run_id, line)
        self.plan.say(line)


#: A night's desk, or one with more on it
Desk = TypeVar("Desk", bound=NightDesk)


# ---------------------------------------------------------------------------------------------
# Opening and closing
# ---------------------------------------------------------------------------------------------


@contextmanager
def open_desk(plan: NightPlan) -> Iterator[NightDesk]:
    """Open the desk of a night, see ``open_desk_of``."""
    with open_desk_of(NightDesk, plan, kind="nightly") as desk:
        yield desk


@contextmanager
def open_desk_of(desk_type: type[Desk], plan: NightPlan, *, kind: str) -> Iterator[Desk]:
    """
    Take the writer's lock, open what a run needs and start its row in the ledger.

    An error inside the block ends the run as "failed" (or "incomplete", when PubMed could not be
    reached) with its message in the ledger; yesterday's watermarks and snapshot stay.

    Raises:
        WarehouseLocked: Another run of this home is at work.
        DiskTooFull: Less free space than a run may need.
        QueryError: ``since`` is not in the past; nothing is noted or asked.
    """
    next_window(None, night_label(plan.clock.now()), since=plan.since)
    check_disk(plan.home)
    with translated(plan.home.warehouse), ExitStack() as stack:
        stack.enter_context(writer_lock(plan.home))
        connection = open_patiently(stack, plan)
        settle_journals(plan.home.journal, ledger.read_loaded_runs(connection))
        topic = load_topic()
        load_drugs(connection, topic.drugs, seen_at=plan.clock.now())
        load_strategies(connection, topic.strategies)
        load_trials(connection, topic.trials)
        client = EutilsClient(plan.settings, plan.clock)
        desk = desk_type(plan, topic, client, connection, kind=kind)
        with _run_file(desk), _closing(client):
            try:
                yield desk
            except Her2litError as error:
                _note_end(desk, "incomplete" if isinstance(error, EutilsError | RunIncomplete) else "failed", error)
                raise
            except BaseException as error:
                _note_end(desk, "failed", error)
                raise
            finally:
                desk.put_away()


def check_disk(home: Home) -> None:
    """
    Refuse to start when the disk could fill up during the run.

    Raises:
        DiskTooFull: A full disk would block every later write, even of the ledger (DuckDB grows its
            file to the last byte and then refuses each commit until space is freed).
    """
    held = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    needed = MIN_FREE_BYTES + FREE_PER_WAREHOUSE_BYTE * held
    free = shutil.disk_usage(home.root).free
    if free < needed:
        raise DiskTooFull(
            f"{home.root} has {free / 1e6:,.0f} MB free, a run may need {needed / 1e6:,.0f} MB. "
            "Free some space or move the home; nothing was started."
        )


def open_patiently(stack: ExitStack, plan: NightPlan) -> duckdb.DuckDBPyConnection:
    """Open the writer's file for *stack*; `her2lit status` may hold it for the moment it reads the ledger."""
    for _ in range(OPENING_TRIES - 1):
        try:
            return stack.enter_context(open_writer(plan.home.warehouse))
        except WarehouseLocked:
            plan.clock.sleep(OPENING_WAIT_S)
    return stack.enter_context(open_writer(plan.home.warehouse))


@contextmanager
def _closing(client: EutilsClient) -> Iterator[None]:
    try:
        yield
    finally:
        client.close()


@contextmanager
def _run_file(desk: NightDesk) -> Iterator[None]:
    """Leave a small file while the run lasts, so that `her2lit status` can name it."""
    path = desk.plan.home.root / "run.json"
    state = {"run_id": desk.run_id, "label": str(desk.label), "started_at": f"{desk.started_at}Z", "pid": os.getpid()}
    path.write_text(json.dumps(state) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _note_end(desk: NightDesk, outcome: str, error: BaseException) -> None:
    """Note in the ledger why the run ended; where even that cannot be written, *error* still is what is told."""
    try:
        finish(desk, outcome, f"{type(error).__name__}: {error}")
    except (Her2litError, duckdb.Error) as unwritten:
        desk.say(f"the ledger could not note the end of the run: {str(unwritten).splitlines()[0]}")


def finish(desk: NightDesk, outcome: str, message: str | None) -> None:
    """Note in the ledger how the run ended, also when publishing has already closed the writer's file."""
    with ExitStack() as stack:
        connection = (
            stack.enter_context(open_writer(desk.plan.home.warehouse)) if desk.is_warehouse_closed else desk.connection
        )
        ledger.finish_run(
            connection,
            desk.run_id,
            outcome=outcome,
            finished_at=utc_now(desk.plan.clock),
            message=message,
            report=desk.load,
            n_requests=desk.client.n_requests,
        )
