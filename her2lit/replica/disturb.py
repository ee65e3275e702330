"""Every kind of fault: what it makes of an answer, or of its way to the client."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape

from her2lit.replica.limits import RATE_WITH_KEY, RATE_WITHOUT_KEY
from her2lit.replica.render import error_document
from her2lit.replica.replies import HTML, JSON, Reply

_RECORD = re.compile(rb"<(PubmedArticle|PubmedBookArticle)>.*?</\1>\s*", re.DOTALL)
_RECORD_PMID = re.compile(rb"<PMID[^>]*>(\d+)</PMID>")
_CLOSED_ROOT = b"</PubmedArticleSet>"
#: As recorded in 2018
_HTML_500 = (
    "<html><head> <title>NCBI/eutils202 - WWW Error 500 Diagnostic</title> </head> <body> <h1>Server Error</h1>\n"
    "<p>Your request could not be processed due to a problem on our Web server.  This could be a transient problem, "
    'please try the query again.</p> <div class="diags">Error: 500</div></body></html>\n'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a fault may need to know of its request."""

    utility: str
    #: The API key, or the caller's address
    caller: str
    has_key: bool
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of fault."""

    #: For the documentation
    summary: str
    #: Names of its options
    options: tuple[str, ...] = ()
    #: Returns the disturbed answer; None where only the transport is disturbed
    change: Callable[[Reply, Circumstances], Reply] | None = None


def _status(status: int, text: str) -> Callable[[Reply, Circumstances], Reply]:
    """Return a change into an HTML page with a status, with Retry-After where the plan gives one."""

    def change(_: Reply, at: Circumstances) -> Reply:
        wait = at.options.get("retry_after")
        headers = (("Retry-After", str(wait)),) if wait is not None else ()
        return Reply(body=text.encode(), content_type=HTML, status=status, headers=headers)

    return change


def _error(message: str, status: int) -> Callable[[Reply, Circumstances], Reply]:
    """Return a change into an ERROR document of the utility; the plan may give another status."""

    def change(_: Reply, at: Circumstances) -> Reply:
        return Reply(body=error_document(at.utility, message).encode(), status=at.options.get("status", status))

    return change


def _rate_limit(_: Reply, at: Circumstances) -> Reply:
    limit = RATE_WITH_KEY if at.has_key else RATE_WITHOUT_KEY
    body = {"error": "API rate limit exceeded", "api-key": at.caller, "count": str(limit + 1), "limit": str(limit)}
    wait = at.options.get("retry_after")
    return Reply(
        body=json.dumps(body, separators=(",", ":")).encode(),
        content_type=JSON,
        status=at.options.get("status", 429),
        headers=(("Retry-After", str(wait)),) if wait is not None else (),
    )


def _invalid_key(_: Reply, at: Circumstances) -> Reply:
    body = {"error": "API key invalid", "api-key": at.caller, "type": "invalid", "status": "unknown"}
    return Reply(body=json.dumps(body, separators=(",", ":")).encode(), content_type=JSON, status=400)


def _proxy_error(_: Reply, at: Circumstances) -> Reply:
    """Relay a backend's 502 page inside an ERROR that is cut before it closes."""
    text = "Error: proxy_stream(): <html><head><title>502 Bad Gateway</title></head></html> Failed to connect to PubOne service"
    whole = error_document(at.utility, text)
    return Reply(body=whole[: whole.index("</ERROR>")].encode(), status=400)


def _prolog_only(reply: Reply, _: Circumstances) -> Reply:
    end = reply.body.find(b">", reply.body.find(b"<!DOCTYPE"))
    return replace(reply, body=reply.body[: end + 1] + b"\n")


def _history_lost_twice(_: Reply, at: Circumstances) -> Reply:
    first = (
        "Cannot retrieve history data. query_key: 1, WebEnv: MCID_000000000000000000000000, retstart: 0, retmax: 500"
    )
    second = "Can't fetch uids from history because of: NCBI C++ Exception: Error: TXCLIENT(CException::eUnknown)"
    return Reply(body=error_document(at.utility, first, second).encode())


def _redirect(_: Reply, at: Circumstances) -> Reply:
    location = at.options.get("location", "http://203.0.113.7/entrez/eutils/")
    return Reply(body=b"", content_type=HTML, status=at.options.get("status", 301), headers=(("Location", location),))


# -- records -----------------------------------------------------------------------------------


def _cut_records(reply: Reply, at: Circumstances) -> Reply:
    """Stop behind the first records, before the root is closed."""
    records = list(_RECORD.finditer(reply.body))
    keep = at.options.get("records", 1)
    end = records[keep - 1].end() if 0 < keep <= len(records) else reply.body.rfind(_CLOSED_ROOT)
    return replace(reply, body=reply.body[:end] if end >= 0 else reply.body)


def _drop_records(reply: Reply, at: Circumstances) -> Reply:
    """Leave out the last records, or the one the plan names; root and everything else stay whole."""
    pmid = at.options.get("pmid")
    records = list(_RECORD.finditer(reply.body))
    dropped = [r for r in records if _pmid_of(r[0]) == pmid] if pmid else records[-at.options.get("records", 1) :]
    body = reply.body
    for record in reversed(dropped):
        body = body[: record.start()] + body[record.end() :]
    return replace(reply, body=body)


def _repeat_records(reply: Reply, at: Circumstances) -> Reply:
    """Send the first records twice, the second time in the version the plan gives."""
    first = b"".join(record[0] for record in list(_RECORD.finditer(reply.body))[: at.options.get("records", 1)])
    if version := at.options.get("version"):
        first = re.sub(rb'(<(?:Medline|Book)\w+[^>]*>\s*<PMID Version=")\d+', rb"\g<1>%d" % version, first)
    return replace(reply, body=reply.body.replace(_CLOSED_ROOT, first + _CLOSED_ROOT))


def _extra_record(reply: Reply, at: Circumstances) -> Reply:
    """Send a copy of the first record under a PMID nobody asked for."""
    first = _RECORD.search(reply.body)
    if first is None:
        return reply
    stranger = str(at.options.get("pmid", 999999999)).encode()
    copy = first[0].replace(b">%d</PMID>" % _pmid_of(first[0]), b">" + stranger + b"</PMID>", 1)
    return replace(reply, body=reply.body.replace(_CLOSED_ROOT, copy + _CLOSED_ROOT))


def _reorder_records(reply: Reply, at: Circumstances) -> Reply:
    records = [record[0] for record in _RECORD.finditer(reply.body)]
    shuffled = records.copy()
    random.Random(at.options.get("seed", 0)).shuffle(shuffled)
    if shuffled == records:
        shuffled.reverse()
    first = reply.body.find(records[0]) if records else -1
    if first < 0:
        return reply
    tail = reply.body[first + sum(map(len, records)) :]
    return replace(reply, body=reply.body[:first] + b"".join(shuffled) + tail)


def _pmid_of(record: bytes) -> int:
    match = _RECORD_PMID.search(record)
    return int(match[1]) if match else 0


# -- bytes and markup --------------------------------------------------------------------------


def _in_title(insert: bytes) -> Callable[[Reply, Circumstances], Reply]:
    """Return a change that puts bytes into the first title of the answer."""
    return lambda reply, _: replace(reply, body=reply.body.replace(b"<ArticleTitle>", b"<ArticleTitle>" + insert, 1))


def _with_subset(subset: bytes, reference: bytes) -> Callable[[Reply, Circumstances], Reply]:
    """Return a change that declares entities in the DOCTYPE and refers to one in the first title."""

    def change(reply: Reply, _: Circumstances) -> Reply:
        body = re.sub(rb"(<!DOCTYPE[^>\[]*)>", lambda m: m[1] + b" [" + subset + b"]>", reply.body, count=1)
        return replace(reply, body=body.replace(b"<ArticleTitle>", b"<ArticleTitle>" + reference, 1))

    return change


_BOMB = b'<!ENTITY a "ha">' + b"".join(b'<!ENTITY %c "%s">' % (98 + i, (b"&%c;" % (97 + i)) * 10) for i in range(9))


# -- searches ----------------------------------------------------------------------------------


def _zero(reply: Reply, _: Circumstances) -> Reply:
    """Claim that nothing was found."""
    body = re.sub(rb"<Count>\d+</Count><RetMax>\d+", b"<Count>0</Count><RetMax>0", reply.body, count=1)
    body = re.sub(rb"<IdList>.*?</IdList>", b"<IdList/>", body, count=1, flags=re.DOTALL)
    return replace(reply, body=_with_message(body, "No items found."))


def _count_drop(reply: Reply, at: Circumstances) -> Reply:
    """Report only a part of the count, without a word."""
    share = 1 - at.options.get("percent", 30) / 100
    return replace(
        reply, body=re.sub(rb"<Count>(\d+)<", lambda m: b"<Count>%d<" % int(int(m[1]) * share), reply.body, count=1)
    )


def _translation_drift(reply: Reply, at: Circumstances) -> Reply:
    """Translate the query otherwise, as after the yearly change of MeSH."""
    added = at.options.get("added", '"drifted term"[MeSH Terms]')
    end = b"</QueryTranslation>"
    return replace(reply, body=reply.body.replace(end, f" OR {escape(added)}".encode() + end, 1))


def _warning(reply: Reply, at: Circumstances) -> Reply:
    """Add an OutputMessage the service does not document."""
    return replace(reply, body=_with_message(reply.body, at.options.get("message", "Something was adjusted")))


def _with_message(body: bytes, message: str) -> bytes:
    element = f"<OutputMessage>{escape(message)}</OutputMessage>".encode()
    if b"</WarningList>" in body:
        return body.replace(b"</WarningList>", element + b"</WarningList>", 1)
    return body.replace(b"</eSearchResult>", b"<WarningList>" + element + b"</WarningList></eSearchResult>", 1)


#: Every kind of fault by name.
KINDS: dict[str, Kind] = {
    "rate_limit": Kind(
        summary="429 with the service's JSON; status=200 sends the same JSON as a success",
        options=("retry_after", "status"),
        change=_rate_limit,
    ),
    "invalid_key": Kind(summary="400 with the JSON for an unknown API key", change=_invalid_key),
    "server_error": Kind(summary="500 with an HTML page", options=("retry_after",), change=_status(500, _HTML_500)),
    "bad_gateway": Kind(
        summary="502 with an HTML page",
        options=("retry_after",),
        change=_status(502, "<html><head><title>502 Bad Gateway</title></head></html>\n"),
    ),
    "unavailable": Kind(
        summary="503 with an HTML page",
        options=("retry_after",),
        change=_status(503, "<html><head><title>503 Service Unavailable</title></head></html>\n"),
    ),
    "gateway_timeout": Kind(
        summary="504 with an HTML page",
        options=("retry_after",),
        change=_status(504, "<html><head><title>504 Gateway Time-out</title></head></html>\n"),
    ),
    "html_page": Kind(
        summary="200 with an HTML page where XML was asked for",
        change=_status(200, "<html><body><h1>Error occurred: Unable to obtain query #1</h1></body></html>\n"),
    ),
    "empty_body": Kind(summary="200 with nothing in it", change=lambda reply, _: replace(reply, body=b"")),
    "prolog_only": Kind(summary="200 with XML declaration and DOCTYPE, no root", change=_prolog_only),
    "backend_down": Kind(
        summary="200 with an ERROR that the database is not supported, as on 2025-07-04",
        options=("status",),
        change=_error("Search Backend failed: Database is not supported: pubmed", 200),
    ),
    "viewer_timeout": Kind(
        summary="400 (or status=200) with a transient viewer error",
        options=("status",),
        change=_error(" Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout", 400),
    ),
    "proxy_error": Kind(summary="400 with a relayed 502, cut before </ERROR>", change=_proxy_error),
    "bad_request": Kind(
        summary="400 that is meant",
        options=("status",),
        change=_error("ID list is empty! Possibly it has no correct IDs.", 400),
    ),
    "history_lost": Kind(
        summary="200 with an ERROR that query #1 cannot be obtained", change=_error("Unable to obtain query #1", 200)
    ),
    "history_lost_twice": Kind(summary="200 with two ERRORs about history data", change=_history_lost_twice),
    "expire_history": Kind(summary="every WebEnv is really forgotten before the request is answered"),
    "redirect": Kind(summary="301 to another origin", options=("location", "status"), change=_redirect),
    "set_cookie": Kind(
        summary="an unasked-for cookie",
        change=lambda reply, _: replace(reply, headers=(*reply.headers, ("Set-Cookie", "ncbi_sid=replica; path=/"))),
    ),
    "delay": Kind(summary="the answer comes later on the injected clock", options=("seconds",)),
    "cut_chunk": Kind(summary="the connection ends inside a chunk", options=("bytes",)),
    "cut_clean": Kind(
        summary="the transport ends properly, the document does not",
        options=("bytes",),
        change=lambda reply, at: replace(reply, body=reply.body[: at.options.get("bytes", len(reply.body) // 2)]),
    ),
    "cut_records": Kind(
        summary="ends behind so many records, root unclosed", options=("records",), change=_cut_records
    ),
    "drop_records": Kind(
        summary="so many records (or one PMID) missing, root closed", options=("records", "pmid"), change=_drop_records
    ),
    "repeat_records": Kind(
        summary="so many records twice, the second time in another version where one is given",
        options=("records", "version"),
        change=_repeat_records,
    ),
    "extra_record": Kind(summary="a record nobody asked for", options=("pmid",), change=_extra_record),
    "reorder_records": Kind(summary="records in another order", options=("seed",), change=_reorder_records),
    "gzip_crc": Kind(summary="gzip with a wrong checksum"),
    "gzip_cut": Kind(summary="gzip that ends early"),
    "gzip_false": Kind(summary="declared gzip, sent plain"),
    "reset_connect": Kind(summary="the connection is reset before any byte"),
    "reset_after_headers": Kind(summary="the connection is reset behind the headers"),
    "stall": Kind(summary="headers, then no byte for so many real seconds", options=("seconds",)),
    "drip": Kind(summary="a byte every so many real seconds", options=("seconds",)),
    "content_type": Kind(
        summary="good content under another type",
        options=("type",),
        change=lambda reply, at: replace(reply, content_type=at.options.get("type", "text/plain")),
    ),
    "bom": Kind(
        summary="a byte order mark before the document", change=lambda r, _: replace(r, body=b"\xef\xbb\xbf" + r.body)
    ),
    "leading_newline": Kind(
        summary="an empty line before the document", change=lambda r, _: replace(r, body=b"\n" + r.body)
    ),
    "crlf": Kind(
        summary="CRLF line ends", change=lambda reply, _: replace(reply, body=reply.body.replace(b"\n", b"\r\n"))
    ),
    "bad_utf8": Kind(summary="a byte in the first title that is no UTF-8", change=_in_title(b"\xff")),
    "control_character": Kind(summary="a control character in the first title", change=_in_title(b"\x0b")),
    "entity": Kind(
        summary="an internal and an external entity, referred to in the first title",
        change=_with_subset(
            b'<!ENTITY inside "INTERNAL ENTITY"><!ENTITY outside SYSTEM "file:///etc/hostname">', b"&inside;&outside;"
        ),
    ),
    "entity_bomb": Kind(summary="entities that would grow a billionfold", change=_with_subset(_BOMB, b"&j;")),
    "zero": Kind(summary="ESearch claims no hits", change=_zero),
    "count_drop": Kind(summary="ESearch reports a part of the count", options=("percent",), change=_count_drop),
    "translation_drift": Kind(summary="another QueryTranslation", options=("added",), change=_translation_drift),
    "warning": Kind(summary="an undocumented OutputMessage", options=("message",), change=_warning),
}
