"""
Searching: windows, arms and provenance, every answer judged before it is believed.

A reply can be wrong in ways that look like an answer: a dropped phrase, an ignored date clause, a
list cut at 9,999, a zero that is none. Nothing here raises for what PubMed answers; each search
becomes a ``SearchRun`` with an outcome and a reason, and only clean ones let a watermark move.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from her2lit.errors import EutilsError, QueryError, WindowTooDense
from her2lit.pubmed.asking import RunBook, SearchStrategy, Verdict, ask, complete, judge_zero
from her2lit.pubmed.client import SEARCH_CAP, EutilsClient
from her2lit.pubmed.provenance import ProvenanceResult, search_provenance
from her2lit.pubmed.query import check_query, combine, date_range, names_range
from her2lit.pubmed.replies import SearchReply
from her2lit.records import SearchRun, Window

__all__ = [
    "ArmResult",
    "ProvenanceResult",
    "next_window",
    "reach_back",
    "search_arm",
    "search_provenance",
    "split_window",
]

OVERLAP_DAYS = 3
MIN_LOOKBACK_DAYS = 7
FIRST_LOOKBACK_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """
    What one arm found. PMIDs of a held or failed arm are worth fetching, but no watermark moves.

    Not those of a search from which PubMed dropped a whole clause: they answer another question.
    """

    search_runs: tuple[SearchRun, ...]
    pmids: tuple[int, ...]
    is_clean: bool


def next_window(
    watermark: date | None, today: date, *, since: date | None = None, lookback_days: int | None = None
) -> Window:
    """
    Return the days to search tonight, [start, today).

    The start is three days before the watermark and at least a week back, so that no time zone, no
    late index and no failed night leaves a gap; without a watermark *since*, else *lookback_days*
    (30) back. A *since* before the start always widens the window.

    Raises:
        QueryError: *since* is not in the past.
    """
    if since is not None and since >= today:
        raise QueryError(f"--since {since} is not before today ({today}). Choose an earlier day.")
    if watermark is not None:
        start = min(watermark - timedelta(days=OVERLAP_DAYS), today - timedelta(days=MIN_LOOKBACK_DAYS))
        return Window(since=min(start, since) if since else start, until=today)
    days = FIRST_LOOKBACK_DAYS if lookback_days is None else lookback_days
    return Window(since=since or today - timedelta(days=max(days, 1)), until=today)


def reach_back(window: Window, watermark: date | None, unfinished: date | None) -> Window:
    """
    Return *window*, widened to *unfinished* where no watermark vouches for those days.

    Args:
        unfinished: First day that a night asked for since the watermark moved; it did not get everything.
            Within a week of the watermark a night asks anyway; what lies before that, a --since asked for.
    """
    if unfinished is None or unfinished >= window.since:
        return window
    if watermark is not None and unfinished >= watermark - timedelta(days=MIN_LOOKBACK_DAYS):
        return window
    return Window(since=unfinished, until=window.until)


def split_window(window: Window, count: int, cap: int) -> tuple[Window, ...]:
    """
    Return the fewest nearly equal, adjacent windows expected to hold at most *cap* PMIDs each.

    Args:
        count: PMIDs that ESearch reports for *window*, more than *cap*.
        cap: Most PMIDs one search can return.

    Raises:
        WindowTooDense: One day alone holds more than *cap*.
    """
    n_days = (window.until - window.since).days
    if n_days < 2:
        raise WindowTooDense(
            f"{window.since} alone holds {count:,} PMIDs, more than the {cap:,} one search returns. "
            "Narrow the strategy, or load that day from NLM's update files."
        )
    n_parts = min(n_days, max(2, -(-count // cap)))
    edges = [window.since + timedelta(days=n_days * part // n_parts) for part in range(n_parts + 1)]
    return tuple(Window(since=first, until=last) for first, last in pairwise(edges))


def search_arm(client: EutilsClient, strategy: SearchStrategy, arm: str, window: Window) -> ArmResult:
    """
    Search *strategy* in *window* on date field *arm* ("crdt", "lr", "mhda"), whole.

    More than 9,999 hits are fetched by dates, in parts that must sum exactly.

    Raises:
        QueryError: The strategy or the window is malformed; nothing was sent.
        SettingsError: The API key is refused.
    """
    check_query(strategy.text)
    search = _ArmSearch(client=client, strategy=strategy, arm=arm)
    pmids = search.window(window)
    runs = tuple(search.runs)
    return ArmResult(search_runs=runs, pmids=tuple(sorted(pmids)), is_clean=all(run.outcome == "clean" for run in runs))


class _ArmSearch:
    """One arm's searches, collected."""

    def __init__(self, *, client: EutilsClient, strategy: SearchStrategy, arm: str) -> None:
        self._client = client
        self._strategy = strategy
        self._arm = arm
        self.runs: list[SearchRun] = []

    def window(self, window: Window) -> frozenset[int]:
        """Search one window, in parts if need be; return its PMIDs, and add its runs."""
        run = RunBook(self._client, self._strategy, self._arm, window)
        term = combine(self._strategy.text, date_range(self._arm, window))
        reply: SearchReply | None = None
        try:
            reply, verdict = ask(self._client, term)
            if verdict.outcome == "clean" and not names_range(reply.query_translation, self._arm, window):
                verdict = Verdict(
                    outcome="failed",
                    reason=f"PubMed did not understand the dates: its translation does not name [{self._arm}] as asked",
                )
            if verdict.outcome == "held":
                verdict = judge_zero(self._client, self._strategy.text, reply, verdict)
            if verdict.outcome == "clean" and reply.count > SEARCH_CAP:
                return self._parts(run, term, window, reply)
            if verdict.outcome == "clean":
                reply = complete(self._client, term, reply)
        except EutilsError as error:
            verdict = Verdict(outcome="failed", reason=str(error))
        self.runs.append(run.close(term, reply, verdict))
        return frozenset(reply.pmids) if reply and not verdict.is_foreign else frozenset()

    def _parts(self, run: RunBook, term: str, window: Window, whole: SearchReply) -> frozenset[int]:
        """Search a window that is too large by parts; they must add up to the whole."""
        position = len(self.runs)
        pmids: frozenset[int] = frozenset()
        verdict = Verdict(outcome="clean")
        try:
            parts = split_window(window, whole.count, SEARCH_CAP)
        except WindowTooDense as error:
            parts = ()
            pmids = frozenset(whole.pmids)
            verdict = Verdict(outcome="failed", reason=str(error))
        for part in parts:
            pmids |= self.window(part)
        if parts and len(pmids) != whole.count and all(r.outcome == "clean" for r in self.runs[position:]):
            verdict = self._ask_whole_again(term, len(pmids))
        self.runs.insert(position, run.close(term, whole, verdict))
        return pmids

    def _ask_whole_again(self, term: str, n_found: int) -> Verdict:
        """The parts do not add up: PubMed may have changed meanwhile, so the whole is counted once more."""
        try:
            again, _ = ask(self._client, term)
        except EutilsError as error:
            return Verdict(outcome="failed", reason=str(error))
        if again.count == n_found:
            return Verdict(outcome="clean")
        return Verdict(
            outcome="held", reason=f"the parts of the window hold {n_found:,} PMIDs, the whole {again.count:,}"
        )
