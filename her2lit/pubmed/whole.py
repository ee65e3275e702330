"""
The whole set of a strategy: every PMID it matches, whenever created, and proof that none is left out.

The night asks for days; what a lost window, a late index or a deletion does shows only when the
whole set is compared with what is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from her2lit.errors import EutilsError
from her2lit.pubmed.asking import RunBook, SearchStrategy, Verdict, ask, judge_warnings
from her2lit.pubmed.client import EutilsClient
from her2lit.pubmed.drift import has_dropped
from her2lit.pubmed.replies import SearchReply
from her2lit.pubmed.search import search_arm
from her2lit.records import SearchRun, Window

#: No record of PubMed was created before.
FIRST_DAY = date(1900, 1, 1)
#: How the reason of a whole count begins that is held for having fallen, and for nothing else.
_FELL = "the count of the whole strategy fell from"
#: PMIDs in one ESummary.
_SUMMARIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSet:
    """Every PMID a strategy matches, by whether it was created within the days this home watches."""

    #: Arms "covered" and "outside"; "whole" where the sum was asked again
    search_runs: tuple[SearchRun, ...]
    #: The days this home watches, as asked for; None when there are none yet
    days: Window | None
    #: Created in these days
    covered: tuple[int, ...]
    #: Created before them, or whenever when there are none yet
    older: tuple[int, ...]
    #: Created after them: the coming nights look at those days
    coming: tuple[int, ...]
    #: False when a part could not be searched or the parts do not add up: what is missing from it proves nothing
    is_whole: bool

    @property
    def pmids(self) -> frozenset[int]:
        """Return all of them."""
        return frozenset(self.covered).union(self.older, self.coming)


def weigh(client: EutilsClient, strategy: SearchStrategy, *, before: int | None) -> SearchRun:
    """
    Count *strategy* without dates, for one request; its run has arm "whole".

    Held when the count is a zero nobody believes, or fell by more than 20 % since *before*: then
    something is wrong with the index or the strategy, and nothing missing tonight is believed gone.
    """
    book = RunBook(client, strategy, "whole", None)
    reply: SearchReply | None = None
    try:
        reply, verdict = ask(client, strategy.text, retmax=0)
    except EutilsError as error:
        verdict = Verdict(outcome="failed", reason=str(error))
    if reply is not None and verdict.outcome == "clean" and has_dropped(before, reply.count):
        verdict = Verdict(
            outcome="held",
            reason=f"{_FELL} {before:,} to {reply.count:,}; no record is taken for"
            " deleted. If that is right, `her2lit strategies approve` says so",
        )
    return book.close(strategy.text, reply, verdict)


def is_held_for_falling(outcome: str, reason: str | None) -> bool:
    """Return whether a search on arm "whole" ended so because its count fell: the one kind a person can approve."""
    return outcome == "held" and reason is not None and reason.startswith(_FELL)


def search_whole(
    client: EutilsClient, strategy: SearchStrategy, covered: Window | None, *, today: date, whole: SearchRun
) -> WholeSet:
    """
    Search every created date, [FIRST_DAY, the day after tomorrow), in windows that must add up to *whole*.

    Args:
        covered: The days for which every record ought to be held; None when there are none yet.
        whole: The count without dates, from ``weigh``.

    Raises:
        QueryError: The strategy is malformed; nothing was sent.
        SettingsError: The API key is refused.
    """
    # A record can carry a created date of tomorrow: the service works in another time zone.
    end = today + timedelta(days=2)
    windows = {"older": Window(since=FIRST_DAY, until=end)}
    if covered is not None:
        windows = {
            "older": Window(since=FIRST_DAY, until=covered.since),
            "covered": covered,
            "coming": Window(since=covered.until, until=end),
        }
    runs: list[SearchRun] = []
    found: dict[str, tuple[int, ...]] = {"older": (), "covered": (), "coming": ()}
    for name, window in windows.items():
        # No day is left before days that are watched from FIRST_DAY on.
        if window.since >= window.until:
            continue
        result = search_arm(client, strategy, "crdt", window)
        runs.extend(replace(run, arm="covered" if name == "covered" else "outside") for run in result.search_runs)
        found[name] = result.pmids
    is_clean = whole.outcome == "clean" and all(run.outcome == "clean" for run in runs)
    n_found = len({pmid for pmids in found.values() for pmid in pmids})
    if is_clean and n_found != whole.count:
        again = _count_again(client, strategy, n_found)
        runs.append(again)
        is_clean = again.outcome == "clean"
    return WholeSet(
        search_runs=tuple(runs),
        days=covered,
        covered=found["covered"],
        older=found["older"],
        coming=found["coming"],
        is_whole=is_clean,
    )


def _count_again(client: EutilsClient, strategy: SearchStrategy, n_found: int) -> SearchRun:
    """PubMed may have changed between the first count and the last window, so the whole is counted once more."""
    book = RunBook(client, strategy, "whole", None)
    reply: SearchReply | None = None
    try:
        reply = client.esearch(strategy.text, retmax=0)
        verdict = judge_warnings(reply, strategy.text)
    except EutilsError as error:
        verdict = Verdict(outcome="failed", reason=str(error))
    if reply is not None and verdict.outcome == "clean" and reply.count != n_found:
        verdict = Verdict(
            outcome="held",
            reason=f"created dates hold {n_found:,} records, the strategy without dates {reply.count:,}:"
            " nothing is taken for lost or deleted",
        )
    return book.close(strategy.text, reply, verdict)


def ask_absent(client: EutilsClient, pmids: Iterable[int]) -> tuple[int, ...]:
    """
    Return those of *pmids* of which ESummary says that PubMed has no such record; silence is no such word.

    Raises:
        EutilsError: No usable answer.
    """
    asked = tuple(sorted(set(pmids)))
    absent: set[int] = set()
    for start in range(0, len(asked), _SUMMARIES):
        reply = client.esummary(asked[start : start + _SUMMARIES])
        absent.update(set(reply.absent) - set(reply.present))
    return tuple(pmid for pmid in asked if pmid in absent)
