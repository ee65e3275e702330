"""The history server: frozen sets of PMIDs under WebEnv and query key, forgotten after idle time."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field

from her2lit.clock import Clock
from her2lit.replica.limits import HISTORY_TTL_S


@dataclass(slots=True)
class _Session:
    last_used: float
    sets: dict[int, tuple[int, ...]] = field(default_factory=dict)


class HistoryStore:
    """Sets of PMIDs in the order a search gave them; thread-safe."""

    def __init__(self, clock: Clock, *, ttl_s: float = HISTORY_TTL_S) -> None:
        """Forget a WebEnv that was not touched for *ttl_s* seconds of *clock*."""
        self._clock = clock
        self._ttl_s = ttl_s
        self._sessions: dict[str, _Session] = {}
        self._n_made = 0
        self._lock = threading.Lock()

    def add(self, pmids: tuple[int, ...], web_env: str | None) -> tuple[int, str]:
        """Keep a set and return (query key, WebEnv); an unknown or expired WebEnv is replaced by a new one."""
        with self._lock:
            session = self._alive(web_env)
            if session is None or web_env is None:
                web_env = self._new_name()
                session = self._sessions[web_env] = _Session(self._clock.monotonic())
            key = len(session.sets) + 1
            session.sets[key] = pmids
            return key, web_env

    def get(self, web_env: str, key: int) -> tuple[int, ...] | None:
        """Return one set, None when the WebEnv or the key is unknown or expired."""
        with self._lock:
            session = self._alive(web_env)
            return None if session is None else session.sets.get(key)

    def sets(self, web_env: str) -> dict[int, tuple[int, ...]] | None:
        """Return every set of a WebEnv, None when it is unknown or expired."""
        with self._lock:
            session = self._alive(web_env)
            return None if session is None else dict(session.sets)

    def expire(self) -> None:
        """Forget everything, as after a restart of the history server."""
        with self._lock:
            self._sessions.clear()

    def _alive(self, web_env: str | None) -> _Session | None:
        session = self._sessions.get(web_env) if web_env else None
        if session is None:
            return None
        now = self._clock.monotonic()
        if now - session.last_used > self._ttl_s:
            del self._sessions[web_env or ""]
            return None
        session.last_used = now
        return session

    def _new_name(self) -> str:
        """Return MCID_ and 24 hex digits, the same in every run."""
        self._n_made += 1
        return f"MCID_{hashlib.sha256(str(self._n_made).encode()).hexdigest()[:24]}"
