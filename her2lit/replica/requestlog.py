"""What was asked of the replica, in order, without keys or addresses."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request and its answer."""

    #: On the injected clock
    at: datetime
    #: esearch, efetch, …; the path for anything else
    utility: str
    method: str
    #: Redacted
    parameters: tuple[tuple[str, str], ...]
    status: int
    #: Bytes of the body before compression
    n_bytes: int
    #: SHA-256 of that body
    body_sha256: str
    is_rate_violation: bool
    #: Kind of the fault put in, None for an undisturbed answer
    fault: str | None = None


class RequestLog:
    """An append-only list; thread-safe."""

    def __init__(self) -> None:
        """Start empty."""
        self._requests: list[LoggedRequest] = []
        self._lock = threading.Lock()

    def add(self, request: LoggedRequest) -> None:
        """Append one request."""
        with self._lock:
            self._requests.append(request)

    def all(self) -> tuple[LoggedRequest, ...]:
        """Return every request so far."""
        with self._lock:
            return tuple(self._requests)
