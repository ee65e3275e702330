"""``her2lit raw``: what the raw archive holds for each run, and what of it can go."""

from __future__ import annotations

import click

from her2lit.cli import CliContext
from her2lit.errors import UsageError

#: Runs shown unless all are asked for.
_N_RUNS = 20
#: A hundred years: more is a slip of the hand, and no date any more.
_MAX_KEEP_DAYS = 36_500


@click.group(invoke_without_command=True)
@click.option("--all", "show_all", is_flag=True, help=f"List every run, not only the last {_N_RUNS}.")
@click.pass_context
def command(ctx: click.Context, show_all: bool) -> int | None:
    """
    List the raw replies of each run: batches, records, compressed size, and whether a replay still has them.

    Every reply is kept, because from them `her2lit replay` makes the warehouse again without asking PubMed.

    \b
    Examples:
      her2lit raw
      her2lit raw prune --dry-run
    """
    if ctx.invoked_subcommand is not None:
        return None
    from flows.retention import list_raw
    from her2lit.home import open_home

    listing = list_raw(open_home(ctx.obj.home, create=False))
    shown = listing.runs if show_all else listing.runs[-_N_RUNS:]
    if len(shown) < len(listing.runs):
        click.echo(f"… {len(listing.runs) - len(shown)} earlier runs (--all)")
    for run in shown:
        lacking = f"  CANNOT BE REPLAYED: {run.n_lacking} batches are gone" if run.n_lacking else ""
        click.echo(
            f"{run.run_id:<14} {run.n_batches:>5} batches {run.n_pmids:>8,} records {_size(run.n_bytes)}{lacking}"
        )
    total = sum(run.n_bytes for run in listing.runs)
    click.echo(
        f"{len(listing.runs)} runs, {_size(total).strip()}; {_unclaimed(listing.n_unclaimed, listing.n_unclaimed_bytes)}"
    )
    return 0


@command.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--keep-days",
    type=click.IntRange(1, _MAX_KEEP_DAYS),
    envvar="HER2LIT_KEEP_RAW_DAYS",
    metavar="DAYS",
    help="Also remove replies that only runs older than this need (also HER2LIT_KEEP_RAW_DAYS). "
    "Default: keep everything a replay needs.",
)
@click.option("--yes", is_flag=True, help="Do not ask before removing what a replay needs.")
@click.pass_obj
def prune(context: CliContext, dry_run: bool, keep_days: int | None, yes: bool) -> int:
    """
    Remove raw replies that no run needs: those of runs that were killed, a week old or more.

    With --keep-days also those that only older runs need. Then the warehouse can no longer be made again from raw
    replies, since each run builds on those before it; back up the home first.

    \b
    Examples:
      her2lit raw prune --dry-run
      her2lit raw prune
      her2lit raw prune --keep-days 400 --dry-run
    """
    from flows.retention import prune_raw
    from her2lit.clock import SystemClock
    from her2lit.home import open_home

    home, clock = open_home(context.home, create=False), SystemClock()
    plan = prune_raw(home, clock, keep_days=keep_days, dry_run=True)
    click.echo(
        f"{len(plan.pruned.batch_sha256s)} batches, {_size(plan.pruned.n_bytes).strip()}"
        + (" would go" if dry_run else " go")
    )
    if plan.lost_runs:
        click.echo(
            f"{len(plan.lost_runs)} runs cannot be replayed afterwards, {plan.lost_runs[0]} to {plan.lost_runs[-1]},"
            " nor any run after them: the warehouse file and its backups are then the only copy."
        )
    if dry_run or not plan.pruned.batch_sha256s:
        return 0
    if plan.lost_runs and not yes and not click.confirm("Remove them?"):
        raise UsageError("Nothing was removed. Say --yes to remove without being asked.")
    done = prune_raw(home, clock, keep_days=keep_days, dry_run=False)
    click.echo(f"removed {len(done.pruned.batch_sha256s)} batches, {_size(done.pruned.n_bytes).strip()}")
    return 0


def _size(n_bytes: int) -> str:
    """Return a size in the unit that fits, in a column's width."""
    return f"{n_bytes / 1e6:>9,.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:>9,.1f} kB"


def _unclaimed(n_batches: int, n_bytes: int) -> str:
    if not n_batches:
        return "nothing that no run needs"
    return f"{n_batches} batches that no run needs, {_size(n_bytes).strip()} (her2lit raw prune)"
