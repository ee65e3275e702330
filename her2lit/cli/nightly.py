"""``her2lit nightly``: one nightly run against PubMed, or against any loopback replica."""

from __future__ import annotations

import os
from datetime import datetime

import click

from her2lit.cli import CliContext


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Ask back to this day as well. What it brings that is older than 30 days is history: loaded, but in no digest. "
    "For one run by hand; never leave it in a schedule.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print the closing line only.")
@click.pass_obj
def command(context: CliContext, since: datetime | None, quiet: bool) -> int:
    """
    Ask PubMed what is new, revised or newly indexed, load it, audit it, publish it.

    Needs HER2LIT_EMAIL, your own address, which NCBI asks every program to send; HER2LIT_API_KEY is optional
    and raises the pace from 3 to 10 requests a second. HER2LIT_EUTILS_URL points the run at a replica on this machine.
    Running the same night twice is safe: the second run says "nothing new".

    \b
    Examples:
      HER2LIT_EMAIL=you@hospital.org her2lit nightly
      HER2LIT_EMAIL=you@hospital.org her2lit --home /srv/her2lit nightly --since 2026-01-01
      23 1 * * *  HER2LIT_EMAIL=… her2lit nightly --quiet        (cron, time zone America/New_York)
    """
    from flows.runtime import prefect_runtime
    from her2lit.clock import SystemClock
    from her2lit.home import open_home, refuse_demo_home
    from her2lit.settings import eutils_settings

    settings = eutils_settings(os.environ)
    home = open_home(context.home, create=True)
    refuse_demo_home(home)
    with prefect_runtime(home):
        from flows.nightly import run_night
        from flows.steps import NightPlan

        summary = run_night(
            NightPlan(
                home=home,
                settings=settings,
                clock=SystemClock(),
                since=since.date() if since else None,
                say=(lambda _line: None) if quiet else click.echo,
            )
        )
    click.echo(summary.closing_line())
    for note in summary.notes:
        click.echo(f"  note: {note}")
    for reason in summary.reasons:
        click.echo(f"  incomplete: {reason}", err=True)
    return 3 if summary.reasons else 0
