"""
One HTTP exchange that always ends: connect and read time-outs, a deadline over all, a size limit.

A read time-out alone does not end a reply that drips one byte a second; only shutting the socket
down does, wherever the reading thread hangs. That needs the socket of the request under way, which
neither requests nor urllib3 hands out, hence the small connection classes below.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from her2lit import __version__
from her2lit.clock import Clock
from her2lit.pubmed.gate import PolitenessGate

_CHUNK_BYTES = 65_536


class ExchangeFailed(Exception):
    """The exchange broke off before a whole reply was read; asking again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """A whole reply: status, headers (names in lower case) and the decompressed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long one exchange may take and how much it may bring."""

    connect_s: float = 10.0
    #: Longest silence between two bytes
    read_s: float = 60.0
    #: Longest time from the first byte sent to the last byte read
    deadline_s: float = 180.0
    #: Largest decompressed body; 200 records are about 2 MB
    max_bytes: int = 200_000_000


class _Underway(threading.local):
    """The socket on which this thread's request was sent."""

    socket: socket.socket | None = None


_UNDERWAY = _Underway()


class _WatchedHTTPConnection(HTTPConnection):
    def request(self, *arguments: Any, **options: Any) -> None:
        super().request(*arguments, **options)
        _UNDERWAY.socket = self.sock

    def connect(self) -> None:
        super().connect()
        _UNDERWAY.socket = self.sock


class _WatchedHTTPSConnection(HTTPSConnection):
    def request(self, *arguments: Any, **options: Any) -> None:
        super().request(*arguments, **options)
        _UNDERWAY.socket = self.sock

    def connect(self) -> None:
        super().connect()
        _UNDERWAY.socket = self.sock


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class _WatchedAdapter(HTTPAdapter):
    """An adapter that never retries by itself and whose sockets can be shut down from outside."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}


def new_session() -> requests.Session:
    """
    Return a session that takes nothing from its surroundings.

    ``trust_env`` is off: no proxy from HTTP_PROXY and its like (it would see key and address), no
    password from ~/.netrc, no REQUESTS_CA_BUNDLE. A site that needs a proxy hands its own session
    to ``EutilsClient``. Cookies are refused: every request says all there is to say.
    """
    session = requests.Session()
    session.trust_env = False
    adapter = _WatchedAdapter(max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def post(
    session: requests.Session,
    url: str,
    form: Mapping[str, str],
    *,
    gate: PolitenessGate,
    clock: Clock,
    limits: Limits,
) -> HttpReply:
    """
    Send *form* by POST through the gate and return the whole reply, whatever its status.

    Redirects are not followed: they come back as replies with their 3xx status.

    Raises:
        ExchangeFailed: Connection, time-out, deadline, size or decompression; no whole reply came.
    """
    try:
        with _deadline(limits.deadline_s) as watch:
            with gate.request():
                # The wait at the gate is no fault of the service: its time starts here.
                started = clock.monotonic()
                watch.start()
                response = session.post(
                    url,
                    data=form,
                    headers={"Accept-Encoding": "gzip", "User-Agent": f"her2lit/{__version__}"},
                    timeout=(limits.connect_s, limits.read_s),
                    allow_redirects=False,
                    stream=True,
                )
            with response:
                body = _read(response, clock, started, limits)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        if watch.has_expired:
            raise ExchangeFailed(f"no whole reply within {limits.deadline_s:g} s") from error
        raise ExchangeFailed(_in_words(error)) from error
    if watch.has_expired:
        raise ExchangeFailed(f"no whole reply within {limits.deadline_s:g} s")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpReply(status=response.status_code, headers=headers, body=body)


def _read(response: requests.Response, clock: Clock, started: float, limits: Limits) -> bytes:
    """Return the decompressed body, giving up at the deadline or the size limit."""
    pieces: list[bytes] = []
    n_bytes = 0
    for piece in response.iter_content(_CHUNK_BYTES):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > limits.max_bytes:
            raise ExchangeFailed(f"the reply is larger than {limits.max_bytes:,} bytes")
        if clock.monotonic() - started > limits.deadline_s:
            raise ExchangeFailed(f"no whole reply within {limits.deadline_s:g} s")
    return b"".join(pieces)


class _Watch:
    """Shuts the socket of the exchange down when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.has_expired = False
        self._underway = _UNDERWAY
        self._socket_of = _UNDERWAY.__dict__
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def start(self) -> None:
        """Let the time run: called when the request leaves, after its wait at the gate."""
        self._timer.start()

    def stop(self) -> None:
        """Call the alarm off."""
        self._timer.cancel()

    def _expire(self) -> None:
        self.has_expired = True
        underway = self._socket_of.get("socket")
        if underway is None:
            return
        try:
            # The plain method: SSLSocket's own first drops its TLS state under the reader's feet.
            socket.socket.shutdown(underway, socket.SHUT_RDWR)
        except OSError:
            return  # closed meanwhile, which is all that was wanted


@contextmanager
def _deadline(seconds: float) -> Iterator[_Watch]:
    _UNDERWAY.socket = None
    watch = _Watch(seconds)
    try:
        yield watch
    finally:
        watch.stop()


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (requests.ConnectTimeout, "no connection within the time allowed"),
    (requests.Timeout, "no byte came within the time allowed"),
    (requests.exceptions.SSLError, "the TLS certificate or handshake was not accepted"),
    (requests.exceptions.ContentDecodingError, "the reply is declared gzip but cannot be decompressed"),
    (requests.exceptions.ChunkedEncodingError, "the connection was cut inside the reply"),
    (requests.ConnectionError, "the connection could not be made, or was cut or silent for too long"),
)


def _in_words(error: Exception) -> str:
    """Return what went wrong without host, address or body."""
    return next(
        (words for kind, words in _WORDS if isinstance(error, kind)),
        f"the exchange broke off ({type(error).__name__})",
    )
