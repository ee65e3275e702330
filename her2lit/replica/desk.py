"""What every utility works with, and how it says no."""

from __future__ import annotations

from dataclasses import dataclass

from her2lit.clock import Clock
from her2lit.replica import limits
from her2lit.replica.corpus import Corpus
from her2lit.replica.evaluate import Dialect
from her2lit.replica.history import HistoryStore
from her2lit.replica.index import Index
from her2lit.replica.parameters import Parameters, split_ids

RETSTART_TOO_LARGE = (
    "'retstart' cannot be larger than 9998. For PubMed, \nESearch can only retrieve the first 9,999 records \n"
    "matching the query.\n To obtain more than 9,999 PubMed records, consider \nusing EDirect that contains additional "
    "logic \nto batch PubMed search results automatically\n so that an arbitrary number can be retrieved.\n For details "
    "see https://www.ncbi.nlm.nih.gov/books/NBK25499/"
)


class UtilityError(Exception):
    """A request the utility answers with an ERROR document."""

    def __init__(self, *messages: str, status: int = 200) -> None:
        """Answer *messages* with HTTP *status*."""
        super().__init__(*messages)
        self.messages = messages
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The corpus, its index, the time, the history server and the dialect."""

    corpus: Corpus
    index: Index
    clock: Clock
    history: HistoryStore
    dialect: Dialect


def requested_pmids(desk: Desk, parameters: Parameters) -> tuple[int, ...]:
    """
    Return the PMIDs an EFetch or ESummary asks for, by id list or from the history, each once.

    Raises:
        UtilityError: With the service's own text and status, where it refuses.
    """
    values = parameters.get_all("id")
    if not values:
        return _from_history(desk, parameters)
    ids = split_ids(values)
    if not ids:
        raise UtilityError("Supplied id parameter is empty.")
    pmids = tuple(dict.fromkeys(int(each) for each in ids if each.isdecimal() and int(each) > 0))
    if not pmids:
        raise UtilityError("ID list is empty! Possibly it has no correct IDs.", status=400)
    start = parameters.number("retstart", 0)
    return pmids[start : start + parameters.number("retmax", limits.EFETCH_MAX_IDS)]


def _from_history(desk: Desk, parameters: Parameters) -> tuple[int, ...]:
    web_env = parameters.get("WebEnv")
    key = parameters.number("query_key", 0)
    if web_env is None:
        raise UtilityError("WebEnv parameter is required", status=400)
    pmids = desk.history.get(web_env, key)
    if pmids is None:
        raise UtilityError(f"Unable to obtain query #{key}")
    start = parameters.number("retstart", 0)
    if start >= limits.WINDOW and len(pmids) > start:
        reason = " ".join(RETSTART_TOO_LARGE.split())
        raise UtilityError(f"Search backend cannot retrieve history data. Reason: Exception: {reason}", status=400)
    if start >= len(pmids):
        raise UtilityError(
            f"Cannot retrieve history data: OUT OF RANGE. Parameter retstart={start} + 1 is greater than number of "
            f"records available in history. History includes {len(pmids)} IDs.",
            status=400,
        )
    # A page that crosses the window is cut without a word.
    return pmids[start : min(start + parameters.number("retmax", limits.WINDOW), limits.WINDOW)]
