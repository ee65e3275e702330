"""
What the warehouse must hold, worked out from the world and from which nights succeeded, never from the product's code.

A night is judged by what was there to be seen at the instants of its search and its fetch. Two
changes between two successful nights are one revision; nothing else may be missing or doubled.
Only two things are taken from the product: the hash of a record's content and its annotation,
both made anew from the bytes of the world.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb

from flows.replay import differing_tables, replay
from her2lit.annotate.annotate import annotate_article
from her2lit.journal import read_journal
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.parse import parse_articles
from her2lit.topic.topic import load_topic
from soak.season import Attempt, Season, read_requests
from soak.world import Face
from warehouse.contents import table_digests
from warehouse.rows import annotation_sha256

ARMS = ("crdt", "lr", "mhda")
_RECORD_PMID = re.compile(rb"<(?:MedlineCitation|BookDocument)[^>]*>\s*<PMID[^>]*>(\d+)</PMID>")
#: RefType -> (what it says, whether the record says it of itself)
_MARKS = {
    "RetractionIn": ("retracted", True), "RetractedandRepublishedIn": ("retracted", True),
    "ExpressionOfConcernIn": ("concern", True), "ErratumIn": ("corrected", True),
    "RetractionOf": ("retracted", False), "RetractedandRepublishedFrom": ("retracted", False),
    "ExpressionOfConcernFor": ("concern", False), "ErratumFor": ("corrected", False),
    "CorrectedandRepublishedIn": ("corrected", True), "CorrectedandRepublishedFrom": ("corrected", False),
}  # fmt: skip
#: Kind of notice the watch asks for -> RefTypes and publication types on the record itself
_WATCHED = {
    "retraction": {"RetractionIn", "RetractedandRepublishedIn", "Retracted Publication"},
    "concern": {"ExpressionOfConcernIn"},
    "correction": {"ErratumIn", "CorrectedandRepublishedIn", "UpdateIn"},
}


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What the oracle found; every list is empty when all is well."""

    #: Rows (versions, events) that must be there and are not
    lost: list[str] = field(default_factory=list)
    #: Rows that are there and must not be
    doubled: list[str] = field(default_factory=list)
    #: Anything else that is not as it must be
    wrong: list[str] = field(default_factory=list)
    #: Records that are held in other words than PubMed shows at the end
    n_stale: int = 0
    #: Records gone from PubMed that are still held
    n_ghosts: int = 0
    #: Records in scope, created in the days watched, that are not held
    n_unseen: int = 0
    n_records: int = 0
    n_versions: int = 0
    n_events: int = 0
    n_committed: int = 0

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is lost, doubled or wrong, and all is as PubMed shows it."""
        return not (self.lost or self.doubled or self.wrong or self.n_stale or self.n_ghosts or self.n_unseen)


@dataclass(slots=True)
class _Held:
    face: Face
    sha: str


class _Book:
    """The expected warehouse, led night by night."""

    def __init__(self) -> None:
        self.current: dict[int, _Held] = {}
        self.known: set[int] = set()
        self.versions: Counter[tuple[Any, ...]] = Counter()
        self.events: Counter[tuple[Any, ...]] = Counter()

    def apply(self, run_id: str, label: date, shown: dict[int, Face], gone: set[int], *, is_history: bool) -> None:
        """Take in what one committed run was shown, and what it deleted."""
        before = self._marks()
        held_before = dict(self.current)
        for pmid in sorted(shown):
            self._see(run_id, shown[pmid])
        for pmid in gone:
            self.current.pop(pmid, None)
        after = self._marks()
        for pmid in sorted({*held_before, *self.current}):
            for event in _events(pmid, held_before.get(pmid), self.current.get(pmid), before[pmid], after[pmid],
                                 is_known=pmid in self.known, label=label, is_history=is_history):  # fmt: skip
                self.events[run_id, event, pmid] += 1
        self.known |= set(shown)

    def _see(self, run_id: str, face: Face) -> None:
        held = self.current.get(face.pmid)
        sha = content_sha256(face.xml)
        if held and held.sha == sha and held.face.version == face.version:
            # The same words, perhaps with other dates.
            self.current[face.pmid] = _Held(face, sha)
            return
        self.current[face.pmid] = _Held(face, sha)
        self.versions[face.pmid, face.version, sha, run_id] += 1

    def _marks(self) -> defaultdict[Any, set[tuple[str, int | str]]]:
        """PMID -> what is said of it: (mark, identity of the notice)."""
        marks: defaultdict[Any, set[tuple[str, int | str]]] = defaultdict(set)
        for pmid, held in self.current.items():
            for reference in held.face.references:
                if reference.ref_type not in _MARKS:
                    continue
                mark, is_own = _MARKS[reference.ref_type]
                marks[pmid if is_own else reference.other].add((mark, reference.other if is_own else pmid))
            if "Retracted Publication" in held.face.types:
                marks[pmid].add(("retracted", "by type"))
        return marks


def _events(
    pmid: int, before: _Held | None, after: _Held | None, said: set[Any], says: set[Any],
    *, is_known: bool, label: date, is_history: bool,
) -> Iterator[str]:  # fmt: skip
    """Yield what must be told of one record, once each."""
    if after is None:
        if before is not None:
            yield "deleted"
        return
    if before is None:
        if is_known:
            yield "reappeared"
        else:
            created = after.face.dates["crdt"]
            is_new = created is not None and created >= label - timedelta(days=30)
            arrival = "appeared" if is_new else "loaded" if is_history else "late_arrival"
            yield arrival
            if arrival == "loaded":
                return
        said = set()
    elif before.sha != after.sha:
        yield "revised"
        if after.face.has_mesh and not before.face.has_mesh:
            yield "indexed"
    for mark in ("corrected", "concern"):
        fresh = {notice for name, notice in says if name == mark} - {notice for name, notice in said if name == mark}
        yield from [mark] * len(fresh)
    was, now = (any(name == "retracted" for name, _ in marks) for marks in (said, says))
    if now != was:
        yield "retracted" if now else "reinstated"


def _said_of_itself(face: Face) -> set[str]:
    return {reference.ref_type for reference in face.references} | set(face.types)


@cache
def content_sha256(xml: str) -> str:
    """Return the hash of a record's content, from the bytes of the world."""
    return fingerprint(_article(xml)).content_sha256


@cache
def _article(xml: str) -> Any:
    [article] = parse_articles(f"<PubmedArticleSet>{xml}</PubmedArticleSet>".encode()).articles
    return article


# -- judging -----------------------------------------------------------------------------------


class Oracle:
    """Judges a season's home."""

    def __init__(self, season: Season) -> None:
        self.season, self.world = season, season.world
        self.found = Judgement()
        self.book = _Book()
        self.watermarks: dict[str, date] = {}
        #: Arm -> where its first search began: without a watermark every further one reaches back to it
        self.began: dict[str, date] = {}
        #: Night -> what its clean runs asked EFetch for
        self.asked_on: defaultdict[date, set[int]] = defaultdict(set)
        #: PMID -> nights on which it was away since it was last delivered
        self.absent_on: dict[int, set[date]] = {}
        #: PMIDs that some clean window must have shown
        self.due: set[int] = set()
        self.archive = RawArchive(season.home.raw)
        with duckdb.connect(str(season.home.warehouse), read_only=True) as connection:
            self.tables = _Tables(connection)

    def judge(self) -> Judgement:
        """Follow every committed run, then compare."""
        self._check_worlds_words()
        self.follow()
        self.compare_rows()
        self._compare_ledger()
        self._compare_annotations()
        self._compare_snapshot()
        self._compare_replay()
        self._compare_world()
        return self.found

    def follow(self) -> None:
        """Lead the book over every run that was committed."""
        for attempt in self.season.attempts:
            if attempt.run_id in self.tables.committed:
                self._lead(attempt)

    def _check_worlds_words(self) -> None:
        """The world's own idea of what is news must be the fingerprint's."""
        hashes: dict[tuple[int, str], str] = {}
        contents: dict[tuple[int, str], str] = {}
        for face in self.world.faces:
            if face.content is None:
                continue
            sha = content_sha256(face.xml)
            if hashes.setdefault((face.pmid, face.content), sha) != sha:
                self.found.wrong.append(f"{face.pmid}: bookkeeping changed the hash of its content")
            if contents.setdefault((face.pmid, sha), face.content) != face.content:
                self.found.wrong.append(f"{face.pmid}: two contents have one hash")

    # -- one run -------------------------------------------------------------------------------

    def _lead(self, attempt: Attempt) -> None:
        run_id = str(attempt.run_id)
        self.found.n_committed += 1
        requests = read_requests(self.season.log, attempt.first_request, attempt.last_request)
        struck = Counter(r["fault"] for r in requests if r["fault"])
        at_fetch = self.world.at(attempt.instants["fetch"])
        delivered = self._delivered(run_id, requests)
        unread = self.tables.rejects[run_id]
        if unread and not struck.keys() & {"bad_utf8", "control_character", "entity", "entity_bomb"}:
            self._wrong(run_id, f"rejects {sorted(unread)[:3]} although nothing spoiled a record")
        if not delivered <= at_fetch.keys():
            self._wrong(run_id, f"loaded what was not there: {sorted(delivered - at_fetch.keys())[:3]}")
        if not attempt.night.is_reconcile:
            hits = self._check_arms(attempt, is_lied_to=struck["zero"] > 1)
            watched = self._check_watch(attempt, hits, is_lied_to=struck["zero"] > 1)
            asked = (hits | watched | (self.absent_on.keys() & self.book.current.keys())) & at_fetch.keys()
            if not delivered <= asked:
                self._wrong(run_id, f"loaded what was not asked for: {sorted(delivered - asked)[:3]}")
            # What a clean run of this night asked for need not be asked for again.
            due = ((hits - self.asked_on[attempt.label]) | watched) & at_fetch.keys()
            if run_id in self.tables.clean:
                self.asked_on[attempt.label] |= {p for _, pmids in self.tables.batches[run_id] for p in pmids}
            is_disturbed = any(r["fault"] for r in requests if r["utility"] == "efetch")
            if not is_disturbed and not delivered >= due:
                self._wrong(run_id, f"fetched {len(delivered)} of {len(due)}: not {sorted(due - delivered)[:3]}")
        gone = self.tables.deleted[run_id]
        self._check_deletions(attempt, gone, delivered, at_fetch)
        shown = {pmid: at_fetch[pmid] for pmid in delivered if pmid in at_fetch}
        is_history = not any(run_id > clean for clean in self.tables.clean)
        self.book.apply(run_id, attempt.label, shown, gone, is_history=is_history)

    def _check_deletions(
        self, attempt: Attempt, gone: set[int], delivered: set[int], at_fetch: dict[int, Face]
    ) -> None:
        """Only what was away on two nights may be called deleted."""
        for pmid in self.book.current.keys() - at_fetch.keys():
            self.absent_on.setdefault(pmid, set()).add(attempt.label)
        for pmid in delivered:
            self.absent_on.pop(pmid, None)
        for pmid in gone:
            if pmid in at_fetch or len(self.absent_on.get(pmid, ())) < 2:
                self._wrong(str(attempt.run_id), f"{pmid} is called deleted, away on {self.absent_on.get(pmid)}")

    def _delivered(self, run_id: str, requests: list[dict[str, Any]]) -> set[int]:
        """PMIDs that the server really sent, in batches that the run accepted."""
        sent = {r["body_sha256"] for r in requests if r["utility"] == "efetch"}
        delivered: set[int] = set()
        for batch, pmids in self.tables.batches[run_id]:
            if batch not in sent:
                self._wrong(run_id, f"batch {batch[:8]} was never sent")
            delivered |= {int(p) for p in _RECORD_PMID.findall(self.archive.read(batch))} & set(pmids)
        return delivered - self.tables.rejects[run_id]

    def _check_arms(self, attempt: Attempt, *, is_lied_to: bool) -> set[int]:
        """Every clean arm found exactly what its window shows, and windows leave no gap."""
        run_id = str(attempt.run_id)
        journal = read_journal(self.season.home.journal / f"{run_id}.json.gz")
        moved = {arm for _, arm, _ in journal.watermarks}
        at_search = self.world.at(attempt.instants["search"])
        found: set[int] = set()
        for arm in ARMS:
            since, until = self._window(arm, attempt.label), attempt.label
            self.began.setdefault(arm, since)
            due = {p for p, f in at_search.items() if f.is_topical and (d := f.dates[arm]) and since <= d < until}
            hits = self.tables.hits[run_id, arm]
            found |= hits
            runs = self.tables.searches[run_id, arm]
            if not runs or any(window != (since, until) for window, _ in runs):
                self._wrong(run_id, f"{arm} asked for {runs}, not for {since} to {until}")
            is_clean = all(outcome == "clean" for _, outcome in runs)
            if not hits <= due:
                self._wrong(run_id, f"{arm} found {sorted(hits - due)[:3]} outside its window")
            if is_clean and not is_lied_to and hits != due:
                self._wrong(run_id, f"{arm} is clean but lacks {sorted(due - hits)[:3]}")
            if arm in moved:
                if not is_clean:
                    self._wrong(run_id, f"the watermark of {arm} moved past a search that was not clean")
                self.due |= due
                self.watermarks[arm] = until
        return found

    def _window(self, arm: str, label: date) -> date:
        """The rule of docs/architecture.md: three days behind the watermark, at least a week back."""
        week = label - timedelta(days=7)
        if arm in self.watermarks:
            return min(self.watermarks[arm] - timedelta(days=3), week)
        return min(self.began.get(arm, week), week)

    def _check_watch(self, attempt: Attempt, hits: set[int], *, is_lied_to: bool) -> set[int]:
        """The watch over known records found every notice that is not held yet."""
        run_id = str(attempt.run_id)
        shown = self.world.at(attempt.instants["watch"])
        found: set[int] = set()
        for kind, ref_types in _WATCHED.items():
            due = {
                pmid
                for pmid, held in self.book.current.items()
                if pmid not in hits
                and pmid in shown
                and ref_types & _said_of_itself(shown[pmid])
                and not ref_types & _said_of_itself(held.face)
            }
            new = self.tables.hits[run_id, f"known-set-{kind}"]
            found |= new
            outcomes = [outcome for _, outcome in self.tables.searches[run_id, f"known-set-{kind}"]]
            if self.book.current.keys() - hits and not outcomes:
                self._wrong(run_id, f"nobody watched for {kind}")
            is_clean = all(outcome == "clean" for outcome in outcomes)
            if not new <= due or (is_clean and not is_lied_to and new != due):
                self._wrong(run_id, f"the watch for {kind} found {sorted(new)[:5]}, not {sorted(due)[:5]}")
        return found

    # -- at the end ----------------------------------------------------------------------------

    def compare_rows(self) -> None:
        """Compare versions and events, row by row."""
        for name, due, held in (
            ("version", self.book.versions, self.tables.versions),
            ("event", self.book.events, self.tables.events),
        ):
            self.found.lost += [f"{name} {row}" for row in sorted((due - held).elements(), key=str)]
            self.found.doubled += [f"{name} {row}" for row in sorted((held - due).elements(), key=str)]
        current = {pmid: (held.face.version, held.sha) for pmid, held in self.book.current.items()}
        for pmid in sorted(current.keys() | self.tables.current.keys()):
            if current.get(pmid) != self.tables.current.get(pmid):
                self.found.wrong.append(f"{pmid}: current {self.tables.current.get(pmid)}, not {current.get(pmid)}")
        self.found.lost += [
            f"record {pmid}: shown by a clean window, never held" for pmid in self.due - self.book.known
        ]
        self.found.n_versions = sum(self.tables.versions.values())
        self.found.n_events = sum(self.tables.events.values())
        self.found.n_records = len(self.tables.current)

    def _compare_ledger(self) -> None:
        if self.watermarks != self.tables.watermarks:
            self.found.wrong.append(f"watermarks {self.tables.watermarks}, not {self.watermarks}")
        if "running" in self.tables.outcomes:
            self.found.wrong.append("a run is still noted as running")

    def _compare_annotations(self) -> None:
        topic = load_topic()
        for pmid, held in self.book.current.items():
            due = annotation_sha256(annotate_article(_article(held.face.xml), topic))
            if self.tables.annotations.get(pmid) != due:
                self.found.wrong.append(f"{pmid}: its annotation is not that of its current words")

    def _compare_snapshot(self) -> None:
        home = self.season.home
        digests = []
        for path in (home.warehouse, home.published_database):
            with closing(duckdb.connect(str(path), read_only=True)) as connection:
                digests.append(table_digests(connection))
        if digests[0] != digests[1]:
            self.found.wrong.append("the published snapshot differs from the warehouse")

    def _compare_replay(self) -> None:
        again = self.season.root / "again.duckdb"
        again.unlink(missing_ok=True)
        replay(self.season.home, again, last_run=None, say=lambda _line: None)
        self.found.wrong += [f"replay: {line}" for line in differing_tables(self.season.home.warehouse, again)]

    def _compare_world(self) -> None:
        """The warehouse equals PubMed: what nights alone cannot know, the reconciliations have brought."""
        shown = self.world.at(max(a.instants["fetch"] for a in self.season.attempts if "fetch" in a.instants))
        for pmid, held in self.book.current.items():
            face = shown.get(pmid)
            self.found.n_ghosts += face is None
            self.found.n_stale += face is not None and content_sha256(face.xml) != held.sha
        first = self.season.attempts[0].label - timedelta(days=7)
        topical = {pmid for pmid, face in shown.items() if face.is_topical and (face.dates["crdt"] or first) >= first}
        self.found.n_unseen = len(topical - self.book.current.keys())

    def _wrong(self, run_id: str, what: str) -> None:
        self.found.wrong.append(f"{run_id}: {what}")


class _Tables:
    """What the warehouse says, read once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        def rows(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        self.committed = {run_id for (run_id,) in rows("SELECT DISTINCT run_id FROM search_runs")}
        runs = rows("SELECT run_id, outcome FROM runs")
        self.outcomes = Counter(outcome for _, outcome in runs)
        self.clean = {run_id for run_id, outcome in runs if outcome == "clean"}
        self.versions = Counter(rows("SELECT pmid, pmid_version, content_sha256, run_id FROM article_versions"))
        self.current = {
            pmid: (version, sha)
            for pmid, version, sha in rows(
                "SELECT pmid, pmid_version, content_sha256 FROM article_versions WHERE seen_to IS NULL"
            )
        }
        self.events = Counter(rows("SELECT run_id, event_type, pmid FROM evidence_events"))
        self.deleted = _sets(rows("SELECT run_id, pmid FROM evidence_events WHERE event_type = 'deleted'"))
        self.rejects = _sets(rows("SELECT run_id, pmid FROM rejects"))
        self.batches: defaultdict[str, list[tuple[str, list[int]]]] = defaultdict(list)
        for run_id, batch, pmids in rows("SELECT run_id, batch_sha256, pmids FROM fetch_batches"):
            self.batches[run_id].append((batch, pmids))
        # The arms of the harvest by arm, the watch by strategy: what is searched in one place each.
        key = "CASE WHEN arm = 'known_set' THEN strategy ELSE arm END"
        self.hits = _sets(
            ((run_id, arm), pmid) for run_id, arm, pmid in rows(f"SELECT run_id, {key}, pmid FROM search_hits")
        )
        self.searches: defaultdict[Any, list[tuple[Any, str]]] = defaultdict(list)
        for run_id, arm, since, until, outcome in rows(
            f"SELECT run_id, {key}, window_since, window_until, outcome FROM search_runs ORDER BY run_id, position"
        ):
            self.searches[run_id, arm].append(((since, until), outcome))
        self.watermarks = dict(rows("SELECT arm, watermark FROM watermarks"))
        self.annotations = dict(
            rows(
                "SELECT v.pmid, e.annotation_sha256 FROM article_versions AS v JOIN article_evidence AS e USING (version_id)"
                " WHERE v.seen_to IS NULL AND e.superseded_at IS NULL"
            )
        )


def _sets(pairs: Iterable[tuple[Any, Any]]) -> defaultdict[Any, set[int]]:
    made: defaultdict[Any, set[int]] = defaultdict(set)
    for key, value in pairs:
        made[key].add(value)
    return made
