"""The politeness counter: starts per sliding second and caller."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass

from her2lit.clock import Clock
from her2lit.replica.limits import RATE_TOLERANCE_S, RATE_WITH_KEY, RATE_WITHOUT_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """What one request means for the caller's quota."""

    limit: int
    #: Starts within the last second, this one included
    count: int

    @property
    def is_exceeded(self) -> bool:
        """Tell whether this request was one too many."""
        return self.count > self.limit

    @property
    def remaining(self) -> int:
        """Return what is left of the quota."""
        return max(0, self.limit - self.count)


class RateCounter:
    """Count request starts per caller; refused requests count as well, as they reached the server."""

    def __init__(self, clock: Clock) -> None:
        """Measure on *clock*'s monotonic seconds, which client and replica may share."""
        self._clock = clock
        self._starts: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._n_violations = 0

    @property
    def n_violations(self) -> int:
        """Return how many requests came too fast so far."""
        with self._lock:
            return self._n_violations

    def count(self, caller: str, *, has_key: bool) -> RateState:
        """Note one request start of *caller* (a key, or an address) and return its quota."""
        limit = RATE_WITH_KEY if has_key else RATE_WITHOUT_KEY
        with self._lock:
            now = self._clock.monotonic()
            starts = self._starts[caller]
            while starts and now - starts[0] >= 1.0 - RATE_TOLERANCE_S:
                starts.popleft()
            starts.append(now)
            state = RateState(limit=limit, count=len(starts))
            self._n_violations += state.is_exceeded
            return state
