"""
The nightly watch over what is already known: retractions, concerns, errata and updates by PMID.

A record can be retracted without a change that any date window shows; asking the known PMIDs for
the words PubMed files such records under costs one EPost and one ESearch per 5,000 of them.
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

#: Words that PubMed files a record under once a notice about it is linked (PubMed User Guide, "Comment").
NOTICE_WORDS = (
    "hasretractionin OR hasexpressionofconcernin OR haserratumin OR hasupdatein OR hasretractedandrepublishedin"
)
#: Largest fall of a count from one night to the next that is taken for ordinary.
MAX_DROP = 0.20


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStrategy:
    """The watch as a strategy, so that its runs stand in the ledger beside the others."""

    name: str = "known-set"
    text: str = NOTICE_WORDS
    sha256: str = sha256(NOTICE_WORDS.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchResult:
    """Known PMIDs that carry a notice; those new among them are worth fetching again."""

    search_runs: tuple[SearchRun, ...]
    pmids: tuple[int, ...]
    is_clean: bool


def watch_known_set(client: EutilsClient, pmids: Iterable[int]) -> WatchResult:
    """
    Return which of *pmids* PubMed links to a retraction, concern, erratum or update.

    A failure is an outcome of its search run, never an exception: the watch must not stop a night.

    Raises:
        SettingsError: The API key is refused.
    """
    known = tuple(sorted(set(pmids)))
    strategy = WatchStrategy()
    term = combine("#1", strategy.text)
    runs: list[SearchRun] = []
    found: set[int] = set()
    for start in range(0, len(known), POST_CAP):
        posted = PostedSet(client=client, pmids=known[start : start + POST_CAP])
        book = RunBook(client, strategy, "known_set", None)
        reply: SearchReply | None = None
        try:
            reply = posted.use(partial(_ask_whole, client, term))
            verdict = judge_warnings(reply)
            if foreign := set(reply.pmids).difference(posted.pmids):
                verdict = Verdict(
                    outcome="failed", reason=f"PubMed did not intersect: {len(foreign)} PMIDs were never posted"
                )
        except EutilsError as error:
            verdict = Verdict(outcome="failed", reason=str(error))
        runs.append(book.close(term, reply, verdict))
        if reply is not None and verdict.outcome == "clean":
            found.update(reply.pmids)
    return WatchResult(
        search_runs=tuple(runs), pmids=tuple(sorted(found)), is_clean=all(run.outcome == "clean" for run in runs)
    )


def _ask_whole(client: EutilsClient, term: str, webenv: str) -> SearchReply:
    reply, _ = ask(client, term, webenv=webenv)
    return complete(client, term, reply, webenv=webenv)


def describe_drift(pinned: str | None, translation: str | None) -> str | None:
    """
    Return how PubMed's reading of a strategy differs from the one pinned, or None when it does not.

    Both without the date clause. NLM renames headings every year: the search still runs, but
    somebody has to look at it again.
    """
    if pinned is None or translation is None or pinned == translation:
        return None
    before, after = _clauses(pinned), _clauses(translation)
    gone = ", ".join(sorted(before - after)) or "nothing"
    come = ", ".join(sorted(after - before)) or "nothing"
    return f"PubMed reads the strategy differently: gone {gone}; come {come}. Look at it and pin it again."


def has_dropped(before: int | None, now: int) -> bool:
    """Return whether a count fell by more than 20 %, in which case no deletion is believed."""
    return before is not None and now < before * (1 - MAX_DROP)


def _clauses(translation: str) -> set[str]:
    text = translation.replace("(", " ").replace(")", " ")
    for operator in (" AND ", " OR ", " NOT "):
        text = text.replace(operator, "\n")
    return {" ".join(clause.split()) for clause in text.split("\n") if clause.strip()}
