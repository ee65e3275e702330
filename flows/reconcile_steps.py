"""
The steps of a reconciliation as plain functions: the whole set of the harvest strategy against the warehouse.

What a night could not see shows here: a record that no window brought, one that was deleted, one
that was changed in silence, a landmark paper that the strategy no longer finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flows.desk import NightDesk, NightPlan, check_disk, finish, open_desk_of, open_patiently, utc_now
from flows.digest_steps import write_pages
from flows.lock import writer_lock
from flows.steps import count_whole, fetched_of, load_into_warehouse
from her2lit.clock import night_label
from her2lit.errors import EutilsError, RunIncomplete, UsageError
from her2lit.pubmed.client import EutilsClient
from her2lit.pubmed.fetch import BATCH_SIZE
from her2lit.pubmed.search import next_window, search_provenance
from her2lit.pubmed.whole import FIRST_DAY, WholeSet, ask_absent, search_whole, weigh
from her2lit.records import LoadReport, NightLoad, SearchHit, SearchRun, SentinelCheck, Window
from her2lit.topic.topic import Strategy, Topic, load_topic
from warehouse import ledger
from warehouse.absences import read_absent_pmids, read_deleted_pmids
from warehouse.connection import require_current_schema, translated
from warehouse.pins import read_last_count
from warehouse.publish import Publication, publish, readable_manifest

if TYPE_CHECKING:
    import duckdb

#: The whole known set is fetched again within so many days.
RENEWAL_DAYS = 28
#: How long ago the first reconciliation takes the last one to be.
USUAL_INTERVAL_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePlan(NightPlan):
    """Everything a reconciliation is told before it starts; ``since`` widens the days this home watches."""

    #: The whole known set is fetched again within so many days, oldest first
    renewal_days: int = RENEWAL_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The whole set of the harvest strategy beside what is held; every tuple ascending."""

    n_whole: int
    n_held: int
    #: Every record created in these days ought to be held; None when no day is past all nights' reach
    covered: Window | None
    #: Created in the covered days, matched, and not held
    gap: tuple[int, ...]
    #: Held once, deleted, and matched again
    returned: tuple[int, ...]
    #: Matched, created before the covered days and not held: never asked for by this home
    n_older: int
    #: Held, and not matched; None when the whole set is not known for certain
    unmatched: tuple[int, ...] | None
    #: Stayed away on an earlier night
    away: tuple[int, ...]
    #: The slice of the known set whose turn it is to be fetched again
    renewal: tuple[int, ...]

    @property
    def pmids(self) -> tuple[int, ...]:
        """Return everything that is to be fetched."""
        parts = (self.gap, self.returned, self.unmatched or (), self.away, self.renewal)
        return tuple(sorted({pmid for part in parts for pmid in part}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSummary:
    """How a reconciliation ended, for the command line, the log and Prefect's artifact."""

    run_id: str
    label: date
    #: "clean" or "incomplete"
    outcome: str
    #: Why it is incomplete; empty when clean
    reasons: tuple[str, ...]
    #: What an operator should know although nothing is missing
    notes: tuple[str, ...]
    comparison: Comparison
    n_received: int
    #: Held records that PubMed did not show tonight
    n_absent: int
    sentinels: tuple[SentinelCheck, ...]
    n_requests: int
    load: LoadReport
    is_published_anew: bool

    @property
    def n_deleted(self) -> int:
        """Return how many deletions were confirmed."""
        return dict(self.load.events).get("deleted", 0)

    def closing_line(self) -> str:
        """Return the one line an operator reads."""
        said = self.comparison
        figures = (
            f"{said.n_whole:,} records match, {said.n_held:,} are held; gap {len(said.gap)}, absent {self.n_absent},"
            f" deleted {self.n_deleted}, revised {self.load.n_revised}; {self.n_received} of {len(said.pmids)} fetched,"
            f" {self.n_requests} requests"
        )
        word = "is INCOMPLETE" if self.outcome != "clean" else "is clean"
        return f"Reconciliation of {self.label} (run {self.run_id}) {word}: {figures}."


class ReconcileDesk(NightDesk):
    """A desk with what a reconciliation lays down beside a night's."""

    renewal_days = RENEWAL_DAYS
    whole: WholeSet | None = None
    comparison: Comparison | None = None
    sentinels: tuple[SentinelCheck, ...] = ()


@contextmanager
def open_reconcile_desk(plan: ReconcilePlan) -> Iterator[ReconcileDesk]:
    """
    Open the desk of a reconciliation, see ``flows.desk.open_desk_of``.

    Raises:
        UsageError: No night has searched anything here yet.
    """
    _require_warehouse(plan)
    with open_desk_of(ReconcileDesk, plan, kind="reconcile") as desk:
        _require_nights(desk.connection, desk.topic.harvest)
        desk.renewal_days = plan.renewal_days
        yield desk


_NO_NIGHT = "No night has searched anything here yet, so there is nothing to reconcile. Run `her2lit nightly` first."


def _require_warehouse(plan: ReconcilePlan) -> None:
    if plan.renewal_days < 1:
        raise UsageError(f"The known set cannot be fetched again within {plan.renewal_days} days; say 1 or more.")
    if not plan.home.warehouse.exists():
        raise UsageError(_NO_NIGHT)


def _require_nights(connection: duckdb.DuckDBPyConnection, harvest: Strategy) -> None:
    if ledger.read_covered_since(connection, harvest.name) is None:
        raise UsageError(_NO_NIGHT)


# ---------------------------------------------------------------------------------------------
# The verbs
# ---------------------------------------------------------------------------------------------


def enumerate_whole(desk: ReconcileDesk) -> int:
    """Search the whole set of the harvest strategy, by created date; return how many PMIDs it has."""
    harvest = desk.topic.harvest
    counted = count_whole(desk)
    covered = covered_days(desk.connection, desk.plan, desk.label, harvest)
    whole = search_whole(desk.client, harvest, covered, today=desk.label, whole=counted)
    desk.whole = whole
    desk.book(whole.search_runs)
    desk.pmids_by_arm = {"covered": whole.covered, "outside": (*whole.older, *whole.coming)}
    desk.reasons.extend(_troubles(whole.search_runs))
    if not whole.is_whole:
        desk.is_index_suspect = True
    desk.say(
        f"the strategy matches {len(whole.pmids):,} records, {len(whole.covered):,} of them created in days watched"
    )
    return len(whole.pmids)


def covered_days(
    connection: duckdb.DuckDBPyConnection, plan: NightPlan, label: date, harvest: Strategy
) -> Window | None:
    """
    Return the created dates of which every record ought to be held, and that no coming night looks at again.

    Days that the next night searches anyway are its business: a late index is no gap there.
    """
    first = ledger.read_covered_since(connection, harvest.name)
    starts = [day for day in (first, plan.since) if day is not None]
    watermark = ledger.read_watermarks(connection).get((harvest.name, "crdt"))
    until = next_window(watermark, label, lookback_days=plan.lookback_days).since
    since = max(min(starts), FIRST_DAY) if starts else until
    return Window(since=since, until=until) if since < until else None


def compare(desk: ReconcileDesk) -> str:
    """Compare the whole set with what is held, name the differences; return the id of the set to be fetched."""
    if desk.whole is None:
        raise RunIncomplete("the whole set has not been searched yet")
    harvest = desk.topic.harvest
    comparison = compare_sets(
        desk.connection, desk.whole, harvest=harvest, label=desk.label, renewal_days=desk.renewal_days
    )
    desk.comparison = comparison
    desk.search_hits.extend(
        SearchHit(strategy=harvest.name, arm="covered", pmid=pmid) for pmid in (*comparison.gap, *comparison.returned)
    )
    for line in differences(comparison):
        desk.say(line)
    return desk.lay_down_set(comparison.pmids)


def compare_sets(
    connection: duckdb.DuckDBPyConnection,
    whole: WholeSet,
    *,
    harvest: Strategy,
    label: date,
    renewal_days: int,
) -> Comparison:
    """Return how *whole* differs from what *connection*'s warehouse holds, and whose turn it is to be fetched again."""
    held = set(ledger.read_known_pmids(connection))
    matched = whole.pmids
    deleted = read_deleted_pmids(connection)
    last = ledger.read_last_comparison(connection, harvest.name)
    n_days = USUAL_INTERVAL_DAYS if last is None else (label - last).days
    n_due = -(-len(held) * max(0, min(n_days, renewal_days)) // renewal_days)
    return Comparison(
        n_whole=len(matched),
        n_held=len(held),
        covered=whole.days,
        gap=tuple(sorted(set(whole.covered) - held - deleted)),
        returned=tuple(sorted(matched & deleted)),
        n_older=len(set(whole.older) - held - deleted),
        unmatched=tuple(sorted(held - matched)) if whole.is_whole else None,
        away=read_absent_pmids(connection),
        renewal=tuple(sorted(ledger.read_oldest_fetched(connection, n_due))),
    )


def differences(comparison: Comparison) -> tuple[str, ...]:
    """Return the comparison in words, a line for each thing that is to be done or known."""
    said = comparison
    days = f"{said.covered.since} to {said.covered.until}, exclusive" if said.covered else "no day yet"
    lines = [
        f"{said.n_whole:,} records match, {said.n_held:,} are held; days watched: {days}",
        f"gap: {len(said.gap)} records created in days watched are not held{_first(said.gap)}",
        f"{len(said.renewal):,} of the known set are due to be fetched again",
    ]
    if said.returned:
        lines.append(f"{len(said.returned)} deleted records are back{_first(said.returned)}")
    if said.unmatched is None:
        lines.append("held records are not compared: the whole set is not known for certain")
    elif said.unmatched:
        lines.append(f"{len(said.unmatched)} held records are matched no longer{_first(said.unmatched)}")
    if said.away:
        lines.append(f"{len(said.away)} records stayed away on an earlier night{_first(said.away)}")
    if said.n_older:
        lines.append(_older(said))
    return tuple(lines)


def _older(said: Comparison) -> str:
    return (
        f"{said.n_older:,} matching records from before the days watched are not held;"
        " --since DATE loads them as history"
    )


def _first(pmids: tuple[int, ...]) -> str:
    return f", first PMID {pmids[0]}" if pmids else ""


def check_sentinels(desk: ReconcileDesk) -> int:
    """Look every landmark paper up in the whole set; return how many of those in PubMed are found."""
    if desk.whole is None:
        raise RunIncomplete("the whole set has not been searched yet")
    try:
        desk.sentinels = look_up_sentinels(desk.client, desk.topic, desk.whole)
    except EutilsError as error:
        desk.reasons.append(f"the landmark papers could not be looked up: {error}")
        return 0
    there = [sentinel for sentinel in desk.sentinels if sentinel.is_in_pubmed]
    lost = [sentinel for sentinel in there if not sentinel.is_matched]
    if lost and desk.whole.is_whole:
        named = ", ".join(f"{sentinel.trial} (PMID {sentinel.pmid})" for sentinel in lost[:5])
        desk.notes.append(f"{len(lost)} of {len(there)} landmark papers are not found by the strategy: {named}")
    desk.say(f"landmark papers: {len(there) - len(lost)} of {len(there)} in PubMed are found")
    return len(there) - len(lost)


def look_up_sentinels(client: EutilsClient, topic: Topic, whole: WholeSet) -> tuple[SentinelCheck, ...]:
    """
    Return for each landmark paper whether the strategy finds it; only those it does not find cost a request.

    Raises:
        EutilsError: PubMed could not be asked whether it has the papers that were not found.
    """
    trials = {report.pmid: trial.name for trial in topic.trials for report in trial.reports}
    unfound = sorted(trials.keys() - whole.pmids)
    absent = set(ask_absent(client, unfound)) if unfound else set()
    return tuple(
        SentinelCheck(pmid=pmid, trial=trials[pmid], is_in_pubmed=pmid not in absent, is_matched=pmid in whole.pmids)
        for pmid in sorted(trials)
    )


def match_gap(desk: ReconcileDesk) -> int:
    """
    Ask which provenance strategies match the records that were missing; return the number of matches.

    Also those that an earlier reconciliation brought without being able to ask: held, they are no gap any more.
    """
    comparison = comparison_of(desk)
    harvest = desk.topic.harvest
    missing = {*comparison.gap, *comparison.returned}
    again = set(ledger.read_unexplained(desk.connection, harvest.name)) - missing
    if not missing and not again:
        return 0
    # The hit says which reconciliation asked last.
    desk.search_hits.extend(SearchHit(strategy=harvest.name, arm="covered", pmid=pmid) for pmid in sorted(again))
    result = search_provenance(desk.client, desk.topic.provenance, sorted(missing | again))
    desk.book(result.search_runs)
    desk.search_hits.extend(result.search_hits)
    desk.reasons.extend(
        f"{run.strategy}: {run.outcome}: {run.reason}" for run in result.search_runs if run.outcome != "clean"
    )
    return len(result.search_hits)


def load(desk: ReconcileDesk) -> LoadReport:
    """Load everything in one transaction; no watermark moves, that is the nights' business."""
    fetched = fetched_of(desk)
    comparison = comparison_of(desk)
    received = set(fetched.received)
    unmatched = comparison.unmatched
    night = NightLoad(
        run_id=desk.run_id,
        label=desk.label,
        started_at=desk.started_at,
        is_history=_is_history(desk, comparison.covered),
        articles=desk.parsed,
        annotations=desk.annotations,
        rejects=fetched.rejects,
        search_runs=tuple(desk.search_runs),
        search_hits=tuple(desk.search_hits),
        watermarks=(),
        batches=fetched.batches,
        absences=tuple(desk.absences),
        # Which of them are absent is for the absences to say.
        unmatched=None if unmatched is None else tuple(sorted(set(unmatched).difference(fetched.missing))),
        sentinels=desk.sentinels,
        pins=tuple(desk.first_readings),
    )
    report = load_into_warehouse(desk, night)
    _note_findings(desk, comparison, received, report)
    return report


def _is_history(desk: ReconcileDesk, covered: Window | None) -> bool:
    """Return whether what is new tonight is history: asked for as such, or left over by a run that did not get it whole."""
    harvest = desk.topic.harvest
    if desk.is_first_run or desk.plan.since is not None:
        return True
    if ledger.is_text_new(desk.connection, harvest.name, harvest.sha256):
        return True
    settled = ledger.read_settled_since(desk.connection, harvest.name)
    return covered is not None and (settled is None or covered.since < settled)


def _note_findings(desk: ReconcileDesk, comparison: Comparison, received: set[int], report: LoadReport) -> None:
    """Note for the operator what was found: a closed gap is no harm any more, but the night that left it is."""
    closed = sorted(received.intersection(comparison.gap))
    if closed:
        desk.notes.append(f"a gap was closed: {len(closed)} records no night had brought, first PMID {closed[0]}")
    open_gap = sorted(set(comparison.gap) - received)
    if open_gap:
        desk.notes.append(f"{len(open_gap)} records of a gap could not be had, first PMID {open_gap[0]}")
    if comparison.n_older:
        # Nothing is wrong where nobody asked for them; where a --since was to bring them, this is how it shows.
        desk.notes.append(_older(comparison))
    edited = sorted(received.intersection(comparison.unmatched or ()))
    if edited:
        desk.notes.append(f"{len(edited)} held records are no longer matched but exist, first PMID {edited[0]}")
    events = dict(report.events)
    if n_deleted := events.get("deleted", 0):
        desk.notes.append(f"{n_deleted} records were deleted from PubMed, confirmed on two nights by two utilities")
    if desk.absences:
        desk.notes.append(
            f"{len(desk.absences)} held records are absent from PubMed, first PMID {desk.absences[0].pmid};"
            " a second night decides"
        )


def publish_snapshot(desk: ReconcileDesk) -> Publication:
    """
    End the run in the ledger, close the writer's file and publish the snapshot.

    How fresh the data is, and which night it is of, stays what the last published night said.
    """
    finish(desk, "incomplete" if desk.reasons else "clean", desk.message)
    desk.close_warehouse()
    held = readable_manifest(desk.plan.home.published)
    desk.publication = publish(
        desk.plan.home.warehouse,
        desk.plan.home.published,
        label=held.label if held else desk.label,
        published_at=utc_now(desk.plan.clock),
        data_as_of=held.data_as_of if held else desk.started_at,
    )
    desk.say("published a new snapshot" if desk.publication.is_replaced else "the published snapshot is up to date")
    return desk.publication


def report(desk: ReconcileDesk) -> int:
    """Make the pages anew from what was published; return how many files changed."""
    return write_pages(desk.plan.home)


def summarise(desk: ReconcileDesk) -> ReconcileSummary:
    """Return how the reconciliation ended."""
    if desk.load is None or desk.publication is None:
        raise RunIncomplete("the reconciliation has not been loaded and published yet")
    return ReconcileSummary(
        run_id=desk.run_id,
        label=desk.label,
        outcome="incomplete" if desk.reasons else "clean",
        reasons=tuple(desk.reasons),
        notes=desk.all_notes,
        comparison=comparison_of(desk),
        n_received=len(fetched_of(desk).received),
        n_absent=len(desk.absences),
        sentinels=desk.sentinels,
        n_requests=desk.client.n_requests,
        load=desk.load,
        is_published_anew=desk.publication.is_replaced,
    )


def comparison_of(desk: ReconcileDesk) -> Comparison:
    """Return what was compared."""
    if desk.comparison is None:
        raise RunIncomplete("nothing has been compared yet")
    return desk.comparison


# ---------------------------------------------------------------------------------------------
# A dry run
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a reconciliation would do."""

    #: Line by line, for people
    lines: tuple[str, ...]
    #: Searches that failed or are not believed: a run would end incomplete
    troubles: tuple[str, ...]


def preview(plan: ReconcilePlan) -> Preview:
    """
    Ask PubMed and compare, but fetch no record and write nothing; return what a run would do.

    Raises:
        WarehouseLocked: A run of this home is at work.
        UsageError: No night has searched anything here yet.
        EutilsError: PubMed could not be asked.
        WarehouseError: The warehouse cannot be read, or is of an older schema; the message says what to do.
    """
    _require_warehouse(plan)
    next_window(None, night_label(plan.clock.now()), since=plan.since)
    check_disk(plan.home)
    label = night_label(plan.clock.now())
    topic = load_topic()
    with translated(plan.home.warehouse), ExitStack() as stack:
        stack.enter_context(writer_lock(plan.home))
        require_current_schema(plan.home.warehouse)
        connection = open_patiently(stack, plan)
        client = stack.enter_context(EutilsClient(plan.settings, plan.clock))
        harvest = topic.harvest
        _require_nights(connection, harvest)
        client.einfo()
        counted = weigh(client, harvest, before=read_last_count(connection, harvest.name, harvest.sha256))
        covered = covered_days(connection, plan, label, harvest)
        whole = search_whole(client, harvest, covered, today=label, whole=counted)
        comparison = compare_sets(connection, whole, harvest=harvest, label=label, renewal_days=plan.renewal_days)
        sentinels = look_up_sentinels(client, topic, whole)
        unfound = (s for s in sentinels if s.is_in_pubmed and not s.is_matched)
        return Preview(
            lines=(
                *differences(comparison),
                f"would fetch {len(comparison.pmids):,} records in {-(-len(comparison.pmids) // BATCH_SIZE)} requests",
                *(f"not found by the strategy: {s.trial} (PMID {s.pmid})" for s in unfound),
            ),
            troubles=_troubles((counted, *whole.search_runs)),
        )


def _troubles(runs: Iterable[SearchRun]) -> tuple[str, ...]:
    return tuple(f"{run.arm}: {run.outcome}: {run.reason}" for run in runs if run.outcome != "clean")
