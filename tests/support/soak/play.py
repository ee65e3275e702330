"""One season from a seed: the world, its weather, the nights."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from math import ceil
from pathlib import Path

from soak.lives import live, real_revisions
from soak.season import Season
from soak.weather import Weather, labels
from soak.world import World

#: The replica's first day; within a year from it clocks change twice.
FIRST = date(2023, 1, 10)
YEAR_DAYS = 365
#: Reconciliations fetch everything anew within so many days.
RENEWAL_DAYS = 28


def play(
    root: Path,
    *,
    seed: int,
    n_nights: int,
    n_lives: int,
    n_days: int = YEAR_DAYS,
    burst: int = 205,
    renewal_days: int = RENEWAL_DAYS,
    kills_for_real: bool = False,
    real: Path | None = None,
    say: Callable[[str], None] = lambda _line: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Season:
    """
    Run *n_nights* over *n_days* of a world, let it settle, and return the season.

    Afterwards PubMed stands still for as long as the reconciliations need to fetch everything anew,
    and a week more, because a deletion is believed on its second night.

    Args:
        root: An empty folder.
        n_lives: Records that live their stories.
        burst: Records that enter on one day: more than a batch.
        renewal_days: Within so many days reconciliations fetch everything anew.
        real: A file of real revisions, several per PMID; those join the world, moved into its days.
        is_over: Asked before each night; once it is True the season settles.
    """
    last = FIRST + timedelta(days=n_days - 1)
    world = live(seed, FIRST, last, n_lives=n_lives, burst=burst)
    if real is not None:
        world = World([*world.faces, *real_revisions(read_revisions(real), seed, FIRST, last)], world.removals)
    season = Season(root, world, Weather(seed), FIRST, kills_for_real=kills_for_real, renewal_days=renewal_days)
    season.run(labels(random.Random(seed), FIRST, last, n_nights), say, is_over)
    season.settle(tuple(last + timedelta(days=1 + 7 * week) for week in range(1 + ceil(renewal_days / 7))))
    season.save()
    return season


def read_revisions(path: Path) -> dict[int, list[str]]:
    """Return PMID -> its revisions, oldest first, of a file that holds several per PMID."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    found: dict[int, list[str]] = {}
    for record in re.findall(r"<PubmedArticle>.*?</PubmedArticle>", text, flags=re.DOTALL):
        match = re.search(r"<PMID[^>]*>(\d+)</PMID>", record)
        if match:
            found.setdefault(int(match[1]), []).append(record)
    return found
