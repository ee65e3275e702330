"""Pages of docs/ that are made from the warehouse itself: the data dictionary and the sample queries (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

#: Rows of a result that are shown; a page is to be read.
SHOWN_ROWS = 12
#: Characters of a cell that are shown.
SHOWN_CHARACTERS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedColumn:
    """A row of ``data_dictionary``."""

    schema_name: str
    object_name: str
    #: "table", "view" or "macro"
    object_type: str
    #: From 1; 0 describes the object itself
    position: int
    column_name: str | None
    data_type: str | None
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """A sample query and what it answered on the demo warehouse."""

    name: str
    question: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


_DICTIONARY_HEAD = """\
# Data dictionary

What every view, macro and table of the warehouse holds. Made by `.ci/reference` from the comments inside the database, where
`her2lit sql "FROM data_dictionary"` finds the same; change the SQL, never this page.

Schema `out` is what people read, `core` tidies the grain for it, `main` has the tables as loaded.
Times are UTC, without a zone; text is as NLM gave it unless said otherwise; NULL means "not given", never zero.
"""
_SECTIONS = (
    ("out", "Views and macros to read", ("view", "macro")),
    ("core", "Views and macros behind them", ("view", "macro")),
    ("main", "Tables", ("table",)),
)


def dictionary_page(entries: Iterable[DescribedColumn]) -> str:
    """Return docs/data-dictionary.md: every object with its columns, by schema and name."""
    entries = tuple(entries)
    parts = [_DICTIONARY_HEAD]
    for schema, title, kinds in _SECTIONS:
        parts.append(f"\n## {title}\n")
        objects = sorted(
            (e for e in entries if e.schema_name == schema and e.position == 0 and e.object_type in kinds),
            key=lambda e: e.object_name,
        )
        for described in objects:
            columns = [e for e in entries if e.object_name == described.object_name and e.schema_name == schema]
            parts.append(_described_object(described, columns))
    return "".join(parts)


def _described_object(described: DescribedColumn, entries: Sequence[DescribedColumn]) -> str:
    called = f"{described.object_name}(…)" if described.object_type == "macro" else described.object_name
    lines = [f"\n### {called}\n\n{_text(described.description)}.\n"]
    columns = sorted((e for e in entries if e.position > 0), key=lambda e: e.position)
    if columns:
        lines.append("\n| column | type | meaning |\n|---|---|---|\n")
        lines += [f"| `{c.column_name}` | {_text(c.data_type or '')} | {_text(c.description)} |\n" for c in columns]
    return "".join(lines)


_SAMPLES_HEAD = """\
# Sample queries

Questions to start from. `her2lit sql --samples` lists them, `her2lit sql --sample NAME` runs one on your snapshot, and
`her2lit sql --sample NAME --show` prints it for you to change. They name schema and table, so they run in any DuckDB client
from 1.4.5 on. The answers below are those of `her2lit demo`: four nights of June 2021, a few records of which are SYNTHETIC.
Made by `.ci/reference`; change the files in `warehouse/queries/`, never this page.
"""


def samples_page(answers: Iterable[AnsweredQuestion]) -> str:
    """Return docs/sample-queries.md: each question with its query and the answer on the demo's snapshot."""
    return _SAMPLES_HEAD + "".join(_answered(answer) for answer in answers)


def _answered(answer: AnsweredQuestion) -> str:
    body = answer.sql.partition("\n")[2].strip()
    head = f"\n## {answer.name}\n\n{answer.question}\n\n```sql\n{body}\n```\n"
    if not answer.rows:
        return f"{head}\nNo rows in the demo.\n"
    lines = [f"\n| {' | '.join(answer.columns)} |\n|{'---|' * len(answer.columns)}\n"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |\n" for row in answer.rows[:SHOWN_ROWS]]
    if (n_more := len(answer.rows) - SHOWN_ROWS) > 0:
        lines.append(f"\n… and {n_more} more row{'s' if n_more > 1 else ''}.\n")
    return head + "".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        text = ", ".join(str(item) for item in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{key} {held}" for key, held in value.items())
    else:
        text = str(value)
    return _text(text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1].rstrip() + "…")


def _text(text: str) -> str:
    """Return *text* as one line of Markdown that is no markup: brackets of a title must not make a link."""
    plain = " ".join(text.split())
    for character in "\\`*_[]<>|":
        plain = plain.replace(character, "\\" + character)
    return plain
