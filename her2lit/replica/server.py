"""Serve E-utilities on loopback from a background thread."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import sys
import threading
from dataclasses import dataclass
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from her2lit.clock import Clock
from her2lit.errors import UsageError
from her2lit.replica import limits
from her2lit.replica.control import TOKEN_HEADER, ControlRequest, control_reply
from her2lit.replica.corpus import Corpus
from her2lit.replica.desk import Desk
from her2lit.replica.disturb import KINDS, Circumstances
from her2lit.replica.evaluate import Dialect
from her2lit.replica.faults import Fault, FaultPlan
from her2lit.replica.history import HistoryStore
from her2lit.replica.index import Index
from her2lit.replica.parameters import Parameters
from her2lit.replica.rate import RateCounter, RateState
from her2lit.replica.replies import JSON, TEXT, Reply
from her2lit.replica.requestlog import LoggedRequest, RequestLog
from her2lit.replica.service import answer
from her2lit.replica.transport import send_reply

#: What the replica only approximates, printed at start-up and in the documentation.
APPROXIMATIONS = (
    "counts are counts of this corpus, never PubMed's",
    "automatic term mapping knows a few dozen entries; other untagged words are searched in all fields",
    "a phrase the corpus does not hold counts as indexed and has no hits",
    "MeSH is exploded over a small excerpt only",
    "records of plain NLM files are visible from DateRevised (else the created date), 00:00 America/New_York",
    "sort=relevance orders by the number of search terms a record holds",
    "links are those within this corpus",
    "EFetch returns the record as its file holds it, not NCBI's re-rendering",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer with what was noted on the way to it."""

    reply: Reply
    rate: RateState | None = None
    fault: Fault | None = None


class Replica:
    """
    An E-utilities server on 127.0.0.1, running while the context is open.

    Args:
        corpus: The versioned records.
        clock: What "now" is: decides which versions are visible, when history expires, how fast requests come.
        port: 0 takes a free one.
        faults: What to disturb; can be changed with ``set_faults``.
        token: Opens the control plane; made up when not given.
        record_to: Write every request as a line of JSON to this file as well.
        strict: Count every request over the rate limit as a violation (it is answered 429 in any case).
        dialect: Whether to refuse or imitate what PubMed misreads in silence.
        history_ttl_s: Idle life of a WebEnv.
    """

    def __init__(
        self,
        corpus: Corpus,
        clock: Clock,
        *,
        port: int = 0,
        strict: bool = False,
        faults: FaultPlan | None = None,
        token: str | None = None,
        dialect: Dialect | None = None,
        record_to: Path | None = None,
        history_ttl_s: float = limits.HISTORY_TTL_S,
    ) -> None:
        """Prepare; the port is taken on entering the context."""
        self._clock = clock
        self._port = port
        self._is_strict = strict
        self._history = HistoryStore(clock, ttl_s=history_ttl_s)
        self._desk = Desk(
            corpus=corpus, index=Index(corpus), clock=clock, history=self._history, dialect=dialect or Dialect()
        )
        self._rate = RateCounter(clock)
        self._log = RequestLog(record_to)
        self._faults = faults
        #: Sent as X-Replica-Token, it opens the control plane under /__replica__/.
        self.token = token or secrets.token_urlsafe(16)
        self._server: _Server | None = None
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        """Start serving."""
        try:
            self._server = _Server(("127.0.0.1", self._port), self)
        except OSError as error:
            raise UsageError(
                f"Port {self._port} cannot be taken ({error}); choose another with --port, or 0"
            ) from error
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="replica", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and close every connection."""
        if self._server is not None:
            self._stopping.set()
            self._server.stop()
            self._server = None

    @property
    def base_url(self) -> str:
        """Return the address clients use in place of NCBI's, e.g. http://127.0.0.1:40001/entrez/eutils/."""
        if self._server is None:
            raise UsageError("The replica is not running; use it as `with Replica(…) as replica:`")
        return f"http://127.0.0.1:{self._server.server_address[1]}{limits.PREFIX}"

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Return every request so far, keys redacted."""
        return self._log.all()

    @property
    def violations(self) -> int:
        """Return how many requests came faster than allowed; always 0 unless ``strict``."""
        return self._rate.n_violations if self._is_strict else 0

    def expire_history(self) -> None:
        """Forget every WebEnv, as the real history server does now and then."""
        self._history.expire()

    def set_faults(self, plan: FaultPlan | None) -> None:
        """Disturb requests from now on by *plan*; None disturbs nothing."""
        self._faults = plan

    def _handle(self, handler: _Handler, body: str) -> None:
        """Answer one request and log it."""
        url = urlsplit(handler.path)
        if url.path.startswith(limits.CONTROL_PREFIX):
            token = handler.headers.get(TOKEN_HEADER, "")
            request = ControlRequest(method=handler.command, path=url.path, token=token, body=body)
            self._send(handler, control_reply(self, self._desk, request))
            return
        parameters = Parameters.parse(url.query, body)
        utility = _utility_name(url.path)
        if utility is None:
            reply = Reply(body=b"Not Found\n", content_type=TEXT, status=404)
            self._finish(handler, url.path, parameters, Answered(reply=reply))
        elif len(handler.path) > limits.MAX_URL:
            reply = Reply(body=b"Request-URI Too Long\n", content_type=TEXT, status=414)
            self._finish(handler, utility, parameters, Answered(reply=reply))
        else:
            self._finish(handler, utility, parameters, self._answer(handler, utility, parameters))

    def _answer(self, handler: _Handler, utility: str, parameters: Parameters) -> Answered:
        """Count the request, answer it, and disturb the answer where the plan says so."""
        key = parameters.get("api_key")
        caller = key or handler.client_address[0]
        rate = self._rate.count(caller, has_key=key is not None)
        if rate.is_exceeded:
            return Answered(reply=_too_many_requests(caller, rate), rate=rate)
        reply = answer(self._desk, utility, parameters)
        fault = self._faults.choose(utility, parameters, reply.body) if self._faults else None
        if fault is None:
            return Answered(reply=reply, rate=rate)
        if fault.kind == "delay":
            self._clock.sleep(fault.options.get("seconds", 1.0))
        elif fault.kind == "expire_history":
            self._history.expire()
            reply = answer(self._desk, utility, parameters)
        change = KINDS[fault.kind].change
        if change is not None:
            at = Circumstances(utility=utility, caller=caller, has_key=key is not None, options=fault.options)
            reply = change(reply, at)
        return Answered(reply=reply, rate=rate, fault=fault)

    def _finish(self, handler: _Handler, utility: str, parameters: Parameters, answered: Answered) -> None:
        # Logged before it is sent: who has the answer in hand finds its request in the log.
        reply = answered.reply
        self._log.add(
            LoggedRequest(
                at=self._clock.now(),
                utility=utility,
                method=handler.command,
                parameters=parameters.redacted(),
                status=reply.status,
                n_bytes=len(reply.body),
                body_sha256=hashlib.sha256(reply.body).hexdigest(),
                is_rate_violation=answered.rate is not None and answered.rate.is_exceeded,
                fault=answered.fault.kind if answered.fault else None,
            )
        )
        self._send(handler, reply, answered)

    def _send(self, handler: _Handler, reply: Reply, answered: Answered | None = None) -> None:
        headers = self._headers(answered.rate if answered else None)
        send_reply(handler, reply, headers, answered.fault if answered else None, self._stopping)

    def _headers(self, rate: RateState | None) -> list[tuple[str, str]]:
        """Return the headers every reply carries, as recorded in 2024."""
        serial = f"{len(self._log):016X}"
        headers = [
            ("Date", format_datetime(self._clock.now(), usegmt=True)),
            ("Server", "Finatra"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"),
            ("Content-Security-Policy", "upgrade-insecure-requests"),
            ("Referrer-Policy", "origin-when-cross-origin"),
            ("NCBI-SID", f"{serial}_0001SID"),
            ("NCBI-PHID", f"REPLICA{serial}.1.1.m_1"),
            ("Cache-Control", "private"),
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Expose-Headers", "X-RateLimit-Limit,X-RateLimit-Remaining"),
            ("X-Replica", "her2lit; not NCBI"),
        ]
        if rate is not None:
            headers += [("X-RateLimit-Limit", str(rate.limit)), ("X-RateLimit-Remaining", str(rate.remaining))]
        return headers


class _Server(ThreadingHTTPServer):
    """A threading server that can close the connections clients keep open."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], replica: Replica) -> None:
        self.replica = replica
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def remember(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about a client that goes away; anything else is a mistake of ours and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        with self._lock:
            still_open = tuple(self._open)
        for connection in still_open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, hands them to the replica, sends chunked replies."""

    protocol_version = "HTTP/1.1"
    # Whole replies leave in few packets, at once: small ones must not wait for Nagle's timer.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.remember(self.connection)

    def finish(self) -> None:
        self.server.forget(self.connection)
        try:
            super().finish()
        except OSError:
            return  # the client went away while the last bytes were on their way

    def do_GET(self) -> None:
        self.server.replica._handle(self, "")  # noqa: SLF001 - two halves of one module

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal():
            self.send_error(400, "Content-Length is no number")
            return
        body = self.rfile.read(int(length)).decode("utf-8", errors="replace")
        self.server.replica._handle(self, body)  # noqa: SLF001 - two halves of one module

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls
        """Stay silent: the request log tells, and with keys redacted."""


def _utility_name(path: str) -> str | None:
    """Return "esearch" for /entrez/eutils/esearch.fcgi, None for any path that is no utility."""
    name = path.removeprefix(limits.PREFIX)
    utility = name.removesuffix(".fcgi")
    return utility if name not in (path, utility) and utility in limits.UTILITIES else None


def _too_many_requests(caller: str, rate: RateState) -> Reply:
    """Return the 429 of the real service: JSON whatever was asked, numbers as strings, the caller in it."""
    body = {"error": "API rate limit exceeded", "api-key": caller, "count": str(rate.count), "limit": str(rate.limit)}
    return Reply(body=(json.dumps(body, separators=(",", ":")) + "\n").encode(), content_type=JSON, status=429)
