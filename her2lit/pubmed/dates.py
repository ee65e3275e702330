"""Dates as NLM prints them: parts, seasons, and free MedlineDate text, read into day ranges."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date

from her2lit.pubmed.xml_text import clean, remember
from her2lit.records import ArticleDate, HistoryDate, PubDate

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
#: First month of each season, as PubMed indexes [dp]: winter, spring, summer, fall = Jan, Apr, Jul, Oct.
_SEASONS = {"winter": 1, "spring": 4, "summer": 7, "fall": 10, "autumn": 10}
_TOKEN = re.compile(r"(?P<quarter>\b[1-4](?:st|nd|rd|th)\s+quart\w*)|(?P<word>[a-z]+)|(?P<number>\d+)|(?P<to>[-–—/&])")


@dataclass(slots=True)
class _Point:
    """One end of a printed range, as far as it was printed."""

    year: int | None = None
    #: First and last month; equal unless a season or a quarter was printed
    first_month: int | None = None
    last_month: int | None = None
    day: int | None = None
    is_season: bool = False

    @property
    def is_empty(self) -> bool:
        return self.year is None and self.first_month is None and self.day is None

    def first_day(self) -> date | None:
        """Return the first day this can mean, None without a year or with an impossible one."""
        if self.year is None:
            return None
        return _day(self.year, self.first_month or 1, self.day or 1)

    def last_day(self) -> date | None:
        """Return the last day this can mean."""
        if self.year is None:
            return None
        month = self.last_month or 12
        return _day(self.year, month, self.day or calendar.monthrange(max(self.year, 1), month)[1])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@remember(16_384)
def read_pub_date(
    year: str | None, month: str | None, day: str | None, season: str | None, medline: str | None
) -> PubDate:
    """
    Read the parts of a PubDate (or of a book's dates) as printed.

    EFetch prints a MedlineDate "1978 Jul-Aug" as Year 1978 and Season "Jul-Aug" (PMID 152567),
    so both go the same way: the printed words, joined, are read as one text.
    """
    month = month.strip() if month else None
    verbatim = " ".join(" ".join(part.split()) for part in (year, month, day, season, medline) if part).strip()
    points = _read_points(_month_named(verbatim, month) if month and month.isdecimal() else verbatim)
    start = points[0].first_day() if points else None
    end = points[-1].last_day() if points else None
    if start is None or end is None:
        return _year_only(verbatim)
    if end < start:
        # "Fall-Winter 1999": which winter is not said, so only the year is sure.
        start, end = date(start.year, 1, 1), date(start.year, 12, 31)
    return PubDate(verbatim=verbatim, start=start, end=end, precision=_precision(points))


def _month_named(verbatim: str, month: str) -> str:
    """Return *verbatim* with the numeric *month* ("06") spelled as a name, so that it is no day."""
    number = int(month) if len(month) <= 2 else 0
    if not 1 <= number <= 12:
        return verbatim
    return re.sub(rf"(?<= ){month}(?= |$)", calendar.month_abbr[number], verbatim, count=1)


def _year_only(verbatim: str) -> PubDate:
    """Return what remains of a date whose parts make no sense: its year, or nothing."""
    found = re.search(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)", verbatim)
    if found is None:
        return PubDate(verbatim=verbatim, start=None, end=None, precision="unknown")
    year = int(found.group())
    return PubDate(verbatim=verbatim, start=date(year, 1, 1), end=date(year, 12, 31), precision="year")


def _read_points(text: str) -> list[_Point]:
    """Split a printed date into its two ends (or one), each completed from the other."""
    points = [_Point()]
    for token in _TOKEN.finditer(text.lower()):
        kind, word = token.lastgroup, token.group()
        if kind == "to" or word in {"to", "and"}:
            if not points[-1].is_empty:
                points.append(_Point())
        elif kind == "number":
            _take_number(points[-1], word)
        elif kind == "quarter":
            _take_months(points[-1], 3 * int(word[0]) - 2, 3 * int(word[0]))
        elif word in _MONTHS:
            if points[-1].first_month is not None and len(points) < 2:
                points.append(_Point())
            _take_months(points[-1], _MONTHS[word], _MONTHS[word])
        elif word in _SEASONS:
            _take_months(points[-1], _SEASONS[word], _SEASONS[word] + 2)
            points[-1].is_season = True
    return _complete([point for point in points if not point.is_empty])


def _take_number(point: _Point, word: str) -> None:
    # Longer ones are no part of a date, and int() refuses the longest.
    number = int(word) if len(word) <= 4 else 0
    if len(word) == 4 and 1500 <= number <= 2199:
        if point.year is None:
            point.year = number
    elif len(word) <= 2 and 1 <= number <= 31 and point.day is None:
        point.day = number


def _take_months(point: _Point, first: int, last: int) -> None:
    if point.first_month is None:
        point.first_month, point.last_month = first, last


def _complete(points: list[_Point]) -> list[_Point]:
    """Give each end what it leaves to the other: "2019 Sep/Oct", "2019 Jan 5-12", "Winter 2000-2001"."""
    if len(points) == 3 and points[0].year is not None and points[0].first_month is None:
        # "2005-2006 Fall-Winter": the years first, then their parts.
        points = [replace(points[1], year=points[0].year), replace(points[2], year=points[1].year)]
    if len(points) < 2:
        return [_without_false_day(point) for point in points]
    left, right = replace(points[0]), replace(points[-1])
    if left.is_season and right.first_month is None and right.day is None and right.year is not None:
        return _season_over_two_years(left, right.year)
    if (
        right.is_season
        and left.first_month is None
        and left.day is None
        and left.year is not None
        and right.year is not None
    ):
        return _season_over_two_years(replace(right, year=left.year), right.year)
    if right.first_month is None and right.day is not None:
        right.first_month, right.last_month = left.first_month, left.last_month
    left.year = left.year if left.year is not None else right.year
    right.year = right.year if right.year is not None else left.year
    return [_without_false_day(left), _without_false_day(right)]


def _without_false_day(point: _Point) -> _Point:
    """Return *point* without a day that its month has not: "2021 Feb 30" still says February."""
    if point.day is None or point.year is None:
        return point
    month = point.first_month
    is_real = month is not None and month == point.last_month and _day(point.year, month, point.day) is not None
    return point if is_real else replace(point, day=None)


def _season_over_two_years(season: _Point, last_year: int) -> list[_Point]:
    """Return "Winter 2000-2001": that one winter, from December; other seasons span both years."""
    if season.first_month == _SEASONS["winter"] and season.year == last_year - 1:
        first = _Point(year=season.year, first_month=12, last_month=12, is_season=True)
        return [first, _Point(year=last_year, first_month=1, last_month=3, is_season=True)]
    return [season, replace(season, year=last_year)]


def _precision(points: list[_Point]) -> str:
    first, last = points[0], points[-1]
    if len(points) > 1:
        is_one_winter = first.is_season and first.first_month == 12
        return "season" if is_one_winter else "range"
    if first.is_season:
        return "season"
    if first.first_month is None:
        return "year"
    if first.first_month != last.last_month:
        return "range"
    return "day" if first.day is not None else "month"


@remember(16_384)
def read_day(year: str | None, month: str | None, day: str | None) -> date | None:
    """Return the calendar day of three printed parts ("2021", "6" or "06" or "Jun", "7"), None if they form none."""
    try:
        number = int(month or "")
    except ValueError:
        number = _MONTHS.get((month or "").strip().lower(), 0)
    try:
        return date(int(year or ""), number, int(day or ""))
    except (ValueError, OverflowError):
        return None


def _join(*parts: str | None) -> str:
    return "-".join(clean(part) for part in parts if part and part.strip())


@remember(16_384)
def read_article_date(date_type: str | None, year: str | None, month: str | None, day: str | None) -> ArticleDate:
    """Read an ArticleDate."""
    return ArticleDate(date_type=date_type, on=read_day(year, month, day), verbatim=_join(year, month, day))


@remember(65_536)
def read_history_date(  # noqa: PLR0917 - seven printed parts, in print order
    status: str,
    year: str | None,
    month: str | None,
    day: str | None,
    hour: str | None,
    minute: str | None,
    second: str | None,
) -> HistoryDate:
    """Read a PubMedPubDate."""
    return HistoryDate(
        status=status,
        on=read_day(year, month, day),
        hour=_number(hour),
        minute=_number(minute),
        second=_number(second),
        verbatim=_join(year, month, day),
    )


def _number(text: str | None) -> int | None:
    """Return a clock part; None where it is absent or no number."""
    text = clean(text) if text else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else None
