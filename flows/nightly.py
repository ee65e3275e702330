"""The nightly flow: new, revised and newly indexed since the last clean run → published snapshot and page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import steps
from flows.steps import Handed, NightDesk, NightPlan, NightSummary
from her2lit.clock import SystemClock
from her2lit.errors import EutilsError, RunIncomplete
from her2lit.home import open_home
from her2lit.settings import eutils_settings

# A task's result is a count or a name; what is large stays on the desk, and nothing is cached
# between runs: the ledger in the warehouse, not Prefect, knows what has been done.
probe = task(name="probe", cache_policy=NO_CACHE)(steps.probe)
search = task(name="search", cache_policy=NO_CACHE)(steps.search)
watch = task(name="watch", cache_policy=NO_CACHE)(steps.watch)
match_strategies = task(name="match-strategies", cache_policy=NO_CACHE)(steps.match_strategies)
fetch = task(name="fetch", cache_policy=NO_CACHE)(steps.fetch)
parse = task(name="parse", cache_policy=NO_CACHE)(steps.parse)
annotate = task(name="annotate", cache_policy=NO_CACHE)(steps.annotate)
load = task(name="load", cache_policy=NO_CACHE)(steps.load)
audit = task(name="audit", cache_policy=NO_CACHE)(steps.audit)
publish = task(name="publish", cache_policy=NO_CACHE)(steps.publish_snapshot)
report = task(name="report", cache_policy=NO_CACHE)(steps.report)


@flow(name="nightly", validate_parameters=False)
def nightly(
    home: str | None = None, since: date | None = None, handed: Handed | None = None
) -> NightSummary | State[NightSummary]:
    """
    Ask PubMed what is new and publish it.

    Args:
        home: The home folder; only read without *handed*. Settings then come from the environment.
        since: First day to look at for an arm that has no watermark yet.
        handed: A plan with everything injected: clock, settings, home. The demo and the tests use this.

    Returns:
        How the night ended. An incomplete night is a Failed state named "Incomplete", with its reasons.
    """
    with _desk(home, since, handed) as desk:
        probe(desk)
        pmid_set = watch(desk, search(desk))
        match_strategies(desk, pmid_set)
        batches = fetch(desk, pmid_set)
        parse(desk, batches)
        annotate(desk)
        load(desk)
        audit(desk)
        publish(desk)
        report(desk)
        summary = steps.summarise(desk)
    _leave_artifact(summary)
    if summary.reasons:
        return Failed(name="Incomplete", message="; ".join(summary.reasons), data=summary)
    return summary


@contextmanager
def _desk(home: str | None, since: date | None, handed: Handed | None) -> Iterator[NightDesk]:
    if handed is not None:
        plan = handed.plan
    elif home is None:
        raise ValueError("nightly needs a home folder, or a plan handed to it")
    else:
        plan = NightPlan(
            home=open_home(Path(home), create=True),
            settings=eutils_settings(os.environ),
            clock=SystemClock(),
            since=since,
        )
    with steps.open_desk(plan) as desk:
        yield desk


def _leave_artifact(summary: NightSummary) -> None:
    """Show the night's figures in Prefect's own pages, for operators who look there first."""
    create_table_artifact(
        key="nightly",
        description=f"Night {summary.label}, run {summary.run_id}: {summary.outcome}",
        table=[
            {"figure": "harvested", "value": summary.n_harvested},
            {"figure": "received", "value": summary.n_received},
            {"figure": "no longer in PubMed", "value": summary.n_missing},
            {"figure": "unreadable", "value": summary.n_rejected},
            {"figure": "new", "value": summary.load.n_new},
            {"figure": "revised", "value": summary.load.n_revised},
            {"figure": "requests", "value": summary.n_requests},
        ],
    )


def run_night(plan: NightPlan) -> NightSummary:
    """
    Run the flow for *plan* and return how it ended, clean or incomplete.

    Raises:
        RunIncomplete: PubMed could not be asked.
        Her2litError: What else stopped the night, as raised by the step that met it.
    """
    state = nightly(handed=Handed(plan), return_state=True)
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, NightSummary):
        return outcome
    if isinstance(outcome, EutilsError):
        # PubMed could not be asked: nothing was lost, the next night reaches back over this one.
        raise RunIncomplete(str(outcome)) from outcome
    if isinstance(outcome, BaseException):
        raise outcome
    raise RunIncomplete(f"Prefect ended the flow as {state.name}: {state.message}")
