"""
What a reply of E-utilities says, read from its body: status codes alone mislead.

Errors come with HTTP 200 and outages with HTTP 400 (NBK25499 and the issues of a dozen clients).
Control replies are read with ElementTree: expat fetches no DTD, and whatever declares entities is
refused before it is parsed. ``Bio.Entrez`` is not used here: it asks the network for DTDs it does
not know and loses the text of every EFetch error; it serves as an oracle in the tests.
"""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from her2lit.errors import EutilsReplyError

#: Kinds of trouble: what to do about it follows from the kind.
TRANSIENT = "transient"
RATE_LIMITED = "rate_limited"
HISTORY_LOST = "history_lost"
PERMANENT = "permanent"
INVALID_KEY = "invalid_key"

_ERROR_ELEMENT = re.compile(rb"<(ERROR|error)>(.*?)(?:</\1>|\Z)", re.DOTALL)
_NO_SUMMARY = re.compile(r"UID=(\d+): cannot get document summary\.?")
_ROOT = re.compile(rb"<([A-Za-z][\w.:-]*)")
_PROLOG = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE[^\[>]*>|\s)*", re.DOTALL)
_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["']([\w.-]+)["']""")
_ASCII_BASED = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1"}

#: Texts of ERROR elements, first match decides (lower case). Sources: reference of replies, 2.7 and 3.8.
_ERROR_TEXTS: tuple[tuple[str, str], ...] = (
    ("'retstart' cannot be larger", PERMANENT),
    ("out of acceptable range", PERMANENT),
    ("out of range", PERMANENT),
    ("id list is empty", PERMANENT),
    ("empty id list", PERMANENT),
    ("id parameter is empty", PERMANENT),
    ("invalid value", PERMANENT),
    ("invalid db name", PERMANENT),
    ("wrong db name", PERMANENT),
    ("empty term and query_key", PERMANENT),
    ("too many uids", PERMANENT),
    ("too many ids", PERMANENT),
    ("parameter is required", PERMANENT),
    ("unable to obtain query", HISTORY_LOST),
    ("cannot retrieve history data", HISTORY_LOST),
    ("can't fetch uids from history", HISTORY_LOST),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a reply is none, and what kind of trouble that is."""

    kind: str
    #: What the reply said, short, one line; may still hold key or address: redact before showing
    text: str
    #: True for an outage behind E-utilities, worth a long wait
    is_backend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReply:
    """An ESearch reply."""

    count: int
    retmax: int
    retstart: int
    pmids: tuple[int, ...]
    query_key: str | None
    webenv: str | None
    query_translation: str | None
    #: Every ErrorList and WarningList entry as "kind: text", in order
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySet:
    """A set on the history server: posted PMIDs or a search result."""

    webenv: str
    query_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReply:
    """An ESummary reply, as far as it says which records there are."""

    #: PMIDs with a summary
    present: tuple[int, ...]
    #: PMIDs of which it says that there is none
    absent: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoReply:
    """An EInfo reply about one database."""

    db_name: str
    db_build: str | None
    #: As NCBI prints it, without a zone, e.g. "2025/11/27 06:33"
    last_update: str | None
    count: int | None
    #: Short names of the search fields, e.g. CRDT, MHDA, MDAT
    fields: tuple[str, ...]


def find_trouble(status: int, body: bytes, *, root: str) -> Trouble | None:
    """
    Return what is wrong with a reply, or None when it is a whole XML document with root *root*.

    The body decides; the status only where the body says nothing.
    """
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    trouble = None
    if text[:1] == b"{":
        trouble = _json_trouble(status, text)
    elif 300 <= status < 400:
        trouble = Trouble(kind=PERMANENT, text=f"HTTP {status}: a redirect, which is never followed")
    elif status == 429:
        trouble = Trouble(kind=RATE_LIMITED, text="HTTP 429: too many requests")
    elif status == 414:
        trouble = Trouble(kind=PERMANENT, text="HTTP 414: the request is too long")
    elif errors := _error_texts(body):
        trouble = _error_trouble(status, errors)
    elif status >= 500:
        trouble = Trouble(kind=TRANSIENT, text=f"HTTP {status}")
    elif status in {401, 403, 404, 405, 410}:
        trouble = Trouble(kind=PERMANENT, text=f"HTTP {status}")
    elif not text:
        trouble = Trouble(kind=TRANSIENT, text=f"HTTP {status} with an empty body")
    return trouble or _shape_trouble(status, body, text, root)


def _shape_trouble(status: int, body: bytes, text: bytes, root: str) -> Trouble | None:
    """Judge a body without an error message: the right root, opened and closed, with a 200."""
    found = _root_name(body)
    is_closed = body.rstrip().endswith((f"</{root}>".encode(), f"<{root}/>".encode(), f"<{root} />".encode()))
    if text[:14].lower().startswith((b"<!doctype html", b"<html", b"<head")):
        said = f"HTTP {status} with a web page instead of XML"
    elif found is None and _ends_in_prolog(body):
        said = f"HTTP {status}: the reply breaks off before <{root}>"
    elif found is None and declares_entities(body):
        return Trouble(kind=PERMANENT, text="the reply declares XML entities and was refused unread")
    elif found is None and 400 <= status < 500:
        return Trouble(kind=PERMANENT, text=f"HTTP {status}: {_one_line(text)}")
    elif found is None:
        said = f"HTTP {status} with a body that is no XML document"
    elif found != root:
        said = f"HTTP {status} with <{found}> instead of <{root}>"
    elif status != 200:
        return Trouble(kind=PERMANENT, text=f"HTTP {status} with <{root}>")
    elif not is_closed:
        said = f"the reply breaks off before </{root}>"
    else:
        return None
    return Trouble(kind=TRANSIENT, text=said)


def _json_trouble(status: int, text: bytes) -> Trouble:
    """Judge a JSON object: every utility answers so over the limit, whatever format was asked for."""
    try:
        said = json.loads(text, strict=False)
    except ValueError:
        said = None
    message = str(said.get("error") or said.get("ERROR") or "") if isinstance(said, dict) else ""
    if "limit" in message.lower() or status == 429:
        return Trouble(kind=RATE_LIMITED, text=message or f"HTTP {status}: too many requests")
    if "api key" in message.lower():
        return Trouble(kind=INVALID_KEY, text=message)
    kind = PERMANENT if message and 400 <= status < 500 else TRANSIENT
    return Trouble(kind=kind, text=message or f"HTTP {status} with JSON instead of XML")


def _error_trouble(status: int, errors: tuple[str, ...]) -> Trouble:
    said = "; ".join(errors)
    lower = said.lower()
    for text, kind in _ERROR_TEXTS:
        if text in lower:
            return Trouble(kind=kind, text=said)
    signs = ("timeout", "proxy_stream", "pubone", "backend", "viewer", "exception", "resolve #", "connection", "route")
    if any(sign in lower for sign in signs):
        return Trouble(kind=TRANSIENT, text=said, is_backend="backend failed" in lower)
    # Nobody has seen this text yet. A 4xx is meant as a refusal; anything else may pass.
    return Trouble(kind=PERMANENT if 400 <= status < 500 else TRANSIENT, text=said)


def _error_texts(body: bytes) -> tuple[str, ...]:
    """Return the texts of ERROR elements, unless this is a set of records (whose text is its own)."""
    root = _root_name(body)
    if root == "PubmedArticleSet":
        return ()
    found = tuple(_one_line(match[2]) for match in _ERROR_ELEMENT.finditer(body[:65_536]))
    # ESummary answers for a record it does not have with an ERROR in its place: an answer, no trouble.
    return tuple(text for text in found if not (root == "eSummaryResult" and _NO_SUMMARY.fullmatch(text)))


def _one_line(text: bytes) -> str:
    return " ".join(html.unescape(text[:2_000].decode("utf-8", "replace")).split())[:500]


def _root_name(body: bytes) -> str | None:
    prolog = _PROLOG.match(body)
    match = _ROOT.match(body, prolog.end() if prolog else 0)
    return match[1].decode("ascii") if match else None


def _ends_in_prolog(body: bytes) -> bool:
    """Return whether nothing comes behind the prolog, or a declaration in it that was cut short of its end."""
    prolog = _PROLOG.match(body)
    rest = body[prolog.end() if prolog else 0 :]
    return not rest or (rest.startswith(b"<!") and b"[" not in rest and b">" not in rest)


def declares_entities(body: bytes) -> bool:
    """
    Return whether a document has an internal DTD subset (where entities live) or hides its text.

    PubMed sends neither. What is not ASCII based could hide a declaration from this look.
    """
    prolog = _PROLOG.match(body)
    rest = body[prolog.end() if prolog else 0 :][:64].lstrip()
    encoding = _ENCODING.match(body)
    is_plain = b"\x00" not in body[:4096] and (encoding is None or encoding[1].lower() in _ASCII_BASED)
    return not is_plain or rest.upper().startswith(b"<!DOCTYPE")


def _document(body: bytes) -> ET.Element:
    if declares_entities(body):
        raise EutilsReplyError("The reply declares XML entities; it was refused unread.")
    try:
        return ET.fromstring(body.strip())  # noqa: S314 - entities were refused
    except ET.ParseError as error:
        raise EutilsReplyError(f"The reply is not well-formed XML ({error}).") from error


def read_search(body: bytes) -> SearchReply:
    """
    Read an ESearch reply.

    Raises:
        EutilsReplyError: Not well-formed, or Count or an Id is no decimal number.
    """
    root = _document(body)
    warnings = [
        f"{item.tag}: {_text(item)}" for listed in ("ErrorList", "WarningList") for item in root.iterfind(f"{listed}/*")
    ]
    return SearchReply(
        count=_number(root, "Count"),
        retmax=_number(root, "RetMax"),
        retstart=_number(root, "RetStart"),
        pmids=tuple(_decimal(item.text, "Id") for item in root.iterfind("IdList/Id")),
        query_key=_optional(root, "QueryKey"),
        webenv=_optional(root, "WebEnv"),
        query_translation=_optional(root, "QueryTranslation"),
        warnings=tuple(warnings),
    )


def read_summaries(body: bytes) -> SummaryReply:
    """
    Read which records an ESummary reply (XML, version 1.0) has and which it says there are not.

    Raises:
        EutilsReplyError: Not well-formed, or an Id is no decimal number.
    """
    root = _document(body)
    refused = (_NO_SUMMARY.fullmatch(_text(error)) for error in root.iterfind("ERROR"))
    return SummaryReply(
        present=tuple(_decimal(summary.findtext("Id"), "Id") for summary in root.iterfind("DocSum")),
        absent=tuple(int(match[1]) for match in refused if match),
    )


def read_post(body: bytes) -> HistorySet:
    """
    Read an EPost reply.

    Raises:
        EutilsReplyError: Not well-formed, without WebEnv or QueryKey, or PMIDs were refused.
    """
    root = _document(body)
    refused = [_text(item) for item in root.iterfind("InvalidIdList/Id")]
    webenv, query_key = _optional(root, "WebEnv"), _optional(root, "QueryKey")
    if refused:
        raise EutilsReplyError(f"EPost refused {len(refused)} ids, first {refused[0]!r}.")
    if webenv is None or query_key is None:
        raise EutilsReplyError("EPost answered without WebEnv and QueryKey.")
    return HistorySet(webenv=webenv, query_key=query_key)


def read_info(body: bytes) -> InfoReply:
    """
    Read an EInfo reply about one database.

    Raises:
        EutilsReplyError: Not well-formed, or without a DbInfo.
    """
    info = _document(body).find("DbInfo")
    if info is None:
        raise EutilsReplyError("EInfo answered without a DbInfo.")
    count = _optional(info, "Count")
    return InfoReply(
        db_name=_optional(info, "DbName") or "",
        db_build=_optional(info, "DbBuild"),
        last_update=_optional(info, "LastUpdate"),
        count=None if count is None else _decimal(count, "Count"),
        fields=tuple(_text(item) for item in info.iterfind("FieldList/Field/Name")),
    )


def read_databases(body: bytes) -> tuple[str, ...]:
    """Read an EInfo reply without ``db``: the names of all databases."""
    return tuple(_text(item) for item in _document(body).iterfind("DbList/DbName"))


def _text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _optional(root: ET.Element, path: str) -> str | None:
    element = root.find(path)
    return (_text(element) or None) if element is not None else None


def _number(root: ET.Element, path: str) -> int:
    return _decimal(root.findtext(path), path)


def _decimal(text: str | None, path: str) -> int:
    if text is None or not re.fullmatch(r"\s*[0-9]{1,12}\s*", text):
        raise EutilsReplyError(f"{path} is {text!r} where a decimal number belongs.")
    return int(text)
