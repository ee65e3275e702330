"""``her2lit reconcile``: the whole PMID set of the harvest strategy against the warehouse."""

from __future__ import annotations

import os
from datetime import datetime

import click

from her2lit.cli import CliContext


@click.command()
@click.option(
    "--dry-run",
    "is_dry_run",
    is_flag=True,
    help="Ask PubMed and say what differs and what would be fetched; no record is fetched and nothing is written.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Hold every matching record created from this day on, also those from before the first night. "
    "What it brings that is older than 30 days is history: loaded, but in no digest. Needed once, by hand.",
)
@click.option(
    "--renew-in",
    "renewal_days",
    type=click.IntRange(min=1),
    default=28,
    show_default=True,
    metavar="DAYS",
    help="Fetch the whole known set again within so many days, those fetched longest ago first.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print the closing line and what was found only.")
@click.pass_obj
def command(context: CliContext, is_dry_run: bool, since: datetime | None, renewal_days: int, quiet: bool) -> int:
    """
    Compare the whole set of the harvest strategy in PubMed with what is held, and make up for the difference.

    Once a week, after a nightly run: records no night brought are fetched and named as a gap; records that PubMed no
    longer has are noted, and taken for deleted after a second night on which two utilities agree; a part of the
    known set is fetched again, so that changes NLM made without a new date are found; landmark papers are looked up.
    When the count of the strategy falls by more than a fifth, nothing is taken for deleted and the run is incomplete.
    Running it twice in one night is safe: the second run finds nothing new.

    \b
    Examples:
      HER2LIT_EMAIL=you@hospital.org her2lit reconcile --dry-run
      HER2LIT_EMAIL=you@hospital.org her2lit --home /srv/her2lit reconcile
      HER2LIT_EMAIL=you@hospital.org her2lit reconcile --since 2000-01-01     (take in the history, once)
      41 3 * * 0  HER2LIT_EMAIL=… her2lit reconcile --quiet        (cron, time zone America/New_York)
    """
    from flows.reconcile_steps import ReconcilePlan, preview
    from flows.runtime import prefect_runtime
    from her2lit.clock import SystemClock
    from her2lit.home import open_home, refuse_demo_home
    from her2lit.settings import eutils_settings

    settings = eutils_settings(os.environ)
    home = open_home(context.home, create=False)
    refuse_demo_home(home)
    plan = ReconcilePlan(
        home=home,
        settings=settings,
        clock=SystemClock(),
        since=since.date() if since else None,
        renewal_days=renewal_days,
        say=(lambda _line: None) if quiet else click.echo,
    )
    if is_dry_run:
        seen = preview(plan)
        for line in seen.lines:
            click.echo(line)
        click.echo("Dry run: nothing was fetched or written.")
        for trouble in seen.troubles:
            click.echo(f"  incomplete: {trouble}", err=True)
        return 3 if seen.troubles else 0
    with prefect_runtime(home):
        from flows.reconcile import run_reconcile

        summary = run_reconcile(plan)
    click.echo(summary.closing_line())
    for note in summary.notes:
        click.echo(f"  note: {note}")
    for reason in summary.reasons:
        click.echo(f"  incomplete: {reason}", err=True)
    return 3 if summary.reasons else 0
