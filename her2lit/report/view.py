"""What a digest says, chosen and ordered, before it becomes HTML or text."""

from __future__ import annotations

from dataclasses import dataclass

from her2lit.report.charts import Bar
from her2lit.report.entries import Alert, Entry, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """What both the HTML and the text are made of, in the order in which it is read."""

    heading: str
    #: Last night of the period; the heading ends with it
    last_night: str
    nights: str
    summary: str
    alerts: tuple[Alert, ...]
    n_counted_corrections: int
    bottom_line: tuple[Entry, ...]
    sections: tuple[Section, ...]
    #: Papers on the topic that study no drug
    no_drug: tuple[Entry, ...]
    late: tuple[Entry, ...]
    indexed: tuple[Entry, ...]
    n_more_indexed: int
    revised: tuple[Entry, ...]
    n_more_revised: int
    bars: tuple[Bar, ...]
    receipt: tuple[tuple[str, str], ...]
    n_shown: int
    n_held_over: int
