"""``her2lit evaluate``: how well the rules agree with labels made by reading."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from her2lit.errors import ParseError, UsageError
from her2lit.records import Article


@click.command(name="evaluate")
@click.argument("labels", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(labels: Path, records: Path, *, as_json: bool) -> int:
    """
    Compare the annotation of RECORDS with LABELS made by reading (JSON lines) and print the table.

    RECORDS are PubMed XML or PubMed's text format (.nbib). A label without a record in RECORDS counts as an empty
    prediction, and is named on standard error.

    \b
    Examples:
      her2lit evaluate dev_labels.jsonl dev_records.xml.gz
      her2lit evaluate labels.jsonl export.nbib --json
    """
    from dataclasses import asdict

    measures = measure_files(labels, records)
    if as_json:
        click.echo(json.dumps([asdict(measure) for measure in measures], indent=2))
        return 0
    for measure in measures:
        if measure.precision is None:
            counts = f"   ({measure.n_right} of {measure.n_gold})" if measure.n_gold else ""
            click.echo(f"{measure.name:34s} accuracy {measure.score:.3f}{counts}")
        else:
            click.echo(
                f"{measure.name:34s} P {measure.precision:.3f}  R {measure.recall:.3f}  F1 {measure.score:.3f}"
                f"   ({measure.n_right} right, {measure.n_gold} gold, {measure.n_predicted} predicted)"
            )
    return 0


def measure_files(labels: Path, records: Path) -> tuple[Any, ...]:
    """
    Return the measures of our annotation of *records* against *labels*.

    Raises:
        UsageError: A line of *labels* is no JSON object with a pmid.
    """
    from her2lit.annotate.annotate import annotate_article
    from her2lit.annotate.evaluate import evaluate
    from her2lit.annotate.rows import to_row
    from her2lit.pubmed.convert import Tally, read_files
    from her2lit.topic.topic import load_topic

    topic = load_topic()
    rows = [
        _label(line, number, labels) for number, line in enumerate(labels.read_text("utf-8").splitlines(), 1) if line
    ]
    tally = Tally()
    predictions = {
        record.pmid: to_row(annotate_article(record, topic), topic)
        for record in read_files((records,), tally, stdin=sys.stdin.buffer)
        if isinstance(record, Article)
    }
    if tally.failures:
        raise ParseError(f"{records}: {tally.failures[0][1]}")
    if absent := sorted({int(row["pmid"]) for row in rows} - predictions.keys()):
        click.echo(f"labelled, but not in {records.name}: {', '.join(map(str, absent))}", err=True)
    roll_up = {drug.drug_id: drug.rolls_up_to for drug in topic.drugs if drug.rolls_up_to}
    return evaluate(rows, predictions, roll_up)


def _label(line: str, number: int, file: Path) -> dict[str, Any]:
    try:
        row = json.loads(line)
        int(row["pmid"])
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{file}, line {number}: wants a JSON object with a pmid") from error
    assert isinstance(row, dict)  # noqa: S101 - it was subscripted with a key above
    return row
