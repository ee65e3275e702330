"""The JSON forms of ESearch, EInfo, ESummary and ELink, bugs included."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from her2lit.replica.fields import FIELDS
from her2lit.replica.render import SearchAnswer, field_facts

#: What the real service cannot do: a line feed inside a string is sent raw, so the document is no JSON.
_ESCAPED_LINE_FEED = "\\n"


def search_json(answer: SearchAnswer) -> str:
    """Return ESearch's JSON: every number a string, keys lower case, diagnostics escaped for XML once more."""
    found = answer.diagnostics
    result: dict[str, Any] = {
        "count": str(answer.count),
        "retmax": str(answer.retmax),
        "retstart": str(answer.retstart),
    }
    if answer.history:
        result |= {"querykey": str(answer.history[0]), "webenv": answer.history[1]}
    result |= {
        "idlist": [str(pmid) for pmid in answer.pmids],
        "translationset": [{"from": escape(source), "to": escape(target)} for source, target in found.translations],
        "querytranslation": escape(answer.query_translation),
    }
    if found.phrases_not_found or found.fields_not_found or found.has_error_list:
        result["errorlist"] = {
            "phrasesnotfound": _escaped(found.phrases_not_found),
            "fieldsnotfound": _escaped(found.fields_not_found),
        }
    if found.phrases_ignored or found.quoted_phrases_not_found or answer.messages:
        result["warninglist"] = {
            "phrasesignored": _escaped(found.phrases_ignored),
            "quotedphrasesnotfound": _escaped(found.quoted_phrases_not_found),
            "outputmessages": _escaped(answer.messages),
        }
    return _document("esearch", {"esearchresult": result})


def count_json(count: int) -> str:
    """Return what ``rettype=count`` sends as JSON."""
    return _document("esearch", {"esearchresult": {"count": str(count)}})


def search_error_json(message: str) -> str:
    """Return an ESearch error; a line feed in the message is sent raw, which makes the document invalid JSON."""
    return _document("esearch", {"esearchresult": {"ERROR": message}}).replace(_ESCAPED_LINE_FEED, "\n")


def error_json(utility: str, message: str) -> str:
    """Return an error of ESummary or ELink."""
    return _document(utility, {"error": message})


def db_list_json(names: Iterable[str]) -> str:
    """Return EInfo without a database."""
    return _document("einfo", {"einforesult": {"dblist": list(names)}})


def db_info_json(*, build: str, count: int, last_update: str, links: Iterable[tuple[str, str, str]]) -> str:
    """Return EInfo for pubmed."""
    info = {
        "dbname": "pubmed",
        "menuname": "PubMed",
        "description": "PubMed bibliographic record",
        "dbbuild": build,
        "count": str(count),
        "lastupdate": last_update,
        "fieldlist": [{tag.lower(): value for tag, value in field_facts(each)} for each in FIELDS if each.is_listed],
        "linklist": [
            {"name": name, "menu": menu, "description": description, "dbto": "pubmed"}
            for name, menu, description in links
        ],
    }
    return _document("einfo", {"einforesult": {"dbinfo": [info]}})


def summary_set_json(pmids: Sequence[int], summaries: Mapping[int, Mapping[str, Any]]) -> str:
    """Return ESummary's JSON; a PMID without summary carries its error in its place."""
    result: dict[str, Any] = {"uids": [str(pmid) for pmid in pmids]}
    for pmid in pmids:
        missing = {"uid": str(pmid), "error": "cannot get document summary"}
        result[str(pmid)] = summaries.get(pmid, missing)
    return _document("esummary", {"result": result})


def link_sets_json(link_sets: Iterable[tuple[Sequence[int], Mapping[str, Sequence[int]]]]) -> str:
    """Return ELink's JSON: (ids, link name -> linked ids) per set; a set without links has no linksetdbs."""
    sets = []
    for ids, links in link_sets:
        one: dict[str, Any] = {"dbfrom": "pubmed", "ids": [str(pmid) for pmid in ids]}
        databases = [
            {"dbto": "pubmed", "linkname": name, "links": [str(pmid) for pmid in linked]}
            for name, linked in links.items()
            if linked
        ]
        sets.append(one | ({"linksetdbs": databases} if databases else {}))
    return _document("elink", {"linksets": sets})


def _document(utility: str, content: Mapping[str, Any]) -> str:
    header = {"header": {"type": utility, "version": "0.3"}}
    return json.dumps({**header, **content}, ensure_ascii=False, separators=(",", ":"))


def _escaped(texts: Iterable[str]) -> list[str]:
    return [escape(text) for text in texts]
