"""``her2lit annotate``: what each record is evidence on, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from her2lit.errors import RunIncomplete
from her2lit.records import Article, Deletion, Reject


@click.command(name="annotate")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="JSON lines to write."
)
@click.option("--only-drugs", is_flag=True, help="Leave out records that name no drug of the lexicon.")
def command(files: tuple[Path, ...], out: Path, *, only_drugs: bool) -> int:
    """
    Say what each record of PubMed XML FILES is evidence on: drugs and roles, design, setting, outcomes, finding.

    One JSON object a record, keys as in docs/annotation.md, with the sentence, the offsets and the rule behind
    each value. Records that cannot be read are named on standard error (exit 3).

    \b
    Example:
      her2lit annotate pubmed21n1298.xml.gz -o annotations.jsonl
    """
    from her2lit.annotate.annotate import annotate_article
    from her2lit.annotate.rows import to_row
    from her2lit.topic.topic import load_topic

    topic = load_topic()
    n_written = n_rejected = 0
    partial = out.with_name(out.name + ".part")
    with partial.open("w", encoding="utf-8", newline="\n") as lines:
        for record in _records(files):
            if isinstance(record, Reject):
                n_rejected += 1
                click.echo(f"PMID {record.pmid or 'unknown'}: {record.reason}", err=True)
                continue
            annotation = annotate_article(record, topic)
            if annotation.drugs or not only_drugs:
                lines.write(json.dumps(to_row(annotation, topic), ensure_ascii=False) + "\n")
                n_written += 1
    partial.replace(out)
    click.echo(f"{n_written} records annotated into {out} (rules {topic.version})")
    if n_rejected:
        raise RunIncomplete(f"{n_rejected} records could not be read; they are named above")
    return 0


def _records(files: tuple[Path, ...]) -> Iterator[Article | Reject]:
    from her2lit.pubmed.parse import iter_records

    for file in files:
        for record in iter_records(file):
            if not isinstance(record, Deletion):
                yield record
