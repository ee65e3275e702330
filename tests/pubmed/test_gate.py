"""The gate: no sliding second of the server holds more requests than NCBI allows."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from her2lit.clock import SimulatedClock, SystemClock
from her2lit.pubmed.gate import WINDOW_S, PolitenessGate


def most_in_a_second(times):
    """Return the largest number of *times* in any sliding second."""
    return max(sum(start <= other < start + 1 for other in times) for start in times)


def simulated():
    return SimulatedClock(datetime(2021, 6, 8, tzinfo=UTC))


@pytest.mark.parametrize(("limit", "seconds"), [(3, 0.35), (10, 0.105)])
def test_requests_start_evenly_spaced(limit, seconds):
    """With exactly 1/3 s between starts a sliding second could hold four."""
    clock = simulated()
    gate = PolitenessGate(clock, limit)
    starts = []

    for _ in range(40):
        with gate.request():
            starts.append(clock.monotonic())

    gaps = {round(later - earlier, 6) for earlier, later in pairwise(starts)}
    assert gaps == {seconds}
    assert most_in_a_second(starts) == limit


@pytest.mark.parametrize("latency", [0.0, 0.15, 0.6, 2.5])
@pytest.mark.parametrize("limit", [3, 10])
def test_no_second_is_overfull_wherever_in_the_exchange_the_server_meets_a_request(limit, latency):
    """A first request held up by a slow handshake must not arrive together with the next three."""
    clock = simulated()
    gate = PolitenessGate(clock, limit)
    arrivals = []

    for number in range(30):
        with gate.request():
            slow = number % 4 == 0
            clock.sleep(latency if slow else 0.0)
            arrivals.append(clock.monotonic())

    assert most_in_a_second(arrivals) <= limit


@pytest.mark.case("70")
def test_threads_share_the_gate():
    """Eight threads together keep the limit of one."""
    clock = simulated()
    gate = PolitenessGate(clock, 3)
    starts = []

    def work():
        for _ in range(10):
            with gate.request():
                starts.append(clock.monotonic())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(starts), gate.n_started) == (80, 80)
    assert most_in_a_second(starts) <= 3


def test_a_failed_request_counts_as_sent():
    """The server may have met it all the same."""
    clock = simulated()
    gate = PolitenessGate(clock, 3)

    with pytest.raises(OSError, match="reset"), gate.request():
        raise OSError("reset")
    with gate.request():
        pass

    assert (gate.n_started, round(clock.monotonic(), 6)) == (2, round(WINDOW_S + 0.35, 6))


@pytest.mark.case("70")
@pytest.mark.parametrize(("limit", "n_requests"), [(3, 6), (10, 21)])
def test_the_limit_holds_in_real_time(limit, n_requests):
    """The same over the machine's own clock, with threads, as against the real service."""
    gate = PolitenessGate(SystemClock(), limit)
    starts = []

    def work():
        for _ in range(n_requests // 3):
            with gate.request():
                starts.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(starts) == n_requests
    assert most_in_a_second(starts) <= limit


def test_a_new_gate_leaves_room_for_a_run_that_ended_a_moment_ago():
    """Two runs one after the other share NCBI's count: the second begins a second later."""
    clock = simulated()
    starts = []

    for _run in range(2):
        gate = PolitenessGate(clock, 3)
        for _ in range(4):
            with gate.request():
                starts.append(clock.monotonic())

    assert most_in_a_second(starts) <= 3
