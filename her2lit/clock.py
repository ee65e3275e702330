"""Time as a dependency: everything below the flows and the command line is handed a ``Clock``."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

#: NLM works in US Eastern time; a night is named after the date there.
NLM_TIME_ZONE = ZoneInfo("America/New_York")


class Clock(Protocol):
    """The three things code may ask of time."""

    def now(self) -> datetime:
        """Return the current instant, timezone-aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait *seconds*; zero or less returns at once."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
        if seconds > 0:
            time.sleep(seconds)


class SimulatedClock:
    """
    A clock that moves only when told to, or when somebody sleeps on it.

    Client and replica share one in the demo and in soak tests: waiting out the politeness
    gap then costs no wall time, while both still see the same seconds pass.
    """

    def __init__(self, start: datetime) -> None:
        """Start at *start* (timezone-aware)."""
        if start.tzinfo is None:
            raise ValueError("SimulatedClock needs a timezone-aware start")
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the simulated instant in UTC."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """Return simulated seconds since construction; setting the date does not touch them."""
        with self._lock:
            return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Advance by *seconds* without waiting."""
        if seconds > 0:
            with self._lock:
                self._elapsed += seconds
                self._now += timedelta(seconds=seconds)

    def set(self, instant: datetime) -> None:
        """Jump to *instant*; seconds slept so far stay counted, and time never runs backwards."""
        target = instant.astimezone(UTC)
        with self._lock:
            if target < self._now:
                raise ValueError(f"a simulated clock does not run backwards: {target} is before {self._now}")
            self._elapsed += (target - self._now).total_seconds()
            self._now = target


def night_label(instant: datetime) -> date:
    """Return the calendar date in America/New_York, the name of the night that starts at *instant*."""
    return instant.astimezone(NLM_TIME_ZONE).date()
