"""
Run the nights: in this process, or in a child that is killed for real, over one home and one replica clock.

As a program (``python season.py SPEC.json``) it runs one night and says on stdout how far it has come.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from unittest import mock

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nights import run_night, run_reconcile

import flows.lock
import warehouse.load
import warehouse.publish
from flows import reconcile_steps, steps
from her2lit.clock import SimulatedClock
from her2lit.demo import night_start
from her2lit.errors import Her2litError, WarehouseLocked
from her2lit.home import Home, open_home
from her2lit.replica.corpus import Corpus
from her2lit.replica.faults import read_fault_plan
from her2lit.replica.server import Replica
from her2lit.settings import EutilsSettings
from soak.weather import Death, Night, Weather
from soak.world import World, eastern

#: Attempts at one night.
MAX_ATTEMPTS = 3
#: A reconciliation begins at 23:10, when the day's changes are over.
RECONCILE_AT = (23, 10)
RECONCILE_EVERY_DAYS = 7
#: Step of a night -> the step of a reconciliation in its place
_IN_ITS_PLACE = {"search": "enumerate", "watch": "compare", "match_strategies": "match_gap"}


class Killed(BaseException):
    """The process is gone; no code of ours may catch it."""


class MortalClock(SimulatedClock):
    """A simulated clock at whose *nth* touch somebody dies."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._thread = threading.get_ident()
        self.n_left = 0
        self.die: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        self._touch()
        return super().now()

    def sleep(self, seconds: float) -> None:
        self._touch()
        super().sleep(seconds)

    def _touch(self) -> None:
        # The replica's threads look at the same clock; it is the night that dies.
        if self.n_left > 0 and threading.get_ident() == self._thread:
            self.n_left -= 1
            if self.n_left == 0:
                self.die()


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One attempt at a night, as it went."""

    night: Night
    run_id: str | None = None
    #: Step -> the instant before it
    instants: dict[str, datetime] = field(default_factory=dict)
    #: "clean", "incomplete", "killed", or the name of an error
    outcome: str = "killed"
    #: Lines of the request log that belong to it
    first_request: int = 0
    last_request: int = 0

    @property
    def label(self) -> date:
        """The night's name."""
        return self.night.label


class Season:
    """
    A home, its nights, and what happened in each.

    Args:
        root: A folder of its own: home, corpus, request log.
        world: What PubMed shows.
        kills_for_real: Nights that are to die run in a child, which gets SIGKILL from here.
        renewal_days: Within so many days reconciliations fetch every record again.
    """

    def __init__(
        self,
        root: Path,
        world: World,
        weather: Weather,
        start: date,
        *,
        kills_for_real: bool = False,
        renewal_days: int = reconcile_steps.RENEWAL_DAYS,
    ) -> None:
        self.root, self.world, self.weather = root, world, weather
        self.kills_for_real, self.renewal_days = kills_for_real, renewal_days
        self.home: Home = open_home(root / "home", create=True)
        self.log = root / "requests.jsonl"
        self.log.touch()
        self.corpus_file = world.write(root / "corpus.xml")
        self.clock = MortalClock(night_start(start))
        self.attempts: list[Attempt] = []
        self.n_refused_rivals = 0

    def run(
        self,
        labels: tuple[date, ...],
        say: Callable[[str], None] = lambda _line: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """Run every night of *labels* until *is_over*, killed ones again most of the time, clean ones once in a while."""
        corpus = Corpus.from_files([self.corpus_file], cache=self.root / "cache")
        with Replica(corpus, self.clock, strict=True, record_to=self.log) as replica:
            due = labels[0] + timedelta(days=RECONCILE_EVERY_DAYS)
            for number, label in enumerate(labels, start=1):
                if is_over():
                    return
                self._night(replica, label)
                if label >= due:
                    self._set_clock(eastern(label, *RECONCILE_AT))
                    self._attempt(replica, self.weather.night(label, is_reconcile=True))
                    due = label + timedelta(days=RECONCILE_EVERY_DAYS)
                say(
                    f"{number}/{len(labels)} {label}: {', '.join(a.outcome for a in self.attempts if a.label == label)}"
                )

    def settle(self, labels: tuple[date, ...]) -> None:
        """Run a quiet night and a quiet reconciliation on each of *labels*."""
        corpus = Corpus.from_files([self.corpus_file], cache=self.root / "cache")
        with Replica(corpus, self.clock, strict=True, record_to=self.log) as replica:
            for label in labels:
                self._set_clock(night_start(label))
                self._attempt(replica, Night(label=label))
                self._set_clock(eastern(label, *RECONCILE_AT))
                self._attempt(replica, Night(label=label, is_reconcile=True))

    def save(self) -> None:
        """Leave what happened in ``attempts.json``, for whoever looks into a season that went wrong."""
        text = json.dumps([asdict(attempt) for attempt in self.attempts], default=str, indent=1)
        (self.root / "attempts.json").write_text(text + "\n", encoding="utf-8")

    def _night(self, replica: Replica, label: date) -> None:
        self._set_clock(night_start(label))
        for number in range(MAX_ATTEMPTS):
            if number and not self._can_start_again(label):
                return
            attempt = self._attempt(replica, self.weather.night(label, is_repeat=number > 0))
            again = 0.1 if attempt.outcome == "clean" else 0.7
            if self.weather.random.random() > again:
                return

    def _can_start_again(self, label: date) -> bool:
        """Move the clock to a time at which nothing changes during a run, and tell whether there is one left."""
        now = self.clock.now() + timedelta(minutes=2)
        if now >= eastern(label, 5):
            return False
        self._set_clock(now if now < eastern(label, 3, 10) else eastern(label, 5))
        return True

    def _set_clock(self, instant: datetime) -> None:
        if instant > self.clock.now():
            self.clock.set(instant)

    def _attempt(self, replica: Replica, night: Night) -> Attempt:
        attempt = Attempt(night=night, first_request=count_lines(self.log))
        self.attempts.append(attempt)
        if night.death and self.kills_for_real:
            self._run_in_child(attempt)
        else:
            self._run_here(replica, attempt)
        attempt.last_request = count_lines(self.log)
        self._check_stillness(attempt)
        return attempt

    def _run_here(self, replica: Replica, attempt: Attempt) -> None:
        night = attempt.night
        replica.set_faults(read_fault_plan(night.faults) if night.faults else None)
        plan = _plan(self.home, self.clock, replica.base_url, self.renewal_days if night.is_reconcile else None)

        def before(verb: str, desk: steps.NightDesk) -> None:
            attempt.run_id = desk.run_id
            if verb == "fetch" and night.is_slow:
                self._set_clock(eastern(night.label, 5))
            attempt.instants[verb] = SimulatedClock.now(self.clock)
            if verb == "fetch" and night.has_rival:
                self._start_rival(plan)
            if night.death and _is_the_moment(night.death, "verb", verb) and night.death.how == "verb":
                raise Killed

        with _doomed(night.death, self.clock):
            attempt.outcome = _outcome(plan, before)

    def _start_rival(self, plan: steps.NightPlan) -> None:
        try:
            with mock.patch.object(flows.lock, "PATIENCE_S", 0.01), steps.open_desk(plan):
                raise AssertionError("two runs at once")
        except WarehouseLocked:
            self.n_refused_rivals += 1

    # -- a child that is killed ------------------------------------------------------------------

    def _run_in_child(self, attempt: Attempt) -> None:
        night = attempt.night
        spec = {
            "home": str(self.home.root), "corpus": str(self.corpus_file), "cache": str(self.root / "cache"),
            "log": str(self.log), "start": self.clock.now().isoformat(), "label": str(night.label),
            "faults": night.faults, "is_slow": night.is_slow, "renewal_days": self.renewal_days if night.is_reconcile else None,
            "touch": night.death.nth if night.death and night.death.how == "clock" else 0,
        }  # fmt: skip
        path = self.root / "spec.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        command = [sys.executable, __file__, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            for line in child.stdout or ():
                self._hear(attempt, line.rstrip("\n"), child)
            errors = child.stderr.read() if child.stderr else ""
        if child.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"the child of {night} ended with {child.returncode}: {errors}")
        if child.returncode:
            attempt.outcome = "killed"
        if not self.log.read_bytes().endswith(b"\n"):
            # Killed while it wrote: the torn line must not swallow the next one.
            with self.log.open("a", encoding="utf-8") as stream:
                stream.write("\n")
        for request in read_requests(self.log, attempt.first_request):
            self._set_clock(datetime.fromisoformat(request["at"]))

    def _hear(self, attempt: Attempt, line: str, child: subprocess.Popen[str]) -> None:
        """Take note of a line of the child's, and kill it where that is the moment."""
        death = attempt.night.death
        word, *rest = line.split("\t")
        if word == "end":
            [text] = rest
            report = json.loads(text)
            attempt.outcome = report["outcome"]
            self._set_clock(datetime.fromisoformat(report["now"]))
            return
        if word in ("verb", "touch"):
            verb, run_id, instant = rest
            self._set_clock(datetime.fromisoformat(instant))
        if word == "verb":
            attempt.run_id = run_id
            attempt.instants[verb] = datetime.fromisoformat(instant)
        if death and _is_the_moment(death, word, rest[0]):
            time.sleep(death.after_s)
            child.kill()

    def _check_stillness(self, attempt: Attempt) -> None:
        """Nothing may change inside a step: then the oracle can say exactly what it saw."""
        moments = [*attempt.instants.values(), SimulatedClock.now(self.clock)]
        for since, until in pairwise(moments):
            is_jump = attempt.night.is_slow and until == attempt.instants.get("fetch")
            if not is_jump and not self.world.is_still(since, until):
                raise AssertionError(f"the world changed inside a step of {attempt.night}: {since} to {until}")


def read_requests(path: Path, first: int = 0, last: int | None = None) -> list[dict[str, Any]]:
    """Return lines *first* to *last* of a request log; a line that a kill has torn is left out."""
    requests = []
    with path.open(encoding="utf-8") as stream:
        for line in islice(stream, first, last):
            try:
                requests.append(json.loads(line))
            except ValueError:
                continue
    return requests


def count_lines(path: Path) -> int:
    """Return the number of lines of a file."""
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def _plan(home: Home, clock: SimulatedClock, base_url: str, renewal_days: int | None) -> steps.NightPlan:
    """Return the plan of a reconciliation, or without *renewal_days* of a night."""
    told: dict[str, Any] = {
        "home": home,
        "settings": EutilsSettings(email="soak@her2lit.invalid", api_key=None, base_url=base_url),
        "clock": clock,
        "lookback_days": 7,
    }
    if renewal_days is None:
        return steps.NightPlan(**told)
    return reconcile_steps.ReconcilePlan(**told, renewal_days=renewal_days)


def _outcome(plan: steps.NightPlan, before: Callable[[str, steps.NightDesk], None]) -> str:
    try:
        if isinstance(plan, reconcile_steps.ReconcilePlan):
            with reconcile_steps.open_reconcile_desk(plan) as desk:
                return run_reconcile(desk, lambda verb: before(verb, desk)).outcome
        with steps.open_desk(plan) as desk:
            return run_night(desk, lambda verb: before(verb, desk)).outcome
    except Killed:
        return "killed"
    except Her2litError as error:
        return type(error).__name__


def _is_the_moment(death: Death, word: str, verb: str) -> bool:
    if death.how == "clock":
        return word == "touch"
    step = {"load": "load", "publish": "publish_snapshot"}.get(death.how, death.where)
    return word == "verb" and verb in (step, _IN_ITS_PLACE.get(step))


@contextmanager
def _doomed(death: Death | None, clock: MortalClock) -> Iterator[None]:
    """Arrange for ``Killed`` at the moment *death* names, where that is not before a step."""

    def die() -> None:
        raise Killed

    with ExitStack() as stack:
        if death and death.how == "clock":
            clock.die, clock.n_left = die, death.nth
            stack.callback(setattr, clock, "n_left", 0)
        elif death and death.how in ("load", "publish"):
            module = warehouse.load if death.how == "load" else warehouse.publish
            whole = getattr(module, death.where)

            def work_and_die(*arguments: object, **options: object) -> None:
                whole(*arguments, **options)
                raise Killed

            stack.enter_context(mock.patch.object(module, death.where, work_and_die))
        yield


def _be_a_child(spec: dict[str, Any]) -> None:
    """Run one night and say each step; whoever started us kills us when it likes."""
    clock = MortalClock(datetime.fromisoformat(spec["start"]))
    label = date.fromisoformat(spec["label"])
    home = open_home(Path(spec["home"]), create=True)
    corpus = Corpus.from_files([Path(spec["corpus"])], cache=Path(spec["cache"]))
    at = {"verb": "start", "run_id": "-"}

    def say(word: str, *rest: str) -> None:
        print(word, *rest, sep="\t", flush=True)  # noqa: T201 - the parent listens

    def touched() -> None:
        say("touch", at["verb"], at["run_id"], SimulatedClock.now(clock).isoformat())
        # Whoever listens kills us now.
        signal.pause()

    def before(verb: str, desk: steps.NightDesk) -> None:
        at.update(verb=verb, run_id=desk.run_id)
        if verb == "fetch" and spec["is_slow"] and clock.now() < eastern(label, 5):
            clock.set(eastern(label, 5))
        say("verb", verb, desk.run_id, SimulatedClock.now(clock).isoformat())

    with Replica(corpus, clock, strict=True, record_to=Path(spec["log"])) as replica:
        replica.set_faults(read_fault_plan(spec["faults"]) if spec["faults"] else None)
        clock.die, clock.n_left = touched, spec["touch"]
        plan = _plan(home, clock, replica.base_url, spec["renewal_days"])
        outcome = _outcome(plan, before)
        now = SimulatedClock.now(clock).isoformat()
        say("end", json.dumps({"outcome": outcome, "now": now}))


if __name__ == "__main__":
    _be_a_child(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
