"""
The nightly watch over what is already known: retractions, concerns, errata and updates by PMID.

A record can be retracted without a change that any date window shows; asking the known PMIDs for
the words PubMed files such records under costs one EPost and three ESearches per 5,000 of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from her2lit.errors import EutilsError
from her2lit.pubmed.asking import RunBook, Verdict, ask, complete, judge_warnings
from her2lit.pubmed.client import POST_CAP, EutilsClient
from her2lit.pubmed.provenance import PostedSet
from her2lit.pubmed.query import combine
from her2lit.pubmed.replies import SearchReply
from her2lit.records import SearchRun

#: Kind of notice -> words that PubMed files a record under once such a notice is linked (PubMed User Guide).
#: Each kind is asked for itself: a corrected paper that is then retracted must show again.
NOTICE_WORDS: tuple[tuple[str, str], ...] = (
    ("retraction", "hasretractionin OR hasretractedandrepublishedin"),
    ("concern", "hasexpressionofconcernin"),
    ("correction", "haserratumin OR hasupdatein"),
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

    Costs one EPost and one ESearch per kind of notice for each 5,000 PMIDs. A failure is an outcome
    of its search run, never an exception: the watch must not stop a night.

    Raises:
        SettingsError: The API key is refused.
    """
    known = tuple(sorted(set(pmids)))
    runs: list[SearchRun] = []
    found: dict[str, set[int]] = {kind: set() for kind, _ in NOTICE_WORDS}
    for start in range(0, len(known), POST_CAP):
        posted = PostedSet(client=client, pmids=known[start : start + POST_CAP])
        for kind, words in NOTICE_WORDS:
            run, carrying = _watch_kind(client, posted, WatchStrategy(kind=kind, text=words))
            runs.append(run)
            found[kind].update(carrying)
    return WatchResult(
        search_runs=tuple(runs),
        pmids_by_kind=tuple((kind, tuple(sorted(carrying))) for kind, carrying in found.items()),
        is_clean=all(run.outcome == "clean" for run in runs),
    )


def _watch_kind(client: EutilsClient, posted: PostedSet, strategy: WatchStrategy) -> tuple[SearchRun, tuple[int, ...]]:
    term = combine("#1", strategy.text)
    book = RunBook(client, strategy, "known_set", None)
    try:
        reply = posted.use(partial(_ask_whole, client, term))
    except EutilsError as error:
        return book.close(term, None, Verdict(outcome="failed", reason=str(error))), ()
    verdict = judge_warnings(reply, term)
    if foreign := set(reply.pmids).difference(posted.pmids):
        verdict = Verdict(outcome="failed", reason=f"PubMed did not intersect: {len(foreign)} PMIDs were never posted")
    return book.close(term, reply, verdict), reply.pmids if verdict.outcome == "clean" else ()


def _ask_whole(client: EutilsClient, term: str, webenv: str) -> SearchReply:
    reply, _ = ask(client, term, webenv=webenv)
    return complete(client, term, reply, webenv=webenv)
