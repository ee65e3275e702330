"""
The nightly watch over what is already known: retractions, concerns, errata and updates by PMID.

A record can be retracted without a change that any date window shows; asking the known PMIDs for
the words PubMed files such records under costs one EPost and three ESearches per 5,000 of them,
and one more to confirm the zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from her2lit.errors import EutilsError
from her2lit.pubmed.asking import RunBook, Verdict, complete, judge_warnings
from her2lit.pubmed.client import POST_CAP, EutilsClient
from her2lit.pubmed.provenance import PostedSet
from her2lit.pubmed.query import combine
from her2lit.pubmed.replies import SearchReply
from her2lit.records import SearchRun

#: Kind of notice -> words that PubMed files a record under once such a notice is linked (PubMed User Guide).
#: Each kind is asked for itself: a corrected paper that is then retracted must show again. A retraction may
#: be told by the publication type alone.
NOTICE_WORDS: tuple[tuple[str, str], ...] = (
    ("retraction", 'hasretractionin OR hasretractedandrepublishedin OR "Retracted Publication"[pt]'),
    ("concern", "hasexpressionofconcernin"),
    ("correction", "haserratumin OR hascorrectedrepublishedin OR hasupdatein"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStrategy:
    """One kind of notice as a strategy, so that its runs stand in the ledger beside the others."""

    kind: str
    text: str

    @property
    def name(self) -> str:
        """Return the name under which the ledger keeps its runs."""
        return f"known-set-{self.kind}"

    @property
    def sha256(self) -> str:
        """Return the hash of the words."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchResult:
    """Known PMIDs that carry a notice; those not yet known to carry it are worth fetching again."""

    search_runs: tuple[SearchRun, ...]
    #: (kind of notice, PMIDs), in the order of ``NOTICE_WORDS``; only what was answered cleanly
    pmids_by_kind: tuple[tuple[str, tuple[int, ...]], ...]
    is_clean: bool


def watch_known_set(client: EutilsClient, pmids: Iterable[int]) -> WatchResult:
    """
    Return which of *pmids* PubMed links to a retraction, concern, erratum or update.

    Costs one EPost, one ESearch per kind of notice and one for all kinds that answered zero, for each
    5,000 PMIDs. A failure is an outcome of its search run, never an exception: the watch must not stop
    a night.

    Raises:
        SettingsError: The API key is refused.
    """
    known = tuple(sorted(set(pmids)))
    runs: list[SearchRun] = []
    found: dict[str, set[int]] = {kind: set() for kind, _ in NOTICE_WORDS}
    for start in range(0, len(known), POST_CAP):
        watch = _PostedWatch(client=client, posted=PostedSet(client=client, pmids=known[start : start + POST_CAP]))
        watch.ask_all()
        for kind, _ in NOTICE_WORDS:
            runs.append(watch.runs[kind])
            found[kind].update(watch.carrying[kind])
    return WatchResult(
        search_runs=tuple(runs),
        pmids_by_kind=tuple((kind, tuple(sorted(carrying))) for kind, carrying in found.items()),
        is_clean=all(run.outcome == "clean" for run in runs),
    )


@dataclass(slots=True)
class _PostedWatch:
    """At most 5,000 posted PMIDs, and what is linked to them."""

    client: EutilsClient
    posted: PostedSet
    runs: dict[str, SearchRun] = field(default_factory=dict)
    carrying: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def ask_all(self) -> None:
        """Ask for every kind of notice, and once more for all those that answered zero."""
        strategies = [WatchStrategy(kind=kind, text=words) for kind, words in NOTICE_WORDS]
        for strategy in strategies:
            self._ask(strategy)
        zeros = [strategy for strategy in strategies if self.runs[strategy.kind].count == 0]
        for strategy in zeros if zeros and self._finds_any(zeros) else ():
            n_before = self.runs[strategy.kind].n_requests
            self._ask(strategy)
            run = self.runs[strategy.kind]
            self.runs[strategy.kind] = replace(run, n_requests=run.n_requests + n_before)

    def _ask(self, strategy: WatchStrategy) -> None:
        term = combine("#1", strategy.text)
        book = RunBook(self.client, strategy, "known_set", None)
        reply: SearchReply | None = None
        try:
            reply = self._search(term)
            verdict = judge_warnings(reply, term)
        except EutilsError as error:
            verdict = Verdict(outcome="failed", reason=str(error))
        if reply and (foreign := set(reply.pmids).difference(self.posted.pmids)):
            reason = f"PubMed did not intersect: {len(foreign)} PMIDs were never posted"
            verdict = Verdict(outcome="failed", reason=reason)
        self.runs[strategy.kind] = book.close(term, reply, verdict)
        self.carrying[strategy.kind] = reply.pmids if reply and verdict.outcome == "clean" else ()

    def _finds_any(self, zeros: Sequence[WatchStrategy]) -> bool:
        """Ask for all *zeros* together; where there is no answer they are not believed."""
        try:
            return self._search(combine("#1", " OR ".join(strategy.text for strategy in zeros))).count > 0
        except EutilsError as error:
            for strategy in zeros:
                reason = f"the zero could not be confirmed: {error}"
                self.runs[strategy.kind] = replace(self.runs[strategy.kind], outcome="held", reason=reason)
            return False

    def _search(self, term: str) -> SearchReply:
        def asking(webenv: str) -> SearchReply:
            reply = self.client.esearch(term, webenv=webenv)
            return complete(self.client, term, reply, webenv=webenv)

        return self.posted.use(asking)
