"""``her2lit replay``: make a warehouse again from the raw archive, without asking PubMed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from her2lit.cli import CliContext

if TYPE_CHECKING:
    from her2lit.home import Home


@click.command()
@click.argument("run_id", required=False, metavar="[RUN]")
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new DuckDB file to make; it must not exist yet. Without it a temporary one is made and compared.",
)
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="With --into: then compare it with the home's warehouse as well; exit 1 when they differ.",
)
@click.pass_obj
def command(context: CliContext, run_id: str | None, into: Path | None, is_check: bool) -> int:
    """
    Make the warehouse, or one run of it, again from the raw archive, offline.

    With RUN and without --into, RUN is made again in a temporary file and its rows are compared with those in the
    warehouse; the runs before it are made first, since what counts as new or revised follows from them. Without RUN
    it is the whole warehouse. With --into the new file is kept: every run up to RUN (default: the last).

    The home's own warehouse is only read. With the rules of this version of her2lit the annotations can differ from
    those made by an older one; the records cannot. Where other rules made some of them, annotations are not
    compared, and a line says so. When raw replies were pruned, the message says which runs lack them.

    \b
    Examples:
      her2lit replay 2026-11-20.1
      her2lit replay
      her2lit replay --into rebuilt.duckdb
      her2lit replay 2026-11-20.1 --into rebuilt.duckdb
      her2lit replay --into rebuilt.duckdb --check
    """
    from flows.replay import replay, require_warehouse
    from her2lit.home import open_home

    home = open_home(context.home, create=False)
    if run_id is not None and into is None:
        return _check_run(home, run_id)
    is_compared = is_check or into is None
    if is_compared:
        require_warehouse(home)
    with tempfile.TemporaryDirectory(prefix="her2lit-replay-") as folder:
        made = into or Path(folder) / "again.duckdb"
        n_runs = replay(home, made, last_run=run_id, say=click.echo)
        click.echo(f"Replayed {n_runs} runs" + (f" into {into}." if into else "."))
        return _check_all(home, made) if is_compared else 0


def _check_run(home: Home, run_id: str) -> int:
    from flows.replay import replay_run

    compared = replay_run(home, run_id, say=click.echo)
    for line in compared.differing:
        click.echo(f"differs: {line}", err=True)
    if compared.left_out:
        click.echo(compared.left_out)
    if compared.differing:
        click.echo(f"Run {run_id} differs from what the warehouse has.")
        return 1
    click.echo(f"Run {run_id} comes out the same: {compared.n_rows:,} rows.")
    return 0


def _check_all(home: Home, made: Path) -> int:
    from flows.replay import compare_with_replay

    differing, left_out = compare_with_replay(home, made)
    for line in differing:
        click.echo(f"differs: {line}", err=True)
    if left_out:
        click.echo(left_out)
    click.echo("It differs from the home's warehouse." if differing else "It equals the home's warehouse.")
    return 1 if differing else 0
