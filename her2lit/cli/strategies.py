"""``her2lit strategies``: the searches, how PubMed reads them, and a person's approval of a reading that drifted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from her2lit.cli import CliContext

_READINGS = "SELECT * FROM out.strategy_readings ORDER BY strategy, arm"
_TEXTS = "SELECT strategy, kind, title, strategy_sha256 FROM main.strategies ORDER BY kind, strategy"


@click.group(invoke_without_command=True)
@click.option("--full", is_flag=True, help="Also print the pinned reading of every search, whole.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per strategy and arm.")
@click.pass_context
def command(ctx: click.Context, full: bool, as_json: bool) -> int | None:
    """
    List every strategy: hash of its text, last count, warnings, and whether PubMed still reads it as pinned.

    The first clean reading of a strategy is pinned. When PubMed reads it differently later (NLM renames headings
    every year), the search still runs, but every run names the drift until somebody approves it.

    \b
    Examples:
      her2lit strategies
      her2lit strategies --full
      her2lit strategies approve harvest
    """
    if ctx.invoked_subcommand is not None:
        return None
    from her2lit.cli.ledger_file import ledger_file
    from her2lit.home import open_home

    home = open_home(ctx.obj.home, create=False)
    with ledger_file(home) as (_, path):
        if path is None:
            click.echo("No search has run here yet: `her2lit nightly` runs the first.")
            return 0
        readings, texts = _rows(path, _READINGS), _rows(path, _TEXTS)
    if as_json:
        click.echo(json.dumps(readings, indent=2, default=str))
        return 0
    for line in describe(texts, readings, is_full=full):
        click.echo(line)
    return 0


@command.command()
@click.argument("name")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only say what would be approved.")
@click.pass_obj
def approve(context: CliContext, name: str, is_dry_run: bool) -> int:
    """
    Approve how PubMed reads strategy NAME now, and a count of it that was held because it fell.

    A search that was held for another reason, or failed, is not approved: mend the strategy, or wait for a clean one.
    Look first: `her2lit strategies --full` shows the pinned readings, `her2lit sql "FROM search_log"` the new ones.

    \b
    Examples:
      her2lit strategies approve harvest --dry-run
      her2lit strategies approve harvest
    """
    from flows.approval import approve as approve_strategy
    from her2lit.clock import SystemClock
    from her2lit.home import open_home

    changes = approve_strategy(open_home(context.home, create=False), SystemClock(), name, is_dry_run=is_dry_run)
    for change in changes:
        click.echo(f"{'would approve' if is_dry_run else 'approved'} {change.what}")
    if not changes:
        click.echo(f"There is nothing to approve: where its last search was clean, PubMed reads {name} as pinned.")
    return 0


def describe(texts: list[dict[str, Any]], readings: list[dict[str, Any]], *, is_full: bool) -> list[str]:
    """Return the list for people; strategies in the order of *texts*, the watch over known records last."""
    by_name = {name: list(rows) for name, rows in groupby(readings, key=lambda row: row["strategy"])}
    lines: list[str] = []
    for text in texts:
        lines.append(f"{text['strategy']}  ({text['kind']}, text {text['strategy_sha256'][:12]})  {text['title']}")
        rows = [row for row in by_name.pop(text["strategy"], []) if row["is_current_text"]]
        lines += _arm_lines(rows, is_full=is_full) or ["  this text has not been asked yet"]
    for name, rows in by_name.items():
        if all(row["strategy_title"] is None for row in rows):
            lines.append(f"{name}  (watch over known records, or no longer in use)")
            lines += _arm_lines(rows, is_full=is_full)
    return lines


def _arm_lines(rows: Iterable[dict[str, Any]], *, is_full: bool) -> list[str]:
    lines = []
    for row in rows:
        pinned = "nothing pinned yet"
        if row["pinned_at"]:
            pinned = f"{'approved' if row['is_approved'] else 'pinned at first sight'} {row['pinned_at']:%Y-%m-%d}"
        lines.append(f"  [{row['arm']}] {row['count']:,} on {row['run_label']} ({row['outcome']}); {pinned}")
        if row["drift"]:
            lines.append(f"    DRIFT: {row['drift']}")
        if row["reason"]:
            lines.append(f"    {row['outcome']}: {row['reason']}")
        lines += [
            f"    warning: {warning}" for warning in row["warnings"] if warning != "OutputMessage: No items found."
        ]
        if is_full and row["pinned_translation"]:
            lines.append(f"    reads: {row['pinned_translation']}")
    return lines


def _rows(path: Path, sql: str) -> list[dict[str, Any]]:
    from warehouse.query import run_query

    answer = run_query(path, sql, timeout_s=30)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
