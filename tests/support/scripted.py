"""A service on loopback that answers from a script, so that every reply, good or broken, can be staged."""

from __future__ import annotations

import gzip
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from her2lit.clock import SimulatedClock
from her2lit.pubmed.client import EutilsClient, RetryPolicy
from her2lit.pubmed.transport import Limits
from her2lit.settings import EutilsSettings

WEBENV = "MCID_0123456789abcdef01234567"
DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE {0} PUBLIC "-//NLM//DTD {0} 20060628//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/{0}.dtd">\n'
)


@dataclass
class Answer:
    """One reply; ``raw`` takes over the connection instead."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: Called with the handler, writes what it likes to the socket
    raw: object = None
    gzipped: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    utility: str
    method: str
    path: str
    form: dict[str, str]
    at: float
    headers: dict[str, str]


class ScriptedService:
    """Answers each request with what *answer(asked)* returns: an Answer, text or bytes."""

    def __init__(self, answer):
        self._answer = answer
        self.requests = []
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                form = {k: v[-1] for k, v in parse_qs(self.rfile.read(length).decode(), keep_blank_values=True).items()}
                service._serve(self, form)

            do_GET = do_POST  # noqa: N815 - http.server's name

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            # A client that gave up is the point of many tests, not an error of the server.
            handle_error = lambda *_: None  # noqa: E731

        self._server = Server(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/entrez/eutils/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler, form):
        utility = handler.path.rsplit("/", 1)[-1].split(".")[0]
        asked = Asked(utility, handler.command, handler.path, form, time.monotonic(), dict(handler.headers))
        with self._lock:
            self.requests.append(asked)
            answer = self._answer(asked)
        if not isinstance(answer, Answer):
            answer = Answer(answer)
        if answer.raw:
            handler.close_connection = True
            answer.raw(handler)
            return
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = {"Content-Type": "text/xml; charset=UTF-8", **answer.headers}
        if answer.gzipped:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        handler.send_response(answer.status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def in_turn(*answers, then=None):
    """Return an answer function that plays *answers* one after the other; *then* afterwards, or the last again."""
    left = list(answers)

    def answer(asked):
        if len(left) > 1 or (left and then is not None):
            return left.pop(0)
        return then(asked) if callable(then) else left[0] if left else then

    return answer


def client_for(service, *, clock=None, api_key=None, limits=None, **policy):
    """Return a client on a simulated clock, so that waiting costs nothing."""
    settings = EutilsSettings(email="someone@hospital.invalid", api_key=api_key, base_url=service.base_url)
    return EutilsClient(
        settings,
        clock or SimulatedClock(datetime(2021, 6, 8, 6, 30, tzinfo=UTC)),
        policy=RetryPolicy(limits=limits or Limits(read_s=5, deadline_s=20), **policy),
    )


def search_xml(pmids=(), *, count=None, translation="", errors=(), warnings=(), history=False, retmax=None, retstart=0):
    """Return an ESearch reply in NCBI's element order; errors and warnings as (element, text)."""
    count = len(pmids) if count is None else count
    session = f"<QueryKey>1</QueryKey><WebEnv>{WEBENV}</WebEnv>" if history else ""
    listed = "".join(f"<Id>{pmid}</Id>\n" for pmid in pmids)
    if not count and not warnings:
        warnings = (("OutputMessage", "No items found."),)
    return (
        DOCTYPE.format("eSearchResult")
        + f"<eSearchResult><Count>{count}</Count><RetMax>{len(pmids) if retmax is None else retmax}</RetMax>"
        + f"<RetStart>{retstart}</RetStart>{session}<IdList>{listed}</IdList><TranslationSet/>"
        + f"<QueryTranslation>{_escaped(translation)}</QueryTranslation>"
        + _listed("ErrorList", errors)
        + _listed("WarningList", warnings)
        + "</eSearchResult>\n"
    )


def _listed(name, items):
    inner = "".join(f"<{element}>{_escaped(text)}</{element}>" for element, text in items)
    return f"<{name}>{inner}</{name}>" if items else ""


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def translated(term):
    """Return what PubMed would print for *term*, as far as dates go."""
    names = {"crdt": "Date - Create", "lr": "Date - Modification", "mhda": "Date - MeSH"}
    return re.sub(r'\("([\d/]+)"\[(\w+)\] : "([\d/]+)"\[\w+\]\)', lambda m: f"{m[1]}:{m[3]}[{names[m[2]]}]", term)


def post_xml():
    """Return an EPost reply."""
    return DOCTYPE.format("ePostResult") + (
        f"<ePostResult>\n\t<QueryKey>1</QueryKey>\n\t<WebEnv>{WEBENV}</WebEnv>\n</ePostResult>\n"
    )


def error_xml(text, root="eSearchResult"):
    """Return a reply that is an ERROR."""
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<{root}>\n\t<ERROR>{text}</ERROR>\n</{root}>\n'


def record_xml(pmid, *, version=1, title=None):
    """Return one made-up record."""
    return (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="{version}">{pmid}</PMID>'
        f'<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><PubDate><Year>2021</Year></PubDate>'
        f"</JournalIssue></Journal><ArticleTitle>{title or f'Made-up record {pmid}'}</ArticleTitle>"
        '<Language>eng</Language><PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType>'
        "</PublicationTypeList></Article><MedlineJournalInfo><MedlineTA>None</MedlineTA></MedlineJournalInfo>"
        "</MedlineCitation><PubmedData><PublicationStatus>aheadofprint</PublicationStatus><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>\n'
    )


def set_xml(pmids, *, records=None):
    """Return an EFetch reply with made-up records."""
    inner = "".join(record_xml(pmid) for pmid in pmids) if records is None else records
    return (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
        f"<PubmedArticleSet>{inner}</PubmedArticleSet>"
    )


def ids_of(asked):
    """Return the PMIDs a request names."""
    return [int(text) for text in asked.form["id"].split(",")]
