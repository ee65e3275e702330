"""What was asked of the replica, in order, without keys or addresses."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from her2lit.errors import UsageError


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

    def as_json(self) -> str:
        """Return the request as one line of JSON."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()}, ensure_ascii=False)


class RequestLog:
    """An append-only list, kept in a file as well where one is given; thread-safe."""

    def __init__(self, path: Path | None = None) -> None:
        """
        Start empty; lines are added to *path* as JSON.

        Raises:
            UsageError: The file cannot be written.
        """
        if path is not None:
            try:
                path.open("a", encoding="utf-8").close()
            except OSError as error:
                raise UsageError(
                    f"The request log {path} cannot be written ({error.strerror}); choose another"
                ) from error
        self._requests: list[LoggedRequest] = []
        self._path = path
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of requests so far."""
        with self._lock:
            return len(self._requests)

    def add(self, request: LoggedRequest) -> None:
        """Append one request."""
        with self._lock:
            self._requests.append(request)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as stream:
                    stream.write(request.as_json() + "\n")

    def all(self) -> tuple[LoggedRequest, ...]:
        """Return every request so far."""
        with self._lock:
            return tuple(self._requests)
