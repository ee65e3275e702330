"""``her2lit sql``: one read-only question to the published snapshot, your own or a sample query."""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from her2lit.cli import CliContext
from her2lit.errors import UsageError

if TYPE_CHECKING:
    from warehouse.query import QueryResult

#: A spreadsheet would run a cell that begins like this (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: Characters of a cell before it wraps in a table on a terminal.
_TABLE_CELL = 72


@click.command()
@click.argument("query", metavar="[SQL]", required=False)
@click.option("--sample", metavar="NAME", help="Run the sample query of this name instead of your own SQL.")
@click.option("--samples", "list_samples", is_flag=True, help="List the sample queries and what each answers.")
@click.option("--show", is_flag=True, help="With --sample: print the query, to change it, instead of running it.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "csv", "json"]),
    help="Default: a table on a terminal, CSV into a pipe or file.",
)
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(min=0.001), default=30.0, show_default=True, metavar="SECONDS"
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another published file, e.g. one of published/history. Default: the home's snapshot.",
)
@click.pass_obj
def command(
    context: CliContext,
    *,
    query: str | None,
    sample: str | None,
    list_samples: bool,
    show: bool,
    output_format: str | None,
    timeout_s: float,
    database: Path | None,
) -> None:
    """
    Query the published snapshot, read-only and with a time limit.

    Views of schema out are found by their bare name: new_evidence, new_evidence_by_drug, drug_month,
    retraction_alerts, run_health, search_log … `her2lit sql "FROM data_dictionary"` describes every column.
    Use - as SQL to read the query from standard input.

    \b
    Examples:
      her2lit sql "SELECT drug_name, n_articles, best_evidence_rank FROM new_evidence_by_drug ORDER BY 2 DESC"
      her2lit sql "FROM retraction_alerts" --format csv > alerts.csv
      her2lit sql "DESCRIBE new_evidence"
      her2lit sql --samples
      her2lit sql --sample new_by_drug_this_week
      her2lit sql --sample harms_by_drug --show > mine.sql; her2lit sql - < mine.sql
    """
    from her2lit.home import open_home
    from warehouse.query import run_query
    from warehouse.samples import sample_queries, sample_query

    if [query is not None, sample is not None, list_samples].count(True) != 1:
        raise UsageError("Give one of: SQL, --sample NAME, or --samples to list the sample queries.")
    if show and sample is None:
        raise UsageError("--show prints a sample query; name it with --sample NAME.")
    if list_samples:
        width = max(len(each.name) for each in sample_queries())
        for each in sample_queries():
            click.echo(f"{each.name:<{width}}  {each.question}")
        return
    if sample is not None and show:
        click.echo(sample_query(sample).sql, nl=False)
        return
    sql = sample_query(sample).sql if sample is not None else query or ""
    if sql == "-":
        sql = sys.stdin.read()
    path = database or open_home(context.home, create=False).published_database
    result = run_query(path, sql, timeout_s=timeout_s)
    chosen = output_format or ("table" if sys.stdout.isatty() else "csv")
    stream = sys.stdout
    if chosen == "json":
        write_json(result, stream)
    elif chosen == "csv":
        write_csv(result, stream)
    else:
        write_table(result, stream)
    if result.is_cut:
        click.echo(f"Only the first {len(result.rows):,} rows are shown; add a LIMIT or a condition.", err=True)


def write_csv(result: QueryResult, stream: TextIO) -> None:
    """Write RFC 4180 CSV; text that a spreadsheet would take for a formula gets an apostrophe before it."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([_csv_cell(value) for value in row] for row in result.rows)


def write_json(result: QueryResult, stream: TextIO) -> None:
    """Write an array with one object per row; dates as ISO text."""
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    json.dump(rows, stream, ensure_ascii=False, indent=2, default=str)
    stream.write("\n")


def write_table(result: QueryResult, stream: TextIO) -> None:
    """Write a table as wide as the terminal (without one, as wide as it needs) and the number of rows."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for name, kind in zip(result.columns, result.types, strict=True):
        is_number = kind.upper() in _NUMBERS or kind.upper().startswith("DECIMAL")
        table.add_column(Text(name), justify="right" if is_number else "left", overflow="fold", max_width=_TABLE_CELL)
    for row in result.rows:
        table.add_row(*(Text(one_line(value)) for value in row))
    console = Console(file=stream, highlight=False)
    if not console.is_terminal:
        console = Console(file=stream, highlight=False, width=max(80, 20 * len(result.columns) * 4))
    console.print(table)
    console.print(f"({len(result.rows):,} row{'' if len(result.rows) == 1 else 's'})", markup=False)


_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "FLOAT", "DOUBLE", "NUMBER"})


def _csv_cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = "; ".join(_printed(item) for item in value)
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def one_line(value: Any) -> str:
    """Return *value* as one line of text that cannot steer a terminal."""
    text = ", ".join(_printed(item) for item in value) if isinstance(value, list | tuple) else _printed(value)
    return "".join(_visible(text))


def _printed(value: Any) -> str:
    return "" if value is None else str(value)


def _visible(text: str) -> Iterable[str]:
    for character in text:
        if unicodedata.category(character) not in ("Cc", "Cf"):
            yield character
        elif character in "\n\t":
            yield " "
