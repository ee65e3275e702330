"""Time as a dependency."""

from datetime import UTC, date, datetime, timedelta

import pytest

from her2lit.clock import SimulatedClock, SystemClock, night_label

START = datetime(2021, 6, 5, 6, 30, tzinfo=UTC)


def test_sleeping_on_a_simulated_clock_moves_both_its_readings():
    """
    Politeness costs simulated seconds, no real ones.
    """
    clock = SimulatedClock(START)

    clock.sleep(0.35)

    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=0.35), 0.35)


def test_a_simulated_clock_jumps_forward_and_counts_the_jump():
    clock = SimulatedClock(START)

    clock.set(START + timedelta(days=1))

    assert (clock.now(), clock.monotonic()) == (START + timedelta(days=1), 86400.0)


def test_a_simulated_clock_never_runs_backwards():
    clock = SimulatedClock(START)

    with pytest.raises(ValueError, match="does not run backwards"):
        clock.set(START - timedelta(seconds=1))


def test_a_clock_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="timezone-aware"):
        SimulatedClock(START.replace(tzinfo=None))


def test_the_system_clock_speaks_utc_and_moves_on():
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0.001)

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() > before


@pytest.mark.parametrize(
    ("instant", "label"),
    [
        (datetime(2021, 6, 8, 3, 59, tzinfo=UTC), date(2021, 6, 7)),  # 23:59 in New York, summer time
        (datetime(2021, 6, 8, 4, 0, tzinfo=UTC), date(2021, 6, 8)),
        (datetime(2021, 1, 8, 4, 59, tzinfo=UTC), date(2021, 1, 7)),  # 23:59, winter time
        (datetime(2021, 3, 14, 6, 59, tzinfo=UTC), date(2021, 3, 14)),  # the night the clocks go forward
        (datetime(2021, 11, 7, 4, 30, tzinfo=UTC), date(2021, 11, 7)),  # the night they go back
    ],
)
def test_a_night_is_named_after_the_date_in_new_york(instant, label):
    assert night_label(instant) == label
