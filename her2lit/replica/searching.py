"""ESearch: a term in, a page of PMIDs with its translation and warnings out."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from her2lit.clock import NLM_TIME_ZONE
from her2lit.replica import jsonform, limits, render
from her2lit.replica.dates import days_back, read_span
from her2lit.replica.desk import RETSTART_TOO_LARGE, Desk, UtilityError
from her2lit.replica.evaluate import (
    Diagnostics,
    Evaluator,
    Found,
    Mask,
    Refused,
    UnknownQueryKey,
    combine_and,
)
from her2lit.replica.fields import Field, find_field
from her2lit.replica.grammar import parse_term
from her2lit.replica.parameters import Parameters
from her2lit.replica.replies import Reply, json_reply, xml_reply
from her2lit.replica.shard import DATE_FIELDS

#: Sort values PubMed knows (NBK25499); any other is ignored with a message.
_SORTS = ("pub_date", "Author", "JournalName", "relevance")
#: datetype values; without one, the publication date is meant
_DATE_TYPES = {"pdat": "pdat", "edat": "edat", "mdat": "lr", "crdt": "crdt", "mhda": "mhda"}


def esearch(desk: Desk, parameters: Parameters) -> Reply:
    """
    Answer one ESearch request.

    Raises:
        UtilityError: The service answers an ERROR document.
        Refused: The replica does not imitate what the term asks for.
    """
    term = (parameters.get("term") or "").strip()
    if not term and not parameters.get("query_key"):
        raise UtilityError("Empty term and query_key - nothing todo")
    now = desk.clock.now()
    evaluator, found = _search(desk, term, parameters, now)
    hits = _hits(desk, evaluator, found, parameters.get("sort"), now)
    is_json = parameters.get("retmode") == "json"
    if parameters.get("rettype") == "count":
        return json_reply(jsonform.count_json(len(hits))) if is_json else xml_reply(render.count_result(len(hits)))
    answer = _page(desk, hits, found, evaluator.diagnostics, parameters)
    approximations = sorted(evaluator.diagnostics.approximations)
    headers = (("X-Replica-Approximate", ", ".join(approximations)),) if approximations else ()
    if is_json:
        return json_reply(jsonform.search_json(answer), headers=headers)
    return xml_reply(render.search_result(answer), headers=headers)


def _search(desk: Desk, term: str, parameters: Parameters, now: datetime) -> tuple[Evaluator, Found]:
    today = now.astimezone(NLM_TIME_ZONE).date()
    name = parameters.get("field")
    evaluator = Evaluator(
        index=desk.index,
        n_versions=len(desk.corpus),
        today=today,
        dialect=desk.dialect,
        history=_history_masks(desk, parameters),
        default_field=find_field(name) if name else None,
        scores=np.zeros(len(desk.corpus), dtype=np.int32) if parameters.get("sort") == "relevance" else None,
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
    return evaluator, found or Found(None, "")


def _history_masks(desk: Desk, parameters: Parameters) -> dict[int, Mask] | None:
    """Return the sets of the request's WebEnv; None when history was not asked for, so that #n means nothing."""
    web_env = parameters.get("WebEnv")
    if web_env is None or parameters.get("usehistory") != "y":
        return None
    sets = desk.history.sets(web_env) or {}
    return {key: np.isin(desk.corpus.pmids, np.array(pmids, dtype=np.int64)) for key, pmids in sets.items()}


def _hits(desk: Desk, evaluator: Evaluator, found: Found, sort: str | None, now: datetime) -> tuple[int, ...]:
    """Return the PMIDs a search matches at *now*, in the order asked for; by default newest (highest) first."""
    if found.mask is None:
        return ()
    docs = np.flatnonzero(found.mask & desk.corpus.visible(now))
    order = np.argsort(-desk.corpus.pmids[docs], kind="stable")
    docs = docs[order]
    if sort == "pub_date":
        docs = docs[np.argsort(-_publication_ordinals(desk)[docs], kind="stable")]
    elif sort in ("Author", "JournalName"):
        names = desk.corpus.first_authors if sort == "Author" else desk.corpus.journals
        docs = np.array(sorted(docs.tolist(), key=lambda doc: names[doc]), dtype=np.int64)
    elif sort == "relevance" and evaluator.scores is not None:
        evaluator.diagnostics.approximations.add("relevance")
        docs = docs[np.argsort(-evaluator.scores[docs], kind="stable")]
    return tuple(int(pmid) for pmid in desk.corpus.pmids[docs])


def _publication_ordinals(desk: Desk) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return per version the later of its publication dates."""
    columns = [DATE_FIELDS.index("ppdat"), DATE_FIELDS.index("epdat")]
    ordinals: np.ndarray[tuple[int], np.dtype[np.int64]] = np.concatenate(
        [shard.dates[:, columns].max(axis=1).astype(np.int64) for shard in desk.corpus.shards]
    )
    return ordinals


def _page(
    desk: Desk, hits: tuple[int, ...], found: Found, diagnostics: Diagnostics, parameters: Parameters
) -> render.SearchAnswer:
    """Cut the page asked for out of the hits, within the window of 9,999."""
    retstart = parameters.number("retstart", 0)
    retmax = parameters.number("retmax", limits.DEFAULT_RETMAX)
    messages = []
    if retstart >= limits.WINDOW and len(hits) > retstart:
        raise UtilityError(f"Search Backend failed: Exception:\n{RETSTART_TOO_LARGE}")
    if retstart + retmax > limits.WINDOW:
        retmax = max(0, limits.WINDOW - retstart)
        messages.append(f"Restrictions achieved. start and count adjusted to {retstart}, {retmax}")
    sort = parameters.get("sort")
    if sort and sort not in _SORTS:
        messages.append(f"Unknown sort schema '{sort}' ignored")
    if not hits:
        messages.append("No items found.")
    shown = hits[retstart : retstart + retmax]
    wants_history = parameters.get("usehistory") == "y"
    return render.SearchAnswer(
        count=len(hits),
        retmax=len(shown),
        retstart=retstart,
        pmids=shown,
        query_translation=found.text,
        diagnostics=diagnostics,
        messages=tuple(messages),
        history=desk.history.add(hits, parameters.get("WebEnv")) if wants_history else None,
    )


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
