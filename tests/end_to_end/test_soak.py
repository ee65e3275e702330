"""
A living PubMed over days or a year, with faults and kills: nothing lost, nothing doubled, nobody pressed.

Six nights of a month in the first tier, thirty of a year in the second; three hundred with real
kills are run by hand: ``bench/soak.py``, figures in docs/soak.md.
"""

from __future__ import annotations

import pytest
from soak.figures import figures_of
from soak.oracle import Oracle
from soak.play import play

pytestmark = [pytest.mark.xdist_group("soak"), pytest.mark.timeout(1200)]

#: Seed, and what ``play`` is told.
MONTH = (17, {"n_nights": 6, "n_days": 30, "n_lives": 150, "burst": 0})
YEAR = (1, {"n_nights": 30, "n_lives": 150})


@pytest.fixture(
    scope="module",
    params=[pytest.param(MONTH, id="a month"), pytest.param(YEAR, id="a year", marks=pytest.mark.extra)],
)
def season(request, tmp_path_factory):
    """A season from a fixed seed."""
    seed, told = request.param
    return play(tmp_path_factory.mktemp("soak"), seed=seed, renewal_days=7, **told)


@pytest.fixture(scope="module")
def figures(season):
    """The season judged and counted."""
    return figures_of(season, Oracle(season).judge(), seed=0)


def test_the_warehouse_equals_pubmed_and_tells_every_change_a_run_could_see_once(figures):
    """
    Versions, events, annotations, watermarks, the snapshot and a replay, compared with an oracle that knows the world.
    """
    found = figures.judgement

    assert (found.lost, found.doubled, found.wrong) == ([], [], [])
    assert (found.n_stale, found.n_ghosts, found.n_unseen) == (0, 0, 0)
    assert found.n_records >= 100


def test_no_request_was_too_fast_through_faults_and_kills(figures):
    assert figures.n_violations == 0


def test_the_season_had_the_weather_it_was_meant_to_have(figures):
    """
    Otherwise the other tests show nothing.
    """
    assert figures.outcomes["killed"] >= 2
    assert figures.outcomes["incomplete"] >= 1
    assert sum(fault.n_struck for fault in figures.faults.values()) >= 5


def test_undisturbed_nights_ask_hardly_more_than_they_must(figures):
    """
    The minimum: every search once, and what is new in full batches. Beyond it zeros are asked twice (three arms, three
    kinds of notice, the strategies together), and the overlap of the windows is fetched again.
    """
    assert figures.n_quiet >= 1
    assert figures.n_quiet_requests <= figures.n_quiet_minimum + 8 * figures.n_quiet


def test_the_oracle_notices_what_is_lost_and_what_is_doubled(season):
    """
    An oracle that cannot say no shows nothing.
    """
    oracle = Oracle(season)
    event = min(oracle.tables.events)
    version = min(oracle.tables.versions)
    del oracle.tables.events[event]
    oracle.tables.versions[version] += 1

    oracle.follow()
    oracle.compare_rows()

    assert oracle.found.lost == [f"event {event}"]
    assert oracle.found.doubled == [f"version {version}"]
