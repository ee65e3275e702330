"""
Provenance: which strategies match the PMIDs already found, one request each.

The PMIDs are posted to the history server once, then every strategy is intersected with them. What
is fetched does not depend on it, but which keyword brought a paper does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from her2lit.errors import EutilsError
from her2lit.pubmed.asking import RunBook, SearchStrategy, Verdict, complete, judge_warnings
from her2lit.pubmed.client import POST_CAP, EutilsClient, HistoryLost
from her2lit.pubmed.query import check_query, combine
from her2lit.pubmed.replies import SearchReply
from her2lit.records import SearchHit, SearchRun

#: How often a lost history session is posted anew in one go.
MAX_RENEWALS = 2
#: Length of the one term that confirms many zeros; PubMed took 6,300 characters unchanged.
_MAX_UNION_LENGTH = 6_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceResult:
    """Which strategy matches which PMID."""

    search_runs: tuple[SearchRun, ...]
    #: With arm "provenance", ordered by strategy as given, then PMID
    search_hits: tuple[SearchHit, ...]
    is_clean: bool


@dataclass(slots=True)
class PostedSet:
    """PMIDs on the history server as ``#1``, posted again when the server forgets them."""

    client: EutilsClient
    pmids: tuple[int, ...]
    _webenv: str | None = None
    _n_renewals: int = 0

    def use(self, asking: Callable[[str], T]) -> T:
        """
        Return ``asking(webenv)``, posting first where needed and again, at most twice, where it was lost.

        Raises:
            EutilsError: No usable answer, or lost for the third time.
        """
        while True:
            if self._webenv is None:
                self._webenv = self.client.epost(self.pmids).webenv
            try:
                return asking(self._webenv)
            except HistoryLost:
                self._webenv = None
                self._n_renewals += 1
                if self._n_renewals > MAX_RENEWALS:
                    raise


def search_provenance(
    client: EutilsClient, strategies: Iterable[SearchStrategy], pmids: Iterable[int]
) -> ProvenanceResult:
    """
    Match every strategy against *pmids*: one EPost, one ESearch per strategy, one to confirm the zeros.

    A strategy whose phrases PubMed's index lacks may well match none of a night's papers; its zero
    is kept, with the warning, once a second ask agrees. One that lost a whole clause matches none. Failures are outcomes, not exceptions.

    Raises:
        QueryError: A strategy is malformed; nothing was sent.
        SettingsError: The API key is refused.
    """
    asked = tuple(strategies)
    for strategy in asked:
        check_query(strategy.text)
    known = tuple(sorted(set(pmids)))
    runs: list[SearchRun] = []
    hits: list[SearchHit] = []
    for start in range(0, len(known), POST_CAP):
        chunk = _Chunk(client=client, posted=PostedSet(client=client, pmids=known[start : start + POST_CAP]))
        for strategy in asked:
            chunk.match(strategy)
        chunk.confirm_zeros()
        runs.extend(chunk.runs[strategy.name] for strategy in asked)
        hits.extend(chunk.hits)
    order = {strategy.name: position for position, strategy in enumerate(asked)}
    hits.sort(key=lambda hit: (order[hit.strategy], hit.pmid))
    return ProvenanceResult(
        search_runs=tuple(runs), search_hits=tuple(hits), is_clean=all(run.outcome == "clean" for run in runs)
    )


@dataclass(slots=True)
class _Chunk:
    """At most 5,000 posted PMIDs and what matched them."""

    client: EutilsClient
    posted: PostedSet
    runs: dict[str, SearchRun] = field(default_factory=dict)
    hits: list[SearchHit] = field(default_factory=list)
    #: Strategies that answered zero and are asked once more together
    zeros: list[SearchStrategy] = field(default_factory=list)

    def match(self, strategy: SearchStrategy) -> None:
        """Ask one strategy."""
        book = RunBook(self.client, strategy, "provenance", None)
        term = combine("#1", strategy.text)
        reply: SearchReply | None = None
        try:
            reply = self._ask(term)
            verdict = self._judge(reply, term)
        except EutilsError as error:
            verdict = Verdict(outcome="failed", reason=str(error))
        self.runs[strategy.name] = book.close(term, reply, verdict)
        if reply is None or verdict.outcome != "clean" or verdict.is_foreign:
            return
        if reply.count == 0:
            self.zeros.append(strategy)
        self.hits.extend(SearchHit(strategy=strategy.name, arm="provenance", pmid=pmid) for pmid in reply.pmids)

    def confirm_zeros(self) -> None:
        """Ask all zeros once more as one OR; only where that finds something, one by one."""
        zeros, self.zeros = self.zeros, []
        for group in _groups(zeros):
            for strategy in group if self._finds_any(group) else ():
                n_before = self.runs[strategy.name].n_requests
                self.match(strategy)
                run = self.runs[strategy.name]
                self.runs[strategy.name] = replace(run, n_requests=run.n_requests + n_before)

    def _finds_any(self, group: Sequence[SearchStrategy]) -> bool:
        union = " OR ".join(f"({strategy.text})" for strategy in group)
        try:
            return self._ask(combine("#1", union)).count > 0
        except EutilsError as error:
            for strategy in group:
                reason = f"the zero could not be confirmed: {error}"
                self.runs[strategy.name] = replace(self.runs[strategy.name], outcome="held", reason=reason)
            return False

    def _ask(self, term: str) -> SearchReply:
        def asking(webenv: str) -> SearchReply:
            reply = self.client.esearch(term, webenv=webenv)
            return complete(self.client, term, reply, webenv=webenv)

        return self.posted.use(asking)

    def _judge(self, reply: SearchReply, term: str) -> Verdict:
        foreign = set(reply.pmids).difference(self.posted.pmids)
        if foreign:
            return Verdict(outcome="failed", reason=f"PubMed did not intersect: {len(foreign)} PMIDs were never posted")
        verdict = judge_warnings(reply, term)
        if verdict.is_foreign:
            # A strategy that PubMed cannot read whole matches none of the papers, which are fetched already.
            return replace(verdict, outcome="clean")
        # Held zeros guard what is fetched, too.
        return Verdict(outcome="clean") if verdict.outcome == "held" else verdict


def _groups(strategies: Sequence[SearchStrategy]) -> tuple[tuple[SearchStrategy, ...], ...]:
    """Return the strategies in groups whose joined text stays short enough for one request."""
    groups: list[list[SearchStrategy]] = []
    length = _MAX_UNION_LENGTH
    for strategy in strategies:
        length += len(strategy.text)
        if length > _MAX_UNION_LENGTH:
            groups.append([])
            length = len(strategy.text)
        groups[-1].append(strategy)
    return tuple(map(tuple, groups))
