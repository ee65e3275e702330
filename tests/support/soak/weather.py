"""What goes wrong when: the nights that are run at all, the faults they meet, the moment they are killed. Seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from her2lit.replica.disturb import KINDS

#: Steps of a night, in order, before each of which it can die.
VERBS = (
    "probe", "search", "watch", "match_strategies", "fetch", "parse", "annotate", "load", "audit", "publish_snapshot",
    "report", "the end",
)  # fmt: skip
#: Kinds that only mean something for one utility.
_UTILITY = {
    "zero": "esearch", "count_drop": "esearch", "translation_drift": "esearch", "warning": "esearch",
    "expire_history": "esearch", "history_lost": "esearch", "history_lost_twice": "esearch",
    "cut_records": "efetch", "drop_records": "efetch", "repeat_records": "efetch", "extra_record": "efetch",
    "reorder_records": "efetch", "bad_utf8": "efetch", "control_character": "efetch", "entity": "efetch",
    "entity_bomb": "efetch",
    # A byte at a time: the shortest reply there is.
    "drip": "epost",
}  # fmt: skip
#: Options that keep real seconds short.
_OPTIONS = {"stall": "seconds = 0.2", "drip": "seconds = 0.001", "delay": "seconds = 40.0"}
#: Answers that look like answers: a night cannot know that it was told less than there is.
LIES = frozenset({"zero", "drop_records", "bad_request"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """When a night is killed."""

    #: "verb" (before a step), "clock" (when time is asked or waited for), "load" and "publish" (inside)
    how: str
    #: The step, or the function inside which it dies
    where: str = ""
    #: At which touch of the clock
    nth: int = 0
    #: Seconds after the step began; only for a kill from outside
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One attempt at a night."""

    label: date
    #: A reconciliation late in the evening instead of a night
    is_reconcile: bool = False
    #: A fault plan as TOML; empty for a quiet night
    faults: str = ""
    death: Death | None = None
    #: The clock jumps before the fetch, over whatever changes in that hour
    is_slow: bool = False
    #: Somebody starts a second run meanwhile
    has_rival: bool = False


def labels(pick: random.Random, first: date, last: date, n_nights: int) -> tuple[date, ...]:
    """
    Return *n_nights* days between *first* and *last*, in stretches with outages between them.

    The first nights are all there; outages last from a night to weeks, as long as the days to be left out ask for.
    """
    n_days = (last - first).days + 1
    n_skipped = max(0, n_days - n_nights)
    n_outages = max(1, min(n_nights // 6, n_skipped))
    cuts = sorted(pick.sample(range(n_skipped + 1), n_outages - 1)) if n_skipped else []
    lengths = [b - a for a, b in zip([0, *cuts], [*cuts, n_skipped], strict=True)]
    starts = sorted(pick.sample(range(2, n_nights), n_outages))
    days, offset = [], 0
    for number in range(n_nights):
        if number in starts:
            offset += lengths[starts.index(number)]
        days.append(first + timedelta(days=number + offset))
    return tuple(day for day in days if day <= last)


class Weather:
    """Decides for each attempt what happens to it; every kind of fault comes round before one comes twice."""

    def __init__(self, seed: int, *, deaths: float = 0.25, storms: float = 0.6) -> None:
        self.random = random.Random(seed)
        self._deaths, self._storms = deaths, storms
        self._deck = self._shuffled(sorted(KINDS))
        self._places = self._shuffled([*VERBS, "clock", "clock", "clock", "load", "load", "publish", "publish"])

    def night(self, label: date, *, is_repeat: bool = False, is_reconcile: bool = False) -> Night:
        """Return the next attempt at *label*; a repeated one meets better weather."""
        pick = self.random
        storms, deaths = (self._storms / 2, self._deaths / 3) if is_repeat else (self._storms, self._deaths)
        return Night(
            label=label,
            is_reconcile=is_reconcile,
            faults=self._storm() if pick.random() < storms else "",
            death=self._death() if pick.random() < deaths else None,
            is_slow=pick.random() < 0.2 and not is_reconcile,
            has_rival=pick.random() < 0.02,
        )

    def _shuffled(self, items: list[str]) -> Iterator[str]:
        while True:
            yield from self.random.sample(items, len(items))

    def _storm(self) -> str:
        kinds = [next(self._deck) for _ in range(self.random.randint(2, 4))]
        return f"seed = {self.random.randrange(10**6)}\n" + "\n".join(map(self._rule, dict.fromkeys(kinds)))

    def _rule(self, kind: str) -> str:
        pick = self.random
        utility = _UTILITY.get(kind) or pick.choice(["einfo", "esearch", "esearch", "epost", "efetch", "efetch"])
        lines = ["[[fault]]", f'kind = "{kind}"', f'utility = "{utility}"', _OPTIONS.get(kind, "")]
        spread = 12 if utility == "esearch" else 1
        chance = pick.random()
        if chance < 0.70:
            lines.append(f"nth = {pick.randint(1, spread)}")
        elif chance < 0.92 or kind in _OPTIONS:
            lines += [f"times = {pick.randint(2, 5)}", "probability = 0.5"]
        # Else it lasts the whole night.
        return "\n".join(line for line in lines if line) + "\n"

    def _death(self) -> Death:
        pick = self.random
        place = next(self._places)
        if place == "clock":
            return Death(how="clock", nth=pick.randint(1, 160))
        if place == "load":
            return Death(how="load", where=pick.choice(["_apply_versions", "_insert_events", "record_night"]),
                         after_s=pick.random() * 0.25)  # fmt: skip
        if place == "publish":
            where = pick.choice(["_copy", "_verify_and_export", "_keep_old", "_swap_folder", "_write_manifest"])
            return Death(how="publish", where=where, after_s=pick.random() * 0.4)
        return Death(how="verb", where=place)
