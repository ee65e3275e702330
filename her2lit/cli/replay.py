"""``her2lit replay``: make a warehouse again from the raw archive, without asking PubMed."""

from __future__ import annotations

from pathlib import Path

import click

from her2lit.cli import CliContext


@click.command()
@click.argument("run_id", required=False, metavar="[RUN]")
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The new DuckDB file to make; it must not exist yet.",
)
@click.option(
    "--check", "is_check", is_flag=True, help="Then compare it with the home's warehouse; exit 1 when they differ."
)
@click.pass_obj
def command(context: CliContext, run_id: str | None, into: Path, is_check: bool) -> int:
    """
    Make the warehouse again from the raw archive, offline.

    Every run up to RUN (default: the last) is parsed, annotated and loaded from the raw replies it brought, in the
    order in which the runs ran.

    The home's own warehouse is only read, and only with --check. With the rules of this version of her2lit the
    annotations can differ from those made by an older one; the records cannot.

    \b
    Examples:
      her2lit replay --into rebuilt.duckdb
      her2lit replay 2026-11-20.1 --into rebuilt.duckdb
      her2lit replay --into rebuilt.duckdb --check
    """
    from flows.replay import differing_tables, replay
    from her2lit.home import open_home

    home = open_home(context.home, create=False)
    n_runs = replay(home, into, last_run=run_id, say=click.echo)
    click.echo(f"Replayed {n_runs} runs into {into}.")
    if not is_check:
        return 0
    differing = differing_tables(home.warehouse, into)
    for line in differing:
        click.echo(f"differs: {line}", err=True)
    click.echo("It differs from the home's warehouse." if differing else "It equals the home's warehouse.")
    return 1 if differing else 0
