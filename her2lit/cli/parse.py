"""``her2lit parse``: PubMed XML and MEDLINE text into JSON lines or Parquet tables."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from her2lit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from her2lit.pubmed.convert import Tally

#: A line of progress after this many records.
_SAY_EVERY = 10_000
#: Rejects named one by one; the rest is a number.
_NAMED_REJECTS = 20


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILES…", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="OUT.jsonl: one JSON object a line. OUT.parquet: a folder with one Parquet file per table. "
    "Default: JSON lines on standard output.",
)
@click.option("--no-references", is_flag=True, help="Leave out what the records cite; quicker.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that read, for Parquet: this one then only unpacks and writes. The result is the same.",
)
@click.option(
    "--quiet", "-q", is_flag=True, help="No progress; rejects and the closing line still go to standard error."
)
def command(files: tuple[Path, ...], out: Path | None, no_references: bool, workers: int, quiet: bool) -> int:
    """
    Turn PubMed records into JSON lines or Parquet tables, every value of every record.

    FILES are EFetch replies, NLM baseline and update files (.xml, .xml.gz) or PubMed's own text format
    (.nbib), told apart by content; "-" is standard input. One broken record costs only itself: it is named on
    standard error. Output files are written whole or not at all. The JSON is described in docs/parsing.md.

    \b
    Examples:
      her2lit parse pubmed26n1595.xml.gz -o records.jsonl
      her2lit parse *.xml.gz -o records.parquet --workers 2
      her2lit parse export.nbib | jq .title
      efetch -db pubmed -id 34091830 -format xml | her2lit parse -

    \b
    Exit codes:
      0  every record was read
      1  a record or a file could not be read; everything else was written
      2  wrong usage; nothing was written
    """
    from her2lit.pubmed import convert

    _check(files, out, workers)
    tally = convert.Tally()
    options: Any = {
        "stdin": sys.stdin.buffer,
        "progress": None if quiet else _progress(),
        "references": not no_references,
    }
    with _tidy_when_terminated():
        if out is not None and out.suffix == ".parquet":
            convert.write_parquet_folder(convert.read_tables(files, tally, n_workers=workers, **options), out)
        else:
            records = convert.read_files(files, tally, **options)
            if out is None:
                convert.write_json_lines(records, sys.stdout)
            else:
                convert.write_json_file(records, out)
    _report(tally)
    return 1 if tally.rejects or tally.failures else 0


@contextmanager
def _tidy_when_terminated() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C does: half-written files are removed and reading processes ended."""

    def stop(number: int, _: object) -> NoReturn:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check(files: tuple[Path, ...], out: Path | None, workers: int) -> None:
    """Refuse what can only be a mistake, before anything is read."""
    if workers > 1 and (out is None or out.suffix != ".parquet"):
        raise UsageError("--workers is for Parquet: name an OUT.parquet with -o")
    for path in files:
        if str(path) != "-" and not path.is_file():
            raise UsageError(f"there is no file {path}")
    if out is None:
        return
    if out.suffix not in {".jsonl", ".parquet"}:
        raise UsageError(f"OUT must end in .jsonl or .parquet, not {out.name}")
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}; make it first")
    if out.suffix == ".jsonl" and out.is_dir():
        raise UsageError(f"{out} is a folder")


def _progress() -> Callable[[Tally, str], None]:
    """Return a function that says every so often how far reading has come."""
    said = 0

    def say(tally: Tally, source: str) -> None:
        nonlocal said
        if tally.n_records // _SAY_EVERY > said:
            said = tally.n_records // _SAY_EVERY
            click.echo(f"{tally.n_records:,} records read, now in {source}", err=True)

    return say


def _report(tally: Tally) -> None:
    for source, reject in tally.rejects[:_NAMED_REJECTS]:
        who = f"PMID {reject.pmid}" if reject.pmid is not None else "a record"
        click.echo(f"rejected: {who} at byte {reject.offset:,} of {source}: {reject.reason}", err=True)
    if len(tally.rejects) > _NAMED_REJECTS:
        click.echo(f"rejected: {len(tally.rejects) - _NAMED_REJECTS:,} more", err=True)
    for path, count in sorted(tally.unknown.items()):
        click.echo(f"unknown, not kept: {path} ({count:,}×)", err=True)
    for source, message in tally.failures:
        click.echo(f"failed: {source}: {message}", err=True)
    click.echo(
        f"{tally.n_articles:,} articles, {tally.n_books:,} books, {tally.n_deletions:,} deletions, "
        f"{len(tally.rejects):,} rejected, {len(tally.unknown):,} kinds of unknown elements",
        err=True,
    )
