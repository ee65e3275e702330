"""
A night that needs no Prefect: replica, plan and a way to run the steps one by one.

As a program (``python nights.py HOME CORPUS INDEX NIGHT VERB``) it runs one night, or with a VERB that begins
"reconcile:" one reconciliation, and kills itself before VERB.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from flows import reconcile_steps, steps
from flows.desk import finish
from her2lit.clock import SimulatedClock
from her2lit.demo import night_start
from her2lit.home import open_home
from her2lit.replica.corpus import Corpus
from her2lit.replica.lifecycle import lifecycle_corpus_file
from her2lit.replica.server import Replica
from her2lit.settings import EutilsSettings


class Stage:
    """Everything a night needs, and the nights themselves."""

    def __init__(self, root, corpus, *, first=date(2021, 6, 5)):
        self.clock = SimulatedClock(night_start(first))
        self.home = open_home(root, create=True)
        self.lines = []
        self.replica = Replica(corpus, self.clock, strict=True)

    def __enter__(self):
        self.replica.__enter__()
        return self

    def __exit__(self, *error):
        self.replica.__exit__(*error)

    def plan(self, night, *, kind=steps.NightPlan, **more):
        """Set the clock to *night* and return its plan."""
        start = night_start(night)
        if self.clock.now() < start:
            self.clock.set(start)
        told = {
            "home": self.home,
            "settings": EutilsSettings(email="night@her2lit.invalid", api_key=None, base_url=self.replica.base_url),
            "clock": self.clock,
            "lookback_days": 7,
            "say": self.lines.append,
        }
        return kind(**{**told, **more})

    def run(self, night, *, before=lambda _verb: None, publishes=True, **more):
        """Run every step of *night* in the order of the flow, calling *before* with each verb first."""
        with steps.open_desk(self.plan(night, **more)) as desk:
            return run_night(desk, before, publishes=publishes)

    def reconcile(self, night, *, before=lambda _verb: None, publishes=True, **more):
        """Run every step of a reconciliation in the order of its flow, calling *before* with each verb first."""
        plan = self.plan(night, kind=reconcile_steps.ReconcilePlan, **more)
        with reconcile_steps.open_reconcile_desk(plan) as desk:
            return run_reconcile(desk, before, publishes=publishes)


def run_night(desk, before=lambda _verb: None, *, publishes=True):
    """Run every step of a night on an opened desk, calling *before* with each verb first."""
    before("probe")
    steps.probe(desk)
    before("search")
    pmid_set = steps.search(desk)
    before("watch")
    pmid_set = steps.watch(desk, pmid_set)
    before("match_strategies")
    steps.match_strategies(desk, pmid_set)
    before("fetch")
    batches = steps.fetch(desk, pmid_set)
    before("parse")
    steps.parse(desk, batches)
    before("annotate")
    steps.annotate(desk)
    before("load")
    steps.load(desk)
    before("audit")
    steps.audit(desk)
    if not publishes:
        return end_unpublished(desk)
    before("publish_snapshot")
    steps.publish_snapshot(desk)
    before("report")
    steps.report(desk)
    before("the end")
    return steps.summarise(desk)


def run_reconcile(desk, before=lambda _verb: None, *, publishes=True):
    """Run every step of a reconciliation on an opened desk, calling *before* with each verb first."""
    before("probe")
    steps.probe(desk)
    before("enumerate")
    reconcile_steps.enumerate_whole(desk)
    before("compare")
    pmid_set = reconcile_steps.compare(desk)
    before("check_sentinels")
    reconcile_steps.check_sentinels(desk)
    before("match_gap")
    reconcile_steps.match_gap(desk)
    before("fetch")
    batches = steps.fetch(desk, pmid_set)
    before("parse")
    steps.parse(desk, batches)
    before("annotate")
    steps.annotate(desk)
    before("load")
    reconcile_steps.load(desk)
    before("audit")
    steps.audit(desk)
    if not publishes:
        return end_unpublished(desk)
    before("publish_snapshot")
    reconcile_steps.publish_snapshot(desk)
    before("report")
    reconcile_steps.report(desk)
    before("the end")
    return reconcile_steps.summarise(desk)


def end_unpublished(desk):
    """End a run in the ledger without publishing, which costs most of its time; return what it found."""
    finish(desk, "incomplete" if desk.reasons else "clean", desk.message)
    return SimpleNamespace(
        outcome="incomplete" if desk.reasons else "clean",
        reasons=tuple(desk.reasons),
        notes=desk.all_notes,
        comparison=getattr(desk, "comparison", None),
        sentinels=getattr(desk, "sentinels", ()),
        n_absent=len(desk.absences),
        n_deleted=dict(desk.load.events).get("deleted", 0),
        load=desk.load,
    )


def small_corpus(cache):
    """The synthetic records on their own: indexed in a moment."""
    return Corpus.from_files((lifecycle_corpus_file(),), cache=cache)


def _kill_before(verb):
    def check(reached):
        if reached == verb:
            os.kill(os.getpid(), signal.SIGKILL)

    return check


if __name__ == "__main__":
    home, corpus_file, index, night, verb = sys.argv[1:]
    day = date.fromisoformat(night)
    corpus = Corpus.from_files((Path(corpus_file),), cache=Path(index))
    with Stage(Path(home), corpus, first=day) as stage:
        run = stage.reconcile if verb.startswith("reconcile:") else stage.run
        run(day, before=_kill_before(verb.removeprefix("reconcile:")))
