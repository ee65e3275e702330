"""``her2lit digest``: the weekly digest into the file mailbox, once per reader and period."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from her2lit.cli import CliContext


@click.command()
@click.option("--dry-run", is_flag=True, help="Print the digest as text; keep nothing, send nothing.")
@click.option(
    "--period",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Last night of the week to tell of (default: the night published last).",
)
@click.pass_obj
def command(context: CliContext, dry_run: bool, period: datetime | None) -> int:
    """
    Write the weekly digest of what was published, and make the pages anew.

    Each reader gets one mail per week, as a file in outbox/; running it again writes nothing. Without
    subscribers there is one mail, for the owner of this home. Evidence comes from the audited snapshot only.

    \b
    Examples:
      her2lit digest --dry-run
      her2lit digest
      her2lit --home ./her2lit-demo digest --period 2021-06-08 --dry-run
      0 7 * * MON  her2lit --home /srv/her2lit digest        (cron)
    """
    from flows import digest_steps as steps
    from her2lit.clock import SystemClock
    from her2lit.home import open_home
    from her2lit.records import Window

    home = open_home(context.home, create=False)
    week = steps.last_period(period.date() if period else steps.published_label(home))
    plan = steps.DigestPlan(home=home, clock=SystemClock(), period=Window(since=week.since, until=week.until))
    if dry_run:
        shown = steps.preview(plan)
        click.echo(f"Subject: {shown.subject}\n{shown.text}", nl=False)
        return 0
    from flows.runtime import prefect_runtime

    with prefect_runtime(home):
        from flows.digest import run_digest_flow

        summary = run_digest_flow(plan)
    last_night = week.until - timedelta(days=1)
    click.echo(
        f"Digest {last_night}: {summary.n_written} mail(s) written, {len(summary.mails)} in all. {summary.subject}"
    )
    for path in summary.mails:
        click.echo(f"  {path}")
    for reader, reason in summary.failures:
        click.echo(f"  failed for reader {reader}: {reason}", err=True)
    return 1 if summary.failures else 0
