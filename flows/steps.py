"""
The steps of a night as plain functions: each calls one verb of the library and notes what came of it.

No Prefect here: ``flows/nightly.py`` wraps every step as a task. What is large stays on the
``NightDesk`` and is handed from step to step by name (a set id, batch hashes), because Prefect
walks the parameters of its tasks.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from flows.digest_steps import write_pages
from flows.lock import writer_lock
from her2lit import __version__
from her2lit.annotate.annotate import annotate_article
from her2lit.clock import Clock, night_label
from her2lit.errors import DiskTooFull, EutilsError, Her2litError, RunIncomplete, WarehouseLocked
from her2lit.home import Home
from her2lit.journal import confirm_journal, settle_journals, write_journal
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.client import EutilsClient
from her2lit.pubmed.fetch import fetch_articles
from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.parse import parse_articles
from her2lit.pubmed.search import next_window, search_arm, search_provenance
from her2lit.pubmed.watch import watch_known_set
from her2lit.records import Annotation, FetchResult, LoadReport, NightLoad, ParsedArticle, SearchHit, SearchRun, Window
from her2lit.settings import EutilsSettings
from her2lit.topic.topic import Topic, load_topic
from warehouse import ledger
from warehouse.audit import require_clean, run_audits
from warehouse.connection import open_writer
from warehouse.load import load_drugs, load_night, load_strategies
from warehouse.publish import Publication, publish

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger("her2lit.night")

#: The arms on which the harvest strategy is asked: created, revised, newly indexed.
ARMS = ("crdt", "lr", "mhda")
#: Days a run without a watermark looks back, unless told otherwise.
DEFAULT_LOOKBACK_DAYS = 30
#: A run needs room for its raw replies, a copy of the warehouse for publishing and its Parquet files.
MIN_FREE_BYTES = 300_000_000
FREE_PER_WAREHOUSE_BYTE = 3
#: How often the writer's file is tried while somebody reads it, and the seconds between two tries.
OPENING_TRIES = 6
OPENING_WAIT_S = 0.5


def _utc(clock: Clock) -> datetime:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSummary:
    """How a night ended, for the command line, the log and Prefect's artifact."""

    run_id: str
    label: date
    #: "clean" or "incomplete"
    outcome: str
    #: Why it is incomplete; empty when clean
    reasons: tuple[str, ...]
    n_harvested: int
    n_received: int
    n_missing: int
    n_rejected: int
    n_requests: int
    load: LoadReport
    is_published_anew: bool

    def closing_line(self) -> str:
        """Return the one line an operator reads."""
        figures = f"{self.n_received} of {self.n_harvested} records received, {self.n_requests} requests"
        if self.outcome != "clean":
            return f"Night {self.label} (run {self.run_id}) is INCOMPLETE: {figures}. Watermarks did not move past it."
        if not self.load.has_changes:
            return f"Night {self.label} (run {self.run_id}): nothing new. {figures}."
        return (
            f"Night {self.label} (run {self.run_id}): {self.load.n_new} new, {self.load.n_revised} revised. {figures}."
        )


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
        self, plan: NightPlan, topic: Topic, client: EutilsClient, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.plan = plan
        self.topic = topic
        self.client = client
        self.connection = connection
        self.archive = RawArchive(plan.home.raw)
        self.started_at = _utc(plan.clock)
        self.label = night_label(plan.clock.now())
        self.is_first_run = ledger.is_first_run(connection)
        self.run_id = ledger.start_run(
            connection,
            kind="nightly",
            label=self.label,
            started_at=self.started_at,
            her2lit_version=__version__,
            rule_version=topic.version,
        )
        self.windows: dict[str, Window] = {}
        self.pmids_by_arm: dict[str, tuple[int, ...]] = {}
        self.pmid_sets: dict[str, tuple[int, ...]] = {}
        self.search_runs: list[SearchRun] = []
        self.search_hits: list[SearchHit] = []
        #: Arms whose search was not clean, or whose PMIDs could not all be fetched: their watermarks stay
        self.unclean_arms: set[str] = set()
        self.reasons: list[str] = []
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

    def say(self, line: str) -> None:
        """Log one line of progress and show it to whoever watches."""
        _LOG.info("%s %s", self.run_id, line)
        self.plan.say(line)


# ---------------------------------------------------------------------------------------------
# Opening and closing
# ---------------------------------------------------------------------------------------------


@contextmanager
def open_desk(plan: NightPlan) -> Iterator[NightDesk]:
    """
    Take the writer's lock, open what a night needs and start its row in the ledger.

    An error inside the block ends the run as "failed" (or "incomplete", when PubMed could not be
    reached) with its message in the ledger; yesterday's watermarks and snapshot stay.

    Raises:
        WarehouseLocked: Another run of this home is at work.
        DiskTooFull: Less free space than a run may need.
        QueryError: ``since`` is not in the past; nothing is noted or asked.
    """
    next_window(None, night_label(plan.clock.now()), since=plan.since)
    check_disk(plan.home)
    with ExitStack() as stack:
        stack.enter_context(writer_lock(plan.home))
        connection = _open_patiently(stack, plan)
        settle_journals(plan.home.journal, ledger.read_loaded_runs(connection))
        topic = load_topic()
        load_drugs(connection, topic.drugs)
        load_strategies(connection, topic.strategies)
        client = EutilsClient(plan.settings, plan.clock)
        desk = NightDesk(plan, topic, client, connection)
        with _run_file(desk), _closing(client):
            try:
                yield desk
            except Her2litError as error:
                outcome = "incomplete" if isinstance(error, EutilsError | RunIncomplete) else "failed"
                _finish(desk, outcome, f"{type(error).__name__}: {error}")
                raise
            except BaseException as error:
                _finish(desk, "failed", f"{type(error).__name__}: {error}")
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


def _open_patiently(stack: ExitStack, plan: NightPlan) -> duckdb.DuckDBPyConnection:
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


def _finish(desk: NightDesk, outcome: str, message: str | None) -> None:
    """Note in the ledger how the run ended, also when publishing has already closed the writer's file."""
    with ExitStack() as stack:
        connection = (
            stack.enter_context(open_writer(desk.plan.home.warehouse)) if desk.is_warehouse_closed else desk.connection
        )
        ledger.finish_run(
            connection,
            desk.run_id,
            outcome=outcome,
            finished_at=_utc(desk.plan.clock),
            message=message,
            report=desk.load,
            n_requests=desk.client.n_requests,
        )


# ---------------------------------------------------------------------------------------------
# The verbs
# ---------------------------------------------------------------------------------------------


def probe(desk: NightDesk) -> str:
    """Ask EInfo whether PubMed is there at all; return the build it reports."""
    info = desk.client.einfo()
    desk.say(f"PubMed answers: build {info.db_build}, updated {info.last_update}")
    return info.db_build or "unknown"


def search(desk: NightDesk) -> str:
    """Search the harvest strategy on every arm; return the id of the night's PMID set."""
    watermarks = ledger.read_watermarks(desk.connection)
    harvest = desk.topic.harvest
    found: dict[int, None] = {}
    for arm in ARMS:
        window = next_window(
            watermarks.get((harvest.name, arm)),
            desk.label,
            since=desk.plan.since,
            lookback_days=desk.plan.lookback_days,
        )
        result = search_arm(desk.client, harvest, arm, window)
        desk.windows[arm] = window
        desk.pmids_by_arm[arm] = result.pmids
        desk.search_runs.extend(result.search_runs)
        desk.search_hits.extend(SearchHit(strategy=harvest.name, arm=arm, pmid=pmid) for pmid in result.pmids)
        found.update(dict.fromkeys(result.pmids))
        if not result.is_clean:
            desk.unclean_arms.add(arm)
            desk.reasons.extend(
                f"{arm}: {run.outcome}: {run.reason}" for run in result.search_runs if run.outcome != "clean"
            )
        last_day = window.until - timedelta(days=1)
        desk.say(f"searched [{arm}] {window.since} to {last_day}: {len(result.pmids)} PMIDs")
    return _lay_down_set(desk, tuple(sorted(found)))


def watch(desk: NightDesk, pmid_set: str) -> str:
    """
    Ask PubMed which known records carry a retraction, concern or correction that is not held yet.

    A notice can be linked without a change that any date window shows. Records with a new one join
    the night's set. A watch that fails makes the night incomplete, but stops nothing.
    """
    pmids = desk.pmid_sets[pmid_set]
    known = set(ledger.read_known_pmids(desk.connection)).difference(pmids)
    if not known:
        return pmid_set
    result = watch_known_set(desk.client, known)
    desk.search_runs.extend(result.search_runs)
    noticed = ledger.read_noticed_pmids(desk.connection)
    new = {pmid for kind, carrying in result.pmids_by_kind for pmid in carrying if pmid not in noticed[kind]}
    desk.search_hits.extend(
        SearchHit(strategy=f"known-set-{kind}", arm="known_set", pmid=pmid)
        for kind, carrying in result.pmids_by_kind
        for pmid in carrying
        if pmid in new
    )
    desk.pmids_by_arm["known_set"] = tuple(sorted(new))
    desk.reasons.extend(
        f"{run.strategy}: {run.outcome}: {run.reason}" for run in result.search_runs if run.outcome != "clean"
    )
    desk.say(f"watched {len(known)} known records: {len(new)} carry a new notice")
    return _lay_down_set(desk, tuple(sorted({*pmids, *new})))


def match_strategies(desk: NightDesk, pmid_set: str) -> int:
    """Post the night's PMIDs once and intersect every provenance strategy; return the number of matches."""
    pmids = desk.pmid_sets[pmid_set]
    if not pmids:
        return 0
    strategies = desk.topic.provenance
    result = search_provenance(desk.client, strategies, pmids)
    desk.search_runs.extend(result.search_runs)
    desk.search_hits.extend(result.search_hits)
    if not result.is_clean:
        # Which keyword brought a paper is worth asking again, so no arm's watermark moves past this night.
        desk.unclean_arms.update(ARMS)
        desk.reasons.extend(
            f"{run.strategy}: {run.outcome}: {run.reason}" for run in result.search_runs if run.outcome != "clean"
        )
    desk.say(f"matched {len(strategies)} strategies: {len(result.search_hits)} matches")
    return len(result.search_hits)


def fetch(desk: NightDesk, pmid_set: str) -> tuple[str, ...]:
    """Fetch the set into the raw archive; return the hashes of its batches."""
    pmids = desk.pmid_sets[pmid_set]
    result = fetch_articles(desk.client, desk.archive, pmids)
    desk.fetched = result
    if result.failed:
        lost = {pmid for pmid, _ in result.failed}
        desk.unclean_arms.update(arm for arm, held in desk.pmids_by_arm.items() if lost.intersection(held))
        desk.reasons.append(
            f"{len(result.failed)} PMIDs could not be fetched, first {result.failed[0][0]}: {result.failed[0][1]}"
        )
    desk.say(
        f"fetched {len(result.received)} of {len(pmids)} records in {len(result.batches)} batches"
        + (f"; PubMed no longer has {len(result.missing)}" if result.missing else "")
    )
    return tuple(batch.batch_sha256 for batch in result.batches)


def parse(desk: NightDesk, batches: tuple[str, ...]) -> int:
    """Parse archived batches; return the number of articles. Only what was asked for is kept."""
    fetched = _fetched(desk)
    desk.parsed = parse_batches(desk.archive, batches, set(fetched.requested))
    desk.say(f"parsed {len(desk.parsed)} articles, {len(fetched.rejects)} kept aside as unreadable")
    return len(desk.parsed)


def parse_batches(archive: RawArchive, batches: Iterable[str], wanted: set[int]) -> tuple[ParsedArticle, ...]:
    """Parse archived batches by hash; of a record that came twice in one version the last one counts."""
    parsed: dict[tuple[int, int], ParsedArticle] = {}
    for batch in batches:
        for article in parse_articles(archive.read(batch), require_closed_root=True).articles:
            if article.pmid in wanted:
                key = (article.pmid, article.pmid_version)
                parsed[key] = ParsedArticle(article=article, fingerprint=fingerprint(article), batch_sha256=batch)
    return tuple(parsed[key] for key in sorted(parsed))


def annotate_articles(parsed: Iterable[ParsedArticle], topic: Topic) -> tuple[Annotation, ...]:
    """Annotate parsed articles, in their order."""
    return tuple(annotate_article(p.article, topic) for p in parsed)


def annotate(desk: NightDesk) -> int:
    """Annotate the parsed articles; return how many name a drug."""
    desk.annotations = annotate_articles(desk.parsed, desk.topic)
    n_with_drug = sum(bool(a.drugs) for a in desk.annotations)
    desk.say(f"annotated {len(desk.annotations)} articles, {n_with_drug} name a drug")
    return n_with_drug


def load(desk: NightDesk) -> LoadReport:
    """Write the journal, then load everything in one transaction, watermarks of the clean arms included."""
    fetched = _fetched(desk)
    harvest = desk.topic.harvest
    night = NightLoad(
        run_id=desk.run_id,
        label=desk.label,
        started_at=desk.started_at,
        is_history=desk.is_first_run or desk.plan.since is not None,
        articles=desk.parsed,
        annotations=desk.annotations,
        rejects=fetched.rejects,
        search_runs=tuple(desk.search_runs),
        search_hits=tuple(desk.search_hits),
        watermarks=tuple((harvest.name, arm, desk.windows[arm].until) for arm in ARMS if arm not in desk.unclean_arms),
        batches=fetched.batches,
    )
    # First the journal, then the warehouse: what was loaded can always be loaded again.
    journal = write_journal(desk.plan.home.journal, night)
    desk.load = load_night(desk.connection, night)
    confirm_journal(journal)
    report = desk.load
    if report.has_changes:
        events = ", ".join(f"{count} {name}" for name, count in report.events)
        desk.say(f"loaded {report.n_new} new and {report.n_revised} revised articles ({events or 'no events'})")
    else:
        desk.say("nothing new")
    return report


def audit(desk: NightDesk) -> int:
    """
    Ask every audit for rows that must not exist; return how many audits ran.

    Raises:
        AuditRefused: One found such rows: nothing is published, the old snapshot stays.
    """
    results = run_audits(desk.connection)
    require_clean(results)
    desk.say(f"{len(results)} audits passed")
    return len(results)


def publish_snapshot(desk: NightDesk) -> Publication:
    """End the run in the ledger, close the writer's file and publish the snapshot that analysts read."""
    _finish(desk, "incomplete" if desk.reasons else "clean", "; ".join(desk.reasons) or None)
    desk.close_warehouse()
    desk.publication = publish(
        desk.plan.home.warehouse,
        desk.plan.home.published,
        label=desk.label,
        published_at=_utc(desk.plan.clock),
        data_as_of=desk.started_at,
    )
    desk.say("published a new snapshot" if desk.publication.is_replaced else "the published snapshot is up to date")
    return desk.publication


def report(desk: NightDesk) -> int:
    """Make the pages anew from what was published; return how many files changed."""
    n_changed = write_pages(desk.plan.home)
    desk.say(f"{n_changed} pages changed" if n_changed else "the pages are up to date")
    return n_changed


def summarise(desk: NightDesk) -> NightSummary:
    """Return how the night ended."""
    fetched = _fetched(desk)
    if desk.load is None or desk.publication is None:
        raise RunIncomplete("the night has not been loaded and published yet")
    return NightSummary(
        run_id=desk.run_id,
        label=desk.label,
        outcome="incomplete" if desk.reasons else "clean",
        reasons=tuple(desk.reasons),
        n_harvested=len(fetched.requested),
        n_received=len(fetched.received),
        n_missing=len(fetched.missing),
        n_rejected=len(fetched.rejects),
        n_requests=desk.client.n_requests,
        load=desk.load,
        is_published_anew=desk.publication.is_replaced,
    )


def _lay_down_set(desk: NightDesk, pmids: tuple[int, ...]) -> str:
    set_id = sha256(",".join(map(str, pmids)).encode()).hexdigest()[:16]
    desk.pmid_sets[set_id] = pmids
    return set_id


def _fetched(desk: NightDesk) -> FetchResult:
    if desk.fetched is None:
        raise RunIncomplete("nothing has been fetched yet")
    return desk.fetched
