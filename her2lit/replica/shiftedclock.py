"""The machine's clock, moved to another day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from her2lit.clock import Clock


class ShiftedClock:
    """A clock that starts at a given instant and then runs at the pace of another."""

    def __init__(self, start: datetime, base: Clock) -> None:
        """Start at *start* (timezone-aware) now."""
        self._base = base
        self._start = start.astimezone(UTC)
        self._base_start = base.monotonic()

    def now(self) -> datetime:
        """Return the shifted instant in UTC."""
        return self._start + timedelta(seconds=self._base.monotonic() - self._base_start)

    def monotonic(self) -> float:
        """Return the base clock's seconds."""
        return self._base.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait on the base clock."""
        self._base.sleep(seconds)

    def set(self, instant: datetime) -> None:
        """Jump to *instant* and run on from there; only ``now`` is moved, never backwards."""
        target = instant.astimezone(UTC)
        if target < self.now():
            raise ValueError(f"a shifted clock does not run backwards: {target} is before {self.now()}")
        self._start = target
        self._base_start = self._base.monotonic()
