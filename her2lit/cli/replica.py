"""``her2lit replica``: serve an E-utilities replica on this machine."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from her2lit.errors import UsageError


@click.command()
@click.option(
    "--corpus",
    "corpus_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PubMed XML file, plain or gzip; give it several times for several files, oldest first. "
    "Without it the synthetic records are served: indexed late, corrected, retracted, back-dated, deleted.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--now",
    help='What "now" is at the start, as ISO date-time with UTC offset, e.g. 2021-06-08T02:30:00-04:00 (default: '
    "this machine's clock). It runs on from there.",
)
@click.option("--strict", is_flag=True, help="Count requests over the rate limit and exit 1 if there were any.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps the index for the next start.",
)
@click.option(
    "--faults",
    "fault_plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file that says which requests to disturb, and how; docs/replica.md lists the kinds.",
)
@click.option(
    "--as-ncbi",
    is_flag=True,
    help="Misread in silence what PubMed misreads in silence (unknown tags, tags on groups); without it such a term "
    "is answered with HTTP 400.",
)
@click.option(
    "--log",
    "log_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add each request to this file as JSON, keys redacted.",
)
def command(
    *,
    corpus_files: tuple[Path, ...],
    port: int,
    now: str | None,
    strict: bool,
    cache: Path | None,
    fault_plan: Path | None,
    as_ncbi: bool,
    log_file: Path | None,
) -> int:
    """
    Serve E-utilities over PubMed XML files, on loopback, until Ctrl-C.

    For tests of any E-utilities client: point it at the printed base URL instead of NCBI's. What the replica only
    approximates is printed at the start; docs/replica.md says more.

    \b
    Examples:
      her2lit replica --corpus pubmed21n1298.xml.gz --now 2021-06-08T02:30:00-04:00
      her2lit replica --port 8080 --strict --faults plan.toml
    """
    from her2lit.clock import SystemClock
    from her2lit.replica.corpus import Corpus
    from her2lit.replica.evaluate import Dialect
    from her2lit.replica.faults import load_fault_plan
    from her2lit.replica.lifecycle import departures_corpus_file, lifecycle_corpus_file
    from her2lit.replica.limits import CONTROL_PREFIX, PREFIX
    from her2lit.replica.server import APPROXIMATIONS, Replica
    from her2lit.replica.shiftedclock import ShiftedClock

    # What is quick to check comes before the index is built.
    faults = load_fault_plan(fault_plan) if fault_plan else None
    clock = ShiftedClock(_instant(now), SystemClock()) if now else SystemClock()
    corpus = Corpus.from_files(
        corpus_files or (lifecycle_corpus_file(), departures_corpus_file()), cache=cache, progress=click.echo
    )
    click.echo(
        f"{len(corpus):,} record versions; {corpus.n_rejects} records could not be read. Not NCBI: approximations"
    )
    for line in APPROXIMATIONS:
        click.echo(f"  - {line}")
    with (
        Replica(
            corpus,
            clock,
            port=port,
            strict=strict,
            faults=faults,
            dialect=Dialect(unsupported="as-ncbi" if as_ncbi else "refuse"),
            record_to=log_file,
        ) as replica,
        suppress(KeyboardInterrupt),
    ):
        click.echo(f"Base URL: {replica.base_url}")
        click.echo(
            f"Control plane: {replica.base_url.replace(PREFIX, CONTROL_PREFIX)} with X-Replica-Token: {replica.token}"
        )
        click.echo("Ctrl-C stops it.")
        while True:
            time.sleep(3600)
    click.echo(f"Served {len(replica.requests)} requests, {replica.violations} of them too fast.")
    return 1 if replica.violations else 0


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--now {text} is no ISO date-time; write e.g. 2021-06-08T02:30:00-04:00") from error
    if instant.tzinfo is None:
        raise UsageError(f"--now {text} has no UTC offset; write e.g. 2021-06-08T02:30:00-04:00")
    return instant
