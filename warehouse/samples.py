"""Sample queries: one .sql file each in warehouse/queries, its question in the first line; they run on any client from DuckDB 1.4.5 on."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache

from her2lit.errors import UsageError
from warehouse.migrate import read_folder, sql_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleQuery:
    """One query to start from."""

    name: str
    #: What it answers, in words
    question: str
    #: The whole file, its question as the first comment
    sql: str


@cache
def sample_queries() -> tuple[SampleQuery, ...]:
    """Return every sample query, by name."""
    return tuple(
        SampleQuery(name=file.name, question=file.text.partition("\n")[0].removeprefix("--").strip(), sql=file.text)
        for file in read_folder(sql_folder("queries"), "queries")
    )


def sample_query(name: str) -> SampleQuery:
    """
    Return the sample query called *name*.

    Raises:
        UsageError: There is none of that name; the message names those most like it.
    """
    found = {sample.name: sample for sample in sample_queries()}
    if name not in found:
        near = difflib.get_close_matches(name, found, n=3, cutoff=0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"There is no sample query {name!r}.{hint} `her2lit sql --samples` lists them all.")
    return found[name]
