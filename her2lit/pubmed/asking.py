"""
One search: asked, asked again where the answer is zero, judged, and written down.

Used by the arms of the night (``search``), by provenance and by the watch over the known set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from her2lit.errors import EutilsReplyError
from her2lit.pubmed.client import SEARCH_CAP, EutilsClient
from her2lit.pubmed.dropped import lost_clause
from her2lit.pubmed.replies import SearchReply
from her2lit.records import SearchRun, Window

#: ESearch's way to say an honest zero.
NO_ITEMS = "OutputMessage: No items found."
_FLAGS = ("PhraseNotFound: ", "QuotedPhraseNotFound: ", "PhraseIgnored: ")


class SearchStrategy(Protocol):
    """What searching needs of a strategy; ``topic.Strategy`` has it."""

    @property
    def name(self) -> str:
        """Return the key of topic/strategies.toml."""

    @property
    def text(self) -> str:
        """Return the whole term."""

    @property
    def sha256(self) -> str:
        """Return the hash of ``text``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement on a reply: "clean", "held" or "failed", and why."""

    outcome: str
    reason: str | None = None
    #: The reply answers another question than the one asked: its PMIDs are none of ours
    is_foreign: bool = False


def judge_warnings(reply: SearchReply, term: str) -> Verdict:
    """
    Judge a reply by its warnings.

    A phrase that PubMed's index lacks is ordinary in a long OR of new drug names: it is kept as a
    warning and named in reports, but does not block a search that found something. A zero with any
    such warning is not believed. A message nobody knows, an unknown field and a paging
    restriction mean that the answer is not the answer to our question; so does a clause of *term*
    of which PubMed dropped every phrase, because the search is then wider than asked.
    """
    for warning in reply.warnings:
        if warning != NO_ITEMS and not warning.startswith(_FLAGS):
            return Verdict(outcome="failed", reason=f"PubMed says {warning!r}, so the result cannot be trusted")
    dropped = [warning for warning in reply.warnings if warning.startswith(_FLAGS)]
    if reply.count == 0 and dropped:
        return Verdict(outcome="held", reason=f"a zero is not believed while PubMed says {dropped[0]!r}")
    if lost := lost_clause(term, reply.warnings):
        reason = f"PubMed dropped every phrase of {lost} and searched without it: {dropped[0]!r}"
        return Verdict(outcome="failed", reason=reason, is_foreign=True)
    return Verdict(outcome="clean")


class RunBook:
    """Times and counts one search, and makes its row of the ledger."""

    def __init__(self, client: EutilsClient, strategy: SearchStrategy, arm: str, window: Window | None) -> None:
        self._client = client
        self._strategy = strategy
        self._arm = arm
        self._window = window
        self._started_at: datetime = client.clock.now()
        self._n_before = client.n_requests

    def close(self, term: str, reply: SearchReply | None, verdict: Verdict) -> SearchRun:
        """Return the row."""
        return SearchRun(
            strategy=self._strategy.name,
            arm=self._arm,
            strategy_sha256=self._strategy.sha256,
            term=term,
            query_translation=reply.query_translation if reply else None,
            warnings=reply.warnings if reply else (),
            count=reply.count if reply else None,
            window=self._window,
            started_at=self._started_at,
            finished_at=self._client.clock.now(),
            outcome=verdict.outcome,
            reason=verdict.reason,
            n_requests=self._client.n_requests - self._n_before,
        )


def ask(
    client: EutilsClient, term: str, *, webenv: str | None = None, retmax: int = SEARCH_CAP
) -> tuple[SearchReply, Verdict]:
    """
    Ask once, and once more when the answer is zero: NCBI's own tools treat a zero as possibly spurious.

    Raises:
        EutilsError: No usable answer.
    """
    reply = client.esearch(term, webenv=webenv, retmax=retmax)
    verdict = judge_warnings(reply, term)
    if reply.count > 0 or verdict.outcome == "failed":
        return reply, verdict
    again = client.esearch(term, webenv=webenv, retmax=retmax)
    if again.count > 0:
        return again, judge_warnings(again, term)
    return reply, verdict


def judge_zero(client: EutilsClient, text: str, zero: SearchReply, verdict: Verdict) -> Verdict:
    """
    Judge a zero that came with dropped phrases, by asking the strategy without its dates.

    If that finds records under exactly the same warnings, the phrases are not what makes the zero,
    the window is: the zero is believed. Otherwise *verdict* (held) stands. Without this question
    one new drug name, not yet in the phrase index, would hold every quiet window.

    Raises:
        EutilsError: No usable answer.
    """
    undated = client.esearch(text, retmax=0)
    has_same_warnings = set(undated.warnings) == set(zero.warnings) - {NO_ITEMS}
    return Verdict(outcome="clean") if undated.count > 0 and has_same_warnings else verdict


def complete(client: EutilsClient, term: str, reply: SearchReply, *, webenv: str | None = None) -> SearchReply:
    """
    Return *reply* with all its PMIDs: pages that came short are asked for from where they end.

    Raises:
        EutilsReplyError: The pages do not add up to the count.
    """
    pmids = dict.fromkeys(reply.pmids)
    for _ in range(3):
        if len(pmids) >= reply.count:
            break
        page = client.esearch(term, retstart=len(pmids), retmax=SEARCH_CAP - len(pmids), webenv=webenv)
        if page.count != reply.count or judge_warnings(page, term).outcome != "clean":
            break
        pmids.update(dict.fromkeys(page.pmids))
    if len(pmids) != reply.count:
        raise EutilsReplyError(f"ESearch counts {reply.count:,} records but lists {len(pmids):,} different PMIDs.")
    return SearchReply(
        count=reply.count,
        retmax=reply.retmax,
        retstart=0,
        pmids=tuple(pmids),
        query_key=reply.query_key,
        webenv=reply.webenv,
        query_translation=reply.query_translation,
        warnings=reply.warnings,
    )
