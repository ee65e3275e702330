"""
The one gate that every request passes: NCBI's limit holds whatever threads, retries or the network do.

NBK25497 allows 3 requests a second per address, 10 with a key. Spacing the starts is not enough:
a slow connection can hold one request back until it arrives together with the next ones. So a
request counts from its start until one second after its reply began: whenever in that time the
server met it, no sliding second of the server holds more than the limit.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from her2lit.clock import Clock

#: Seconds between two starts. With exactly 1/3 s a sliding second can hold four.
SPACING_S = {3: 0.35, 10: 0.105}
#: The server's sliding second, and a little for clocks that do not agree.
WINDOW_S = 1.01


class PolitenessGate:
    """
    Lets requests start at most *limit* to a second, evenly spaced; one per client, shared by its threads.

    Args:
        limit: Requests a second: 3, or 10 with a key.
    """

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._spacing_s = SPACING_S.get(limit, 1.05 / limit)
        #: Held by the thread whose turn it is to start, while it waits
        self._turn = threading.Lock()
        self._changed = threading.Condition()
        self._in_flight = 0
        # A run that ended a moment ago from this address, or with this key, still counts with NCBI:
        # a new gate begins as if its whole limit had just been used.
        self._settled: deque[float] = deque([clock.monotonic()] * limit, maxlen=limit)
        self._last_start: float | None = None
        self._n_started = 0

    @property
    def n_started(self) -> int:
        """Return the number of requests let through so far, retries included."""
        with self._changed:
            return self._n_started

    @contextmanager
    def request(self) -> Iterator[None]:
        """Wait for a turn; the block is the sending of one request up to the first byte of its reply."""
        self._start()
        try:
            yield
        finally:
            self._settle()

    def _start(self) -> None:
        with self._turn:
            while (wait_s := self._wait_s()) > 0:
                self._clock.sleep(wait_s)
            with self._changed:
                self._in_flight += 1
                self._n_started += 1
                self._last_start = self._clock.monotonic()

    def _wait_s(self) -> float:
        """Return the seconds until the next start is allowed; wait first while too many are under way."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self._limit)
            now = self._clock.monotonic()
            waits = [0.0]
            if self._last_start is not None:
                waits.append(self._last_start + self._spacing_s - now)
            may_remain = self._limit - 1 - self._in_flight
            if len(self._settled) > may_remain:
                waits.append(self._settled[-1 - may_remain] + WINDOW_S - now)
            return max(waits)

    def _settle(self) -> None:
        with self._changed:
            self._in_flight -= 1
            self._settled.append(self._clock.monotonic())
            self._changed.notify_all()
