"""
The steps of a night as plain functions: each calls one verb of the library and notes what came of it.

No Prefect here: ``flows/nightly.py`` wraps every step as a task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flows.desk import ARMS, Handed, NightDesk, NightPlan, check_disk, finish, open_desk, utc_now
from flows.digest_steps import write_pages
from her2lit.annotate.annotate import annotate_article
from her2lit.errors import EutilsError, RunIncomplete
from her2lit.journal import confirm_journal, write_journal
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.fetch import fetch_articles
from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.parse import parse_articles
from her2lit.pubmed.search import next_window, reach_back, search_arm, search_provenance
from her2lit.pubmed.watch import watch_known_set
from her2lit.pubmed.whole import ask_absent, weigh
from her2lit.records import Absence, Annotation, FetchResult, LoadReport, NightLoad, ParsedArticle, SearchHit, SearchRun
from her2lit.topic.topic import Topic
from warehouse import ledger
from warehouse.absences import UTILITIES_TO_CONFIRM, read_absent_pmids
from warehouse.audit import require_clean, run_audits
from warehouse.load import load_night
from warehouse.pins import read_last_count
from warehouse.publish import Publication, publish

__all__ = ["ARMS", "Handed", "NightDesk", "NightPlan", "NightSummary", "check_disk", "open_desk"]

#: Kinds of unknown elements named in a run's message; the rest is a number.
_NAMED_UNKNOWN = 5

#: Listed records that cannot be had make a night incomplete when there are more than these, and more than this share …
_MANY_LOST = 5
_LOST_SHARE = 0.2
#: … or when they are all that was asked for, and at least so many.
_ALL_OF = 3
#: Of records that are only noted, so many are named.
_NAMED_LOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSummary:
    """How a night ended, for the command line, the log and Prefect's artifact."""

    run_id: str
    label: date
    #: "clean" or "incomplete"
    outcome: str
    #: Why it is incomplete; empty when clean
    reasons: tuple[str, ...]
    #: What an operator should know although nothing is missing
    notes: tuple[str, ...]
    #: Arms whose watermark stays, so that the next night reaches back
    unmoved_arms: tuple[str, ...]
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
            stays = f" Watermarks of {', '.join(self.unmoved_arms)} did not move past it." if self.unmoved_arms else ""
            return f"Night {self.label} (run {self.run_id}) is INCOMPLETE: {figures}.{stays}"
        if not self.load.has_changes:
            return f"Night {self.label} (run {self.run_id}): nothing new. {figures}."
        return (
            f"Night {self.label} (run {self.run_id}): {self.load.n_new} new, {self.load.n_revised} revised. {figures}."
        )


def probe(desk: NightDesk) -> str:
    """Ask EInfo whether PubMed is there at all; return the build it reports."""
    info = desk.client.einfo()
    ledger.note_pubmed(desk.connection, desk.run_id, build=info.db_build, updated=info.last_update)
    desk.say(f"PubMed answers: build {info.db_build}, updated {info.last_update}")
    return info.db_build or "unknown"


def search(desk: NightDesk) -> str:
    """Search the harvest strategy on every arm; return the id of the night's PMID set."""
    watermarks = ledger.read_watermarks(desk.connection)
    harvest = desk.topic.harvest
    unfinished = ledger.read_unfinished(desk.connection, harvest.name)
    count_whole(desk)
    found: dict[int, None] = {}
    for arm in ARMS:
        watermark = watermarks.get((harvest.name, arm))
        usual = next_window(watermark, desk.label, since=desk.plan.since, lookback_days=desk.plan.lookback_days)
        window = reach_back(usual, watermark, unfinished.get(arm))
        if window != usual:
            desk.takes_up_history = True
            desk.say(
                f"[{arm}] reaches back to {window.since}: an earlier run asked for those days and missed something"
            )
        result = search_arm(desk.client, harvest, arm, window)
        desk.windows[arm] = window
        desk.pmids_by_arm[arm] = result.pmids
        desk.book(result.search_runs)
        desk.search_hits.extend(SearchHit(strategy=harvest.name, arm=arm, pmid=pmid) for pmid in result.pmids)
        found.update(dict.fromkeys(result.pmids))
        if not result.is_clean:
            desk.unclean_arms.add(arm)
            desk.reasons.extend(
                f"{arm}: {run.outcome}: {run.reason}" for run in result.search_runs if run.outcome != "clean"
            )
        last_day = window.until - timedelta(days=1)
        desk.say(f"searched [{arm}] {window.since} to {last_day}: {len(result.pmids)} PMIDs")
    return desk.lay_down_set(tuple(sorted(found)))


def count_whole(desk: NightDesk) -> SearchRun:
    """
    Count the harvest strategy without dates; a count that fell, or cannot be believed, makes the run incomplete.

    An index that lost a fifth of the strategy's records may have lost tonight's too: no watermark
    moves past it, and nothing missing is taken for deleted.
    """
    harvest = desk.topic.harvest
    whole = weigh(desk.client, harvest, before=read_last_count(desk.connection, harvest.name, harvest.sha256))
    desk.book((whole,))
    if whole.outcome != "clean":
        desk.is_index_suspect = True
        desk.unclean_arms.update(ARMS)
        desk.reasons.append(f"whole strategy: {whole.outcome}: {whole.reason}")
    return whole


def watch(desk: NightDesk, pmid_set: str) -> str:
    """
    Ask PubMed which known records carry a retraction, concern or correction that is not held yet.

    A notice can be linked without a change that any date window shows. Records with a new one join
    the night's set, and so do those that stayed away on an earlier night. A watch that fails makes
    the night incomplete, but stops nothing.
    """
    pmids = desk.pmid_sets[pmid_set]
    known = set(ledger.read_known_pmids(desk.connection)).difference(pmids)
    if not known:
        return pmid_set
    away = set(read_absent_pmids(desk.connection)).difference(pmids)
    if away:
        desk.say(f"{len(away)} records that stayed away are asked for again")
    result = watch_known_set(desk.client, known)
    desk.book(result.search_runs)
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
    return desk.lay_down_set(tuple(sorted({*pmids, *new, *away})))


def match_strategies(desk: NightDesk, pmid_set: str) -> int:
    """Post the night's PMIDs once and intersect every provenance strategy; return the number of matches."""
    pmids = not_fetched_tonight(desk, pmid_set)
    if not pmids:
        return 0
    strategies = desk.topic.provenance
    result = search_provenance(desk.client, strategies, pmids)
    desk.book(result.search_runs)
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
    """Fetch the set into the raw archive and explain what is missing from it; return the hashes of its batches."""
    pmids = not_fetched_tonight(desk, pmid_set)
    result = fetch_articles(desk.client, desk.archive, pmids)
    desk.fetched = result
    desk.notes.extend(result.warnings)
    if result.failed:
        lost = {pmid for pmid, _ in result.failed}
        desk.unclean_arms.update(arm for arm, held in desk.pmids_by_arm.items() if lost.intersection(held))
        desk.reasons.append(
            f"{len(result.failed)} PMIDs could not be fetched, first {result.failed[0][0]}: {result.failed[0][1]}"
        )
    desk.say(
        f"fetched {len(result.received)} of {len(pmids)} records in {len(result.batches)} batches"
        + (f"; {len(result.missing)} are missing" if result.missing else "")
    )
    if n_earlier := len(desk.pmid_sets[pmid_set]) - len(pmids):
        desk.say(f"an earlier run of this night fetched the other {n_earlier}")
    if result.missing:
        explain_missing(desk, result.missing)
    return tuple(batch.batch_sha256 for batch in result.batches)


def not_fetched_tonight(desk: NightDesk, pmid_set: str) -> tuple[int, ...]:
    """
    Return the PMIDs of a set without those that an earlier clean run of this night fetched.

    What changed since then carries a later date, and tomorrow's windows reach back over it. A record
    with a new notice is asked for in any case.
    """
    noticed = desk.pmids_by_arm.get("known_set", ())
    done = desk.fetched_tonight.difference(noticed)
    return tuple(pmid for pmid in desk.pmid_sets[pmid_set] if pmid not in done)


def explain_missing(desk: NightDesk, missing: tuple[int, ...]) -> None:
    """
    Ask a second utility about records that EFetch did not hand out, and note the held ones as absent.

    A record of which ESummary has a summary is there: then something is wrong and the run is incomplete.
    So it is when neither utility has most of what a search lists.
    """
    listed = {pmid for arm, pmids in desk.pmids_by_arm.items() for pmid in pmids}
    try:
        absent = set(ask_absent(desk.client, missing))
    except EutilsError as error:
        desk.unclean_arms.update(arm for arm, pmids in desk.pmids_by_arm.items() if set(missing).intersection(pmids))
        desk.reasons.append(f"{len(missing)} records are missing and ESummary could not be asked about them: {error}")
        return
    if unexplained := sorted(set(missing) - absent):
        desk.unclean_arms.update(
            arm for arm, pmids in desk.pmids_by_arm.items() if set(unexplained).intersection(pmids)
        )
        desk.reasons.append(
            f"EFetch hands out no record for {len(unexplained)} PMIDs that ESummary does not call absent,"
            f" first {unexplained[0]}"
        )
    held = set(ledger.read_known_pmids(desk.connection))
    # A search that lists what two utilities do not have, or a count that fell: not the night to believe it.
    believed = [] if desk.is_index_suspect else sorted(absent & held - listed)
    if doubted := absent & held - set(believed):
        desk.notes.append(
            f"{len(doubted)} held records are missing, first {min(doubted)}, which is not believed tonight:"
            f" {'the count fell' if desk.is_index_suspect else 'a search lists them'}"
        )
    _weigh_lost(desk, absent & listed, n_asked=len(listed.intersection(fetched_of(desk).requested)), held=held)
    desk.absences = [Absence(pmid=pmid, utilities=UTILITIES_TO_CONFIRM) for pmid in believed]
    if believed:
        desk.say(f"{len(believed)} held records are absent from PubMed, first {believed[0]}")


def _weigh_lost(desk: NightDesk, lost: set[int], *, n_asked: int, held: set[int]) -> None:
    """Note records that a search lists and neither utility has; so many that the store must be out make it incomplete."""
    if is_store_suspect(len(lost), n_asked):
        desk.unclean_arms.update(arm for arm, pmids in desk.pmids_by_arm.items() if lost.intersection(pmids))
        desk.reasons.append(
            f"{len(lost)} of {n_asked} records that a search lists are neither in EFetch nor in ESummary,"
            f" first {min(lost)}: PubMed's store may be out"
        )
    elif new := lost - held:
        desk.notes.append(f"{len(new)} new records are listed, but neither EFetch nor ESummary has them: {_some(new)}")


def _some(pmids: set[int]) -> str:
    named = ", ".join(map(str, sorted(pmids)[:_NAMED_LOST]))
    return f"PMID {named}" + (" and others" if len(pmids) > _NAMED_LOST else "")


def is_store_suspect(n_lost: int, n_asked: int) -> bool:
    """
    Return whether so many of the records that a search lists cannot be had that PubMed's store must be out.

    One that vanished between search and fetch is nothing; all of several, or many and more than a fifth, are.
    """
    return (n_lost == n_asked >= _ALL_OF) or (n_lost > _MANY_LOST and n_lost > _LOST_SHARE * n_asked)


def parse(desk: NightDesk, batches: tuple[str, ...]) -> int:
    """Parse archived batches; return the number of articles. Only what was asked for is kept."""
    fetched = fetched_of(desk)
    unknown: Counter[str] = Counter()
    desk.parsed = parse_batches(desk.archive, batches, set(fetched.requested), unknown)
    if unknown:
        desk.notes.append(describe_unknown(unknown))
    desk.say(f"parsed {len(desk.parsed)} articles, {len(fetched.rejects)} kept aside as unreadable")
    return len(desk.parsed)


def describe_unknown(unknown: Counter[str]) -> str:
    """Say which elements and attributes of the replies no reader knows, the most frequent first, and how often they came."""
    named = [f"{path} ({count:,}×)" for path, count in unknown.most_common(_NAMED_UNKNOWN)]
    more = f" and {len(unknown) - len(named):,} more" if len(unknown) > len(named) else ""
    return f"the replies hold what this her2lit does not know and did not load: {', '.join(named)}{more}"


def parse_batches(
    archive: RawArchive, batches: Iterable[str], wanted: set[int], unknown: Counter[str] | None = None
) -> tuple[ParsedArticle, ...]:
    """
    Parse archived batches by hash; of a record that came twice in one version the last one counts.

    Args:
        unknown: Filled with the paths of elements and attributes nobody knows, and their counts.
    """
    parsed: dict[tuple[int, int], ParsedArticle] = {}
    for batch in batches:
        result = parse_articles(archive.read(batch), require_closed_root=True)
        if unknown is not None:
            unknown.update(dict(result.unknown))
        for article in result.articles:
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
    """Load everything in one transaction, watermarks of the clean arms included."""
    fetched = fetched_of(desk)
    harvest = desk.topic.harvest
    night = NightLoad(
        run_id=desk.run_id,
        label=desk.label,
        started_at=desk.started_at,
        is_history=desk.is_first_run or desk.plan.since is not None or desk.takes_up_history,
        articles=desk.parsed,
        annotations=desk.annotations,
        rejects=fetched.rejects,
        search_runs=tuple(desk.search_runs),
        search_hits=tuple(desk.search_hits),
        watermarks=tuple((harvest.name, arm, desk.windows[arm].until) for arm in ARMS if arm not in desk.unclean_arms),
        batches=fetched.batches,
        absences=tuple(desk.absences),
        pins=tuple(desk.first_readings),
    )
    return load_into_warehouse(desk, night)


def load_into_warehouse(desk: NightDesk, night: NightLoad) -> LoadReport:
    """Write the journal, then load *night*; say what changed."""
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
    finish(desk, "incomplete" if desk.reasons else "clean", desk.message)
    desk.close_warehouse()
    desk.publication = publish(
        desk.plan.home.warehouse,
        desk.plan.home.published,
        label=desk.label,
        published_at=utc_now(desk.plan.clock),
        data_as_of=desk.started_at,
    )
    if desk.publication.is_compacted:
        desk.say("rewrote the warehouse without its dead space")
    desk.say("published a new snapshot" if desk.publication.is_replaced else "the published snapshot is up to date")
    return desk.publication


def report(desk: NightDesk) -> int:
    """Make the pages anew from what was published; return how many files changed."""
    n_changed = write_pages(desk.plan.home)
    desk.say(f"{n_changed} pages changed" if n_changed else "the pages are up to date")
    return n_changed


def summarise(desk: NightDesk) -> NightSummary:
    """Return how the night ended."""
    fetched = fetched_of(desk)
    if desk.load is None or desk.publication is None:
        raise RunIncomplete("the night has not been loaded and published yet")
    return NightSummary(
        run_id=desk.run_id,
        label=desk.label,
        outcome="incomplete" if desk.reasons else "clean",
        reasons=tuple(desk.reasons),
        notes=desk.all_notes,
        unmoved_arms=tuple(arm for arm in ARMS if arm in desk.unclean_arms),
        n_harvested=len(fetched.requested),
        n_received=len(fetched.received),
        n_missing=len(fetched.missing),
        n_rejected=len(fetched.rejects),
        n_requests=desk.client.n_requests,
        load=desk.load,
        is_published_anew=desk.publication.is_replaced,
    )


def fetched_of(desk: NightDesk) -> FetchResult:
    """Return what was fetched."""
    if desk.fetched is None:
        raise RunIncomplete("nothing has been fetched yet")
    return desk.fetched
