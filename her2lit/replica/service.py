"""What the utilities answer: parameters in, reply out; no transport."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice

import numpy as np

from her2lit.clock import NLM_TIME_ZONE, Clock
from her2lit.replica import limits, render
from her2lit.replica.corpus import Corpus
from her2lit.replica.dates import days_back, read_span
from her2lit.replica.evaluate import (
    Diagnostics,
    Dialect,
    Evaluator,
    Found,
    Mask,
    Refused,
    UnknownQueryKey,
    combine_and,
)
from her2lit.replica.fields import Field, find_field
from her2lit.replica.grammar import parse_term
from her2lit.replica.history import HistoryStore
from her2lit.replica.index import Index
from her2lit.replica.parameters import Parameters, split_ids
from her2lit.replica.replies import Reply, xml_reply

_SORTS = ("pub_date", "Author", "JournalName", "relevance")
_LINKS = (
    ("pubmed_pubmed_refs", "References", "Citations that this record cites, as far as the corpus holds them"),
    ("pubmed_pubmed_citedin", "Cited In", "Records of the corpus that cite this one"),
)
#: datetype values; without one, the publication date is meant
_DATE_TYPES = {"pdat": "pdat", "edat": "edat", "mdat": "lr", "crdt": "crdt", "mhda": "mhda"}
_RETSTART_TOO_LARGE = (
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


class Service:
    """The utilities over one corpus; thread-safe, deterministic."""

    def __init__(self, corpus: Corpus, clock: Clock, history: HistoryStore, dialect: Dialect) -> None:
        """Answer as of *clock*'s present."""
        self._corpus = corpus
        self._index = Index(corpus)
        self._clock = clock
        self._history = history
        self._dialect = dialect
        self._utilities = {
            "einfo": self._einfo,
            "esearch": self._esearch,
            "epost": self._epost,
            "efetch": self._efetch,
        }

    def answer(self, utility: str, parameters: Parameters) -> Reply:
        """Return the reply of one utility, errors included."""
        try:
            database = parameters.get("db")
            if database not in (None, limits.DATABASE):
                raise UtilityError(f"Invalid db name specified: {database}")
            return self._utilities[utility](parameters)
        except UtilityError as error:
            return xml_reply(render.error_document(utility, *error.messages), status=error.status)
        except Refused as refusal:
            text = f"Replica: not imitated here: {refusal}"
            headers = (("X-Replica-Refused", ascii(str(refusal))[1:-1]),)
            return xml_reply(render.error_document(utility, text), status=400, headers=headers)

    # -- EInfo ---------------------------------------------------------------------------------

    def _einfo(self, parameters: Parameters) -> Reply:
        if parameters.get("db") is None:
            return xml_reply(render.db_list((limits.DATABASE,)))
        now = self._clock.now()
        local = now.astimezone(NLM_TIME_ZONE)
        return xml_reply(
            render.db_info(
                build=f"Build-{local:%Y.%m.%d}.00.00",
                count=int(np.count_nonzero(self._corpus.visible(now))),
                last_update=f"{local:%Y/%m/%d} 00:00",
                links=_LINKS,
            )
        )

    # -- ESearch -------------------------------------------------------------------------------

    def _esearch(self, parameters: Parameters) -> Reply:
        term = (parameters.get("term") or "").strip()
        if not term and not parameters.get("query_key"):
            raise UtilityError("Empty term and query_key - nothing todo")
        now = self._clock.now()
        found, diagnostics = self._search(term, parameters, now)
        pmids = self._hits(found, now)
        if parameters.get("rettype") == "count":
            return xml_reply(render.count_result(len(pmids)))
        answer = self._page(pmids, found, diagnostics, parameters)
        approximations = sorted(diagnostics.approximations)
        headers = (("X-Replica-Approximate", ", ".join(approximations)),) if approximations else ()
        return xml_reply(render.search_result(answer), headers=headers)

    def _search(self, term: str, parameters: Parameters, now: datetime) -> tuple[Found, Diagnostics]:
        today = now.astimezone(NLM_TIME_ZONE).date()
        evaluator = Evaluator(
            index=self._index,
            n_versions=len(self._corpus),
            today=today,
            dialect=self._dialect,
            history=self._history_masks(parameters),
            default_field=_default_field(parameters),
        )
        try:
            found = evaluator.evaluate(parse_term(term)) if term else None
            key = parameters.get("query_key")
            if key is not None and key.isdecimal():
                of_key = evaluator.evaluate(parse_term(f"#{key}"))
                found = of_key if found is None else combine_and(found, of_key)
        except UnknownQueryKey as unknown:
            raise UtilityError(f"Unable to obtain query #{unknown.key}") from unknown
        limit = _date_limit(parameters, today)
        if found is not None and limit is not None:
            found = combine_and(found, evaluator.date_range(*limit))
        return found or Found(None, ""), evaluator.diagnostics

    def _history_masks(self, parameters: Parameters) -> dict[int, Mask] | None:
        """Return the sets of the request's WebEnv; None when history was not asked for, so that #n means nothing."""
        web_env = parameters.get("WebEnv")
        if web_env is None or parameters.get("usehistory") != "y":
            return None
        sets = self._history.sets(web_env) or {}
        return {key: np.isin(self._corpus.pmids, np.array(pmids, dtype=np.int64)) for key, pmids in sets.items()}

    def _hits(self, found: Found, now: datetime) -> tuple[int, ...]:
        """Return the PMIDs a search matches at *now*, newest (highest) first, as the real default order is."""
        if found.mask is None:
            return ()
        pmids = np.unique(self._corpus.pmids[found.mask & self._corpus.visible(now)])
        return tuple(int(pmid) for pmid in pmids[::-1])

    def _page(
        self, pmids: tuple[int, ...], found: Found, diagnostics: Diagnostics, parameters: Parameters
    ) -> render.SearchAnswer:
        retstart = parameters.number("retstart", 0)
        retmax = parameters.number("retmax", limits.DEFAULT_RETMAX)
        messages = []
        if retstart >= limits.WINDOW and len(pmids) > retstart:
            raise UtilityError(f"Search Backend failed: Exception:\n{_RETSTART_TOO_LARGE}")
        if retstart + retmax > limits.WINDOW:
            retmax = max(0, limits.WINDOW - retstart)
            messages.append(f"Restrictions achieved. start and count adjusted to {retstart}, {retmax}")
        sort = parameters.get("sort")
        if sort and sort not in _SORTS:
            messages.append(f"Unknown sort schema '{sort}' ignored")
        if not pmids:
            messages.append("No items found.")
        shown = pmids[retstart : retstart + retmax]
        wants_history = parameters.get("usehistory") == "y"
        return render.SearchAnswer(
            count=len(pmids),
            retmax=len(shown),
            retstart=retstart,
            pmids=shown,
            query_translation=found.text,
            diagnostics=diagnostics,
            messages=tuple(messages),
            history=self._history.add(pmids, parameters.get("WebEnv")) if wants_history else None,
        )

    # -- EPost ---------------------------------------------------------------------------------

    def _epost(self, parameters: Parameters) -> Reply:
        ids = split_ids(parameters.get_all("id"))
        valid = tuple(int(each) for each in ids if each.isdecimal())
        invalid = tuple(each for each in ids if not each.isdecimal())
        if len(ids) > limits.EPOST_MAX_IDS:
            raise UtilityError(f"Too many UIDs in request. Maximum number of UIDs is {limits.EPOST_MAX_IDS} for EPost.")
        if not valid:
            messages = ["Empty ID list; Nothing to store"]
            if invalid:
                messages.append("Some IDs have invalid value and were omitted. Maximum ID value 18446744073709551615")
            raise UtilityError(*messages)
        query_key, web_env = self._history.add(tuple(dict.fromkeys(valid)), parameters.get("WebEnv"))
        return xml_reply(render.post_result(query_key, web_env, invalid))

    # -- EFetch --------------------------------------------------------------------------------

    def _efetch(self, parameters: Parameters) -> Reply:
        now = self._clock.now()
        pmids = self._requested(parameters)
        docs = (self._corpus.find(pmid, now) for pmid in pmids)
        body = render.record_set(self._corpus.record_bytes(doc) for doc in docs if doc is not None)
        return Reply(body=body)

    def _requested(self, parameters: Parameters) -> tuple[int, ...]:
        """Return the PMIDs an EFetch asks for, by id list or from the history."""
        values = parameters.get_all("id")
        if not values:
            return self._requested_from_history(parameters)
        ids = split_ids(values)
        if not ids:
            raise UtilityError("Supplied id parameter is empty.")
        pmids = dict.fromkeys(int(each) for each in ids if each.isdecimal() and int(each) > 0)
        if not pmids:
            raise UtilityError("ID list is empty! Possibly it has no correct IDs.", status=400)
        start = parameters.number("retstart", 0)
        return tuple(islice(pmids, start, start + parameters.number("retmax", limits.EFETCH_MAX_IDS)))

    def _requested_from_history(self, parameters: Parameters) -> tuple[int, ...]:
        web_env = parameters.get("WebEnv")
        key = parameters.number("query_key", 0)
        if web_env is None:
            raise UtilityError("WebEnv parameter is required", status=400)
        pmids = self._history.get(web_env, key)
        if pmids is None:
            raise UtilityError(f"Unable to obtain query #{key}")
        start = parameters.number("retstart", 0)
        if start >= limits.WINDOW and len(pmids) > start:
            reason = " ".join(_RETSTART_TOO_LARGE.split())
            raise UtilityError(f"Search backend cannot retrieve history data. Reason: Exception: {reason}", status=400)
        if start >= len(pmids):
            raise UtilityError(
                f"Cannot retrieve history data: OUT OF RANGE. Parameter retstart={start} + 1 is greater than number of "
                f"records available in history. History includes {len(pmids)} IDs.",
                status=400,
            )
        # A page that crosses the window is cut without a word.
        return pmids[start : min(start + parameters.number("retmax", limits.WINDOW), limits.WINDOW)]


def _default_field(parameters: Parameters) -> Field | None:
    name = parameters.get("field")
    return find_field(name) if name else None


def _date_limit(parameters: Parameters, today: date) -> tuple[Field, date, date] | None:
    """Return the limit of datetype, mindate, maxdate and reldate; one bound alone is ignored, as at NCBI."""
    searched = find_field(_DATE_TYPES.get(parameters.get("datetype") or "pdat", ""))
    if searched is None:
        raise Refused(f"datetype={parameters.get('datetype')}")
    low, high = parameters.get("mindate"), parameters.get("maxdate")
    if low and high:
        first, last = read_span(low), read_span(high)
        if first is None or last is None:
            raise Refused(f"mindate={low} maxdate={high}; write YYYY, YYYY/MM or YYYY/MM/DD")
        return searched, first[0], last[1]
    if parameters.get("reldate"):
        return searched, days_back(today, parameters.number("reldate", 0)), today
    return None
