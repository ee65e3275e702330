"""The digest flow: freeze, claim and deliver, confirm; once per reader and period. Then the pages."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import digest_steps as steps
from flows.digest_steps import DigestDesk, DigestPlan, DigestSummary
from her2lit.clock import SystemClock
from her2lit.errors import RunIncomplete
from her2lit.home import open_home

freeze = task(name="freeze", cache_policy=NO_CACHE)(steps.freeze)
deliver = task(name="deliver", cache_policy=NO_CACHE)(steps.deliver)
write_pages = task(name="write-pages", cache_policy=NO_CACHE)(steps.write_pages)


@flow(name="digest", validate_parameters=False)
def digest(home: str | None = None, desk: DigestDesk | None = None) -> DigestSummary | State[DigestSummary]:
    """
    Freeze the digest of the last published week, put it into the file mailbox, make the pages anew.

    Args:
        home: The home folder; only read without *desk*.
        desk: Plan with everything injected; the demo, the command line and the tests use this.

    Returns:
        What was written. Readers whose mail failed make it a Failed state; the others have theirs.
    """
    desk = desk or DigestDesk(_plan(home))
    freeze(desk)
    summary = deliver(desk)
    write_pages(desk.plan.home)
    _leave_artifact(summary)
    if summary.failures:
        return Failed(message=f"{len(summary.failures)} mail(s) failed", data=summary)
    return summary


def _plan(home: str | None) -> DigestPlan:
    if home is None:
        raise ValueError("digest needs a home folder, or a desk handed to it")
    opened = open_home(Path(home), create=False)
    return DigestPlan(home=opened, clock=SystemClock(), period=steps.last_period(steps.published_label(opened)))


def _leave_artifact(summary: DigestSummary) -> None:
    """Show the counts in Prefect's own pages; no address is among them."""
    create_table_artifact(
        key="digest",
        description=summary.subject,
        table=[
            {"figure": "mails written", "value": summary.n_written},
            {"figure": "already there", "value": len(summary.mails) - summary.n_written},
            {"figure": "failed", "value": len(summary.failures)},
        ],
    )


def run_digest_flow(plan: DigestPlan) -> DigestSummary:
    """
    Run the flow for *plan* and return what it wrote, also when some mails failed.

    Raises:
        Her2litError: What stopped it, as raised by the step that met it.
    """
    state = digest(desk=DigestDesk(plan), return_state=True)
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, DigestSummary):
        return outcome
    if isinstance(outcome, BaseException):
        raise outcome
    raise RunIncomplete(f"Prefect ended the flow as {state.name}: {state.message}")
