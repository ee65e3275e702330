"""The reconciliation flow, weekly: the whole PMID set of the harvest strategy against the warehouse."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import reconcile_steps as steps
from flows import steps as night_steps
from flows.desk import Handed
from flows.reconcile_steps import ReconcilePlan, ReconcileSummary
from her2lit.errors import EutilsError, RunIncomplete

# As in the night's flow, nothing is cached between runs: the ledger knows what has been done.
probe = task(name="probe", cache_policy=NO_CACHE)(night_steps.probe)
enumerate_whole = task(name="enumerate", cache_policy=NO_CACHE)(steps.enumerate_whole)
compare = task(name="compare", cache_policy=NO_CACHE)(steps.compare)
check_sentinels = task(name="check-sentinels", cache_policy=NO_CACHE)(steps.check_sentinels)
match_gap = task(name="match-gap", cache_policy=NO_CACHE)(steps.match_gap)
fetch = task(name="fetch", cache_policy=NO_CACHE)(night_steps.fetch)
parse = task(name="parse", cache_policy=NO_CACHE)(night_steps.parse)
annotate = task(name="annotate", cache_policy=NO_CACHE)(night_steps.annotate)
load = task(name="load", cache_policy=NO_CACHE)(steps.load)
audit = task(name="audit", cache_policy=NO_CACHE)(night_steps.audit)
publish = task(name="publish", cache_policy=NO_CACHE)(steps.publish_snapshot)
report = task(name="report", cache_policy=NO_CACHE)(steps.report)


@flow(name="reconcile", validate_parameters=False)
def reconcile(handed: Handed) -> ReconcileSummary | State[ReconcileSummary]:
    """
    Compare what PubMed has with what is held, and make up for the difference.

    Args:
        handed: A ``ReconcilePlan`` with everything injected.

    Returns:
        How it ended. An incomplete reconciliation is a Failed state named "Incomplete", with its reasons.
    """
    plan = handed.plan
    if not isinstance(plan, ReconcilePlan):
        raise TypeError("reconcile needs a ReconcilePlan handed to it")
    with steps.open_reconcile_desk(plan) as desk:
        probe(desk)
        enumerate_whole(desk)
        pmid_set = compare(desk)
        check_sentinels(desk)
        match_gap(desk)
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


def _leave_artifact(summary: ReconcileSummary) -> None:
    """Show the figures in Prefect's own pages, for operators who look there first."""
    said = summary.comparison
    create_table_artifact(
        key="reconcile",
        description=f"Reconciliation of {summary.label}, run {summary.run_id}: {summary.outcome}",
        table=[
            {"figure": "matched by the strategy", "value": said.n_whole},
            {"figure": "held before", "value": said.n_held},
            {"figure": "gap", "value": len(said.gap)},
            {"figure": "held and not matched", "value": len(said.unmatched or ())},
            {"figure": "absent", "value": summary.n_absent},
            {"figure": "deleted", "value": summary.n_deleted},
            {"figure": "fetched again", "value": len(said.renewal)},
            {"figure": "revised", "value": summary.load.n_revised},
            {"figure": "landmark papers found", "value": sum(s.is_matched for s in summary.sentinels)},
            {"figure": "requests", "value": summary.n_requests},
        ],
    )


def run_reconcile(plan: ReconcilePlan) -> ReconcileSummary:
    """
    Run the flow for *plan* and return how it ended, clean or incomplete.

    Raises:
        RunIncomplete: PubMed could not be asked.
        Her2litError: What else stopped it, as raised by the step that met it.
    """
    state = reconcile(handed=Handed(plan), return_state=True)
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, ReconcileSummary):
        return outcome
    if isinstance(outcome, EutilsError):
        # PubMed could not be asked: nothing was lost, the next one compares again.
        raise RunIncomplete(str(outcome)) from outcome
    if isinstance(outcome, BaseException):
        raise outcome
    raise RunIncomplete(f"Prefect ended the flow as {state.name}: {state.message}")
