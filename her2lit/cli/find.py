"""``her2lit find``: full-text search over titles and abstracts, narrowed by drug and facets."""

from __future__ import annotations

import dataclasses
import difflib
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from her2lit.cli import CliContext
from her2lit.errors import UsageError

if TYPE_CHECKING:
    from her2lit.topic.topic import Topic
    from warehouse.find import FindQuestion, FindResult, FoundArticle, WordCount

#: Width of the text on a terminal.
_WIDTH = 100


@click.command()
@click.argument("query")
@click.option(
    "--drug",
    "drugs",
    multiple=True,
    metavar="NAME",
    help="Studies this drug or compares with it; id, name, brand or code.",
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Added to PubMed on or after this day."
)
@click.option("--design", "designs", multiple=True, help="E.g. phase3_rct, phase2, observational.")
@click.option("--setting", "settings", multiple=True, help="E.g. metastatic, early.")
@click.option("--any", "any_word", is_flag=True, help="One of the words is enough.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
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
    query: str,
    *,
    drugs: tuple[str, ...],
    since: datetime | None,
    designs: tuple[str, ...],
    settings: tuple[str, ...],
    any_word: bool,
    limit: int,
    output_format: str | None,
    timeout_s: float,
    database: Path | None,
) -> None:
    """
    Find records by the words of their titles and abstracts, best first.

    Every word must occur. Case, accents, plurals and British spelling do not matter; T-DM1 finds TDM1, HER2+ finds
    HER2-positive. "Words in quotes" must stand next to each other as written; -word and -"words" must not occur. A
    query that begins with a hyphen needs -- before it. An option given twice means either.

    \b
    Examples:
      her2lit find "brain metastases tucatinib"
      her2lit find "interstitial lung disease" --drug enhertu --since 2021-01-01
      her2lit find '"progression-free survival" -pertuzumab' --design phase3_rct --setting metastatic
      her2lit find "T-DM1 resistance" --format csv --limit 200 > found.csv
    """
    from her2lit.home import open_home
    from warehouse.find import FindQuestion, count_words, find_articles

    path = database or open_home(context.home, create=False).published_database
    _check_values(path, designs, settings)
    question = FindQuestion(
        text=query,
        drug_ids=_drug_ids(drugs),
        since=since.date() if since else None,
        designs=designs,
        settings=settings,
        any_word=any_word,
        limit=limit,
    )
    result = find_articles(path, question, timeout_s=timeout_s)
    words = () if result.articles else count_words(path, query, timeout_s=timeout_s)
    if not (result.articles or words):
        raise UsageError('The query holds no word to look for. Example: her2lit find "trastuzumab deruxtecan -gastric"')
    _write(result, output_format or ("table" if sys.stdout.isatty() else "csv"), sys.stdout)
    for line in closing_lines(question, result, words):
        click.echo(line, err=True)


def _drug_ids(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        return ()
    from her2lit.topic.topic import load_topic

    topic = load_topic()
    return tuple(drug_id for name in names for drug_id in drug_ids_named(name, topic))


def _check_values(database: Path, designs: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """
    Return when every design and setting occurs in *database*.

    Raises:
        UsageError: One does not, which would silently find nothing.
    """
    if not (designs or settings):
        return
    from warehouse.find import known_values

    known_designs, known_settings = known_values(database)
    for option, given, known in (("--design", designs, known_designs), ("--setting", settings, known_settings)):
        for value in given:
            if value not in known:
                raise UsageError(f"No record has {option} {value}. There are: {', '.join(known)}.")


def drug_ids_named(name: str, topic: Topic) -> tuple[str, ...]:
    """
    Return the ids of the drugs that the lexicon knows under *name*: an id, name, brand, code or abbreviation.

    Raises:
        UsageError: None; the message names what is nearest.
    """
    from her2lit.topic.lexicon import name_key

    names: dict[str, list[str]] = {}
    for drug in topic.drugs:
        said = (drug.drug_id, drug.name, *(known for _, known in drug.names), *(a.term for a in drug.ambiguous))
        for key in {name_key(known) for known in said}:
            names.setdefault(key, []).append(drug.drug_id)
    found = names.get(name_key(name))
    if found:
        return tuple(found)
    near = sorted({drug_id for key in difflib.get_close_matches(name_key(name), names, n=5) for drug_id in names[key]})
    advice = f"Near: {', '.join(near)}." if near else 'her2lit sql "FROM drugs" lists all.'
    raise UsageError(f"The lexicon knows no drug called {name!r}. {advice}")


def closing_lines(question: FindQuestion, result: FindResult, words: tuple[WordCount, ...]) -> list[str]:
    """Return what to say beside the records: how many more there are, or why there are none."""
    if result.articles:
        rest = result.n_found - len(result.articles)
        return [f"{rest:,} more; --limit shows them, or narrow the question."] if rest else []
    lines = ["No record found."]
    for word in words:
        near = ", ".join(f"{term} ({n:,})" for term, n in word.near)
        lines.append(
            f"  {word.word}: {word.n_records:,} record{'' if word.n_records == 1 else 's'}"
            + (f"; near: {near}" if near else "")
        )
    if all(word.n_records for word in words):
        is_narrowed = question.drug_ids or question.since or question.designs or question.settings
        if is_narrowed:
            lines.append("Leave out --drug, --since, --design or --setting to see more.")
        if len(words) > 1 and not question.any_word:
            lines.append("--any finds records that have one of the words; without quotes they need not stand together.")
    return lines


def _write(result: FindResult, chosen: str, stream: TextIO) -> None:
    from her2lit.cli.sql import write_csv, write_json
    from warehouse.find import FoundArticle
    from warehouse.query import QueryResult

    if chosen == "table":
        stream.writelines(f"{line}\n" for article in result.articles for line in describe(article))
        if result.articles:
            stream.write(f"({len(result.articles):,} of {result.n_found:,} records)\n")
        return
    columns = tuple(field.name for field in dataclasses.fields(FoundArticle))
    rows = tuple(tuple(getattr(article, name) for name in columns) for article in result.articles)
    answer = QueryResult(columns=columns, types=("VARCHAR",) * len(columns), rows=rows)
    (write_json if chosen == "json" else write_csv)(answer, stream)


def describe(article: FoundArticle) -> list[str]:
    """Return one record as lines for a terminal."""
    from her2lit.cli.sql import one_line

    drugs = ", ".join(article.drug_ids) or "no drug"
    head = f"{article.pmid}  {article.created_date or 'no date'}  {drugs}  {article.design or 'not judged'}  {article.score:.1f}"
    flags = [flag for flag, holds in (("RETRACTED", article.is_retracted), ("CONCERN", article.has_concern)) if holds]
    lines = [f"{head}  {' '.join(flags)}".rstrip()]
    lines += textwrap.wrap(one_line(article.title or "(no title)"), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if article.snippet:
        lines += textwrap.wrap(one_line(article.snippet), _WIDTH, initial_indent="  | ", subsequent_indent="  | ")
    return [*lines, ""]
