"""Small charts without images: table bars for mail, hand-made SVG for pages; numbers always beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from her2lit.records import DrugMonth, DrugName
from her2lit.report.entries import Entry, drug_order, short_name

#: Most rows of the mail's table; the rest is added up in one row.
MAX_BARS = 12
#: Geometry of the page's chart, in SVG user units.
_ROW, _CELL, _LABEL, _TOP, _GAP = 28, 64, 230, 32, 3
#: Darkest fill: the number on it keeps its contrast.
MAX_SHADE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One drug's papers in the period, and the bar's length in percent of the longest."""

    name: str
    n_new: int
    n_late: int
    percent: int

    @property
    def total(self) -> int:
        """Return new and late together."""
        return self.n_new + self.n_late


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One square of the month chart."""

    x: int
    y: int
    n_articles: int
    #: Opacity of the fill, 0 to MAX_SHADE, in proportion to the largest count
    shade: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthChart:
    """The drug by month chart, laid out, and the same numbers as a table."""

    width: int
    height: int
    cell_width: int
    cell_height: int
    months: tuple[tuple[int, str], ...]
    drugs: tuple[tuple[int, str], ...]
    cells: tuple[Cell, ...]
    #: (drug, counts by month, total)
    table: tuple[tuple[str, tuple[int, ...], int], ...]
    n_other_drugs: int


def build_bars(entries: Iterable[Entry], names: dict[str, str], always: tuple[str, ...]) -> tuple[Bar, ...]:
    """Return a bar for each drug that *entries* study, the *always* ones first and also with none."""
    counts: dict[str, list[int]] = {drug_id: [0, 0] for drug_id in always if drug_id in names}
    for entry in entries:
        if entry.drug_id is not None:
            for drug_id in (entry.drug_id, *entry.other_drug_ids):
                counts.setdefault(drug_id, [0, 0])[entry.lane == "late"] += 1
    largest = max((sum(pair) for pair in counts.values()), default=0)
    ordered = sorted(counts.items(), key=lambda item: (drug_order(item[0]), -sum(item[1]), names.get(item[0], item[0])))
    bars = [
        Bar(name=names.get(drug_id, drug_id), n_new=new, n_late=late, percent=_percent(new + late, largest))
        for drug_id, (new, late) in ordered
    ]
    return tuple(bars[:MAX_BARS])


def _percent(count: int, largest: int) -> int:
    return round(100 * count / largest) if largest else 0


def build_month_chart(
    counts: Iterable[DrugMonth], drugs: Iterable[DrugName], *, n_months: int = 12, n_drugs: int = 15
) -> MonthChart | None:
    """
    Lay out papers by drug and month: the last *n_months* months, the HER2-targeted drugs with most papers.

    Returns:
        None when there is nothing to draw.
    """
    targeted = {drug.drug_id: short_name(drug) for drug in drugs if drug.is_her2_targeted}
    by_drug: dict[str, dict[date, int]] = {}
    for count in counts:
        if count.drug_id in targeted:
            by_drug.setdefault(count.drug_id, {})[count.month] = count.n_articles
    months = sorted({month for row in by_drug.values() for month in row})[-n_months:]
    totals = {drug_id: sum(row.get(month, 0) for month in months) for drug_id, row in by_drug.items()}
    ranked = sorted((d for d in totals if totals[d]), key=lambda d: (-totals[d], targeted[d]))
    if not ranked:
        return None
    shown = ranked[:n_drugs]
    table = tuple(
        (targeted[drug_id], tuple(by_drug[drug_id].get(month, 0) for month in months), totals[drug_id])
        for drug_id in shown
    )
    return _lay_out(table, tuple(months), n_other_drugs=len(ranked) - len(shown))


def _lay_out(
    table: tuple[tuple[str, tuple[int, ...], int], ...], months: tuple[date, ...], *, n_other_drugs: int
) -> MonthChart:
    largest = max(max(counts) for _, counts, _ in table)
    cells = tuple(
        Cell(
            x=_LABEL + column * _CELL,
            y=_TOP + row * _ROW,
            n_articles=count,
            shade=round(MAX_SHADE * (0.15 + 0.85 * count / largest), 2) if count else 0,
            label=f"{name}, {months[column]:%Y-%m}: {count}",
        )
        for row, (name, counts, _) in enumerate(table)
        for column, count in enumerate(counts)
    )
    return MonthChart(
        width=_LABEL + len(months) * _CELL,
        height=_TOP + len(table) * _ROW,
        cell_width=_CELL - _GAP,
        cell_height=_ROW - _GAP,
        months=tuple((_LABEL + i * _CELL, f"{month:%Y-%m}") for i, month in enumerate(months)),
        drugs=tuple((_TOP + i * _ROW, name) for i, (name, _, _) in enumerate(table)),
        cells=cells,
        table=table,
        n_other_drugs=n_other_drugs,
    )
