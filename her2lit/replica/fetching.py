"""EFetch, ESummary and ELink: what the service tells of given PMIDs."""

from __future__ import annotations

from collections.abc import Sequence

from her2lit.records import Article
from her2lit.replica import jsonform, limits, medline, render
from her2lit.replica.desk import Desk, UtilityError, requested_pmids
from her2lit.replica.evaluate import Refused
from her2lit.replica.parameters import Parameters, split_ids
from her2lit.replica.replies import Reply, json_reply, text_reply, xml_reply
from her2lit.replica.summary import summary_items, summary_json
from her2lit.replica.terms import cited_pmids

#: Link name, menu entry, description. Both cover only what the corpus holds.
LINKS = (
    ("pubmed_pubmed_citedin", "Cited In", "Records of the corpus that cite this one"),
    ("pubmed_pubmed_refs", "References", "Records this one cites, by the PMIDs of its reference list"),
)


def efetch(desk: Desk, parameters: Parameters) -> Reply:
    """
    Answer one EFetch request: XML, or with another retmode text (medline, uilist, abstract).

    Unknown PMIDs are simply absent from the XML.
    """
    pmids = requested_pmids(desk, parameters)
    if parameters.get("rettype") == "uilist":
        return text_reply(medline.uid_list(pmids))
    if parameters.get("retmode") == "xml":
        now = desk.clock.now()
        docs = (desk.corpus.find(pmid, now) for pmid in pmids)
        return Reply(body=render.record_set(desk.corpus.record_bytes(doc) for doc in docs if doc is not None))
    articles = ((pmid, _article(desk, pmid)) for pmid in pmids)
    if parameters.get("rettype") == "medline":
        texts = (medline.missing_text(pmid) if a is None else medline.medline_text(a) for pmid, a in articles)
        return text_reply("\n".join(texts))
    # Without retmode the real service answers in a text rendering, not in XML.
    numbered = enumerate(articles, start=1)
    return text_reply(
        "\n".join(medline.missing_text(p) if a is None else medline.abstract_text(n, a) for n, (p, a) in numbered)
    )


def esummary(desk: Desk, parameters: Parameters) -> Reply:
    """Answer one ESummary request, XML of version 1.0 or JSON."""
    is_json = parameters.get("retmode") == "json"
    if not parameters.get_all("id") and parameters.get("WebEnv") is None:
        raise UtilityError("Neither query_key nor id specified")
    if parameters.get("version") == "2.0" and not is_json:
        raise Refused("version=2.0 of ESummary; use version 1.0 or retmode=json")
    pmids = requested_pmids(desk, parameters)
    if is_json and len(pmids) > limits.ESUMMARY_JSON_MAX_IDS:
        text = f"Too many UIDs in request. Maximum number of UIDs is {limits.ESUMMARY_JSON_MAX_IDS} for JSON format output."
        raise UtilityError(text)
    articles = {pmid: _article(desk, pmid) for pmid in pmids}
    if is_json:
        summaries = {pmid: summary_json(article) for pmid, article in articles.items() if article is not None}
        return json_reply(jsonform.summary_set_json(pmids, summaries))
    return xml_reply(
        render.summary_set((pmid, None if a is None else summary_items(a)) for pmid, a in articles.items())
    )


def elink(desk: Desk, parameters: Parameters) -> Reply:
    """Answer one ELink request: ids in one ``id`` share a set, repeated ``id`` parameters get one each."""
    command = parameters.get("cmd") or "neighbor"
    if command != "neighbor":
        raise Refused(f"cmd={command} of ELink")
    name = parameters.get("linkname")
    known = tuple(each for each, _, _ in LINKS)
    if name is not None and name not in known:
        raise Refused(f"linkname={name}; this replica holds {' and '.join(known)}")
    sets = []
    for value in parameters.get_all("id"):
        ids = tuple(int(each) for each in split_ids([value]) if each.isdecimal())
        sets.append((ids, {each: _linked(desk, each, ids) for each in known if name in (None, each)}))
    if not sets:
        raise UtilityError("Empty id list - nothing todo")
    headers = (("X-Replica-Approximate", "links"),)
    if parameters.get("retmode") == "json":
        return json_reply(jsonform.link_sets_json(sets), headers=headers)
    return xml_reply(render.link_sets(sets), headers=headers)


def _linked(desk: Desk, name: str, pmids: Sequence[int]) -> tuple[int, ...]:
    """Return the linked PMIDs, highest first."""
    now = desk.clock.now()
    if name == "pubmed_pubmed_citedin":
        visible = desk.corpus.visible(now)
        citing = (doc for pmid in pmids for doc in desk.corpus.docs_citing(pmid) if visible[doc])
        found = {int(desk.corpus.pmids[doc]) for doc in citing}
    else:
        articles = (_article(desk, pmid) for pmid in pmids)
        found = {cited for article in articles if article is not None for cited in cited_pmids(article)}
    return tuple(sorted(found, reverse=True))


def _article(desk: Desk, pmid: int) -> Article | None:
    doc = desk.corpus.find(pmid, desk.clock.now())
    return None if doc is None else desk.corpus.article(doc)
