"""``her2lit annotate``: what each record is evidence on, as JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from her2lit.errors import RunIncomplete, UsageError
from her2lit.records import Annotation, Article

if TYPE_CHECKING:
    from her2lit.pubmed.convert import Tally

_SAY_EVERY = 5_000


@click.command(name="annotate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="JSON lines to write."
)
@click.option("--only-drugs", is_flag=True, help="Leave out records that name no drug of the lexicon.")
@click.option(
    "--families",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the trial families of these records: one JSON object a trial, with its primary report.",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress; rejects and the closing line are still told.")
def command(files: tuple[Path, ...], out: Path, families: Path | None, *, only_drugs: bool, quiet: bool) -> int:
    """
    Say what each record of FILES is evidence on: drugs and roles, design, setting, outcomes, finding.

    FILES are PubMed XML (.xml, .xml.gz) or PubMed's text format (.nbib), told apart by content; "-" is standard
    input. One JSON object a record, keys as in docs/annotation.md, with the sentence, the offsets and the rule
    behind each value. Output files are written whole or not at all. Records and files that cannot be read are
    named on standard error, everything else is written, and the exit code is 3.

    \b
    Examples:
      her2lit annotate pubmed21n1298.xml.gz -o annotations.jsonl
      her2lit annotate *.xml.gz --only-drugs -o evidence.jsonl --families trials.jsonl
      efetch -db pubmed -id 34091830 -format xml | her2lit annotate - -o one.jsonl
    """
    from her2lit.annotate.annotate import annotate_article
    from her2lit.annotate.families import group_trials
    from her2lit.annotate.rows import to_row
    from her2lit.pubmed.convert import Tally, read_files
    from her2lit.topic.topic import load_topic

    _check(files, (out, *((families,) if families else ())))
    topic, tally = load_topic(), Tally()
    n_written = 0
    trials: list[tuple[Article, Annotation]] = []
    partial = out.with_name(out.name + ".part")
    with partial.open("w", encoding="utf-8", newline="\n") as lines:
        records = read_files(files, tally, stdin=sys.stdin.buffer, progress=None if quiet else _progress())
        for record in records:
            if not isinstance(record, Article):
                continue
            annotation = annotate_article(record, topic)
            if families is not None:
                trials.append((record, annotation))
            if annotation.drugs or not only_drugs:
                lines.write(json.dumps(to_row(annotation, topic), ensure_ascii=False) + "\n")
                n_written += 1
    partial.replace(out)
    click.echo(f"{n_written:,} records annotated into {out} (rules {topic.version})")
    if families is not None:
        found = group_trials(trials, topic)
        families.write_text("".join(json.dumps(asdict(family)) + "\n" for family in found), encoding="utf-8")
        click.echo(f"{len(found):,} trial families into {families}")
    return _report(tally)


def _check(files: tuple[Path, ...], outs: tuple[Path, ...]) -> None:
    """Refuse what can only be a mistake, before anything is read."""
    for path in files:
        if str(path) != "-" and not path.is_file():
            raise UsageError(f"there is no file {path}")
    for out in outs:
        if not out.parent.is_dir():
            raise UsageError(f"there is no folder {out.parent}; make it first")
        if out in files:
            raise UsageError(f"{out} is both read and written; name another file with -o")


def _progress() -> Callable[[Tally, str], None]:
    said = 0

    def say(tally: Tally, source: str) -> None:
        nonlocal said
        if tally.n_records // _SAY_EVERY > said:
            said = tally.n_records // _SAY_EVERY
            click.echo(f"{tally.n_records:,} records annotated, now in {source}", err=True)

    return say


def _report(tally: Tally) -> int:
    for source, reject in tally.rejects:
        click.echo(f"PMID {reject.pmid or 'unknown'} of {source}: {reject.reason}", err=True)
    for source, message in tally.failures:
        click.echo(f"failed: {source}: {message}", err=True)
    if tally.rejects or tally.failures:
        raise RunIncomplete(
            f"{len(tally.rejects)} records and {len(tally.failures)} files could not be read; they are named above"
        )
    return 0
