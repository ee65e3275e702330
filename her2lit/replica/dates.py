"""The date forms PubMed accepts in a search, and the spans of days they mean."""

from __future__ import annotations

import calendar
import re
from datetime import date

_DATE = re.compile(r"^(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?$")
_LAST = re.compile(r"^last\s+(\d+)\s+(day|week|month|year)s?$", re.IGNORECASE)


def read_span(text: str) -> tuple[date, date] | None:
    """Return the first and last day of "2021", "2021/06" or "2021/06/05"; None for anything else."""
    match = _DATE.match(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        if year is None or month is None:
            return date(year or 0, 1, 1), date(year or 0, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        return None


def read_last(text: str, today: date) -> tuple[date, date] | None:
    """Return the span of "last 7 days", counted back from *today* with both ends included; None otherwise."""
    match = _LAST.match(text.strip())
    if match is None:
        return None
    return days_back(today, int(match[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2].lower()]), today


def days_back(today: date, days: int) -> date:
    """Return *today* minus *days*, not before the first day of the calendar."""
    return date.fromordinal(max(1, today.toordinal() - days))


def print_span(low: date, high: date) -> str:
    """Return a span as QueryTranslation prints it: 2026/10/01:2026/10/07."""
    return f"{low.isoformat()}:{high.isoformat()}".replace("-", "/")
