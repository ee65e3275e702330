"""The page: static HTML that works from a file, without script and without anything from elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from her2lit.errors import HomeError
from her2lit.records import ReportRows, RunHealth
from her2lit.report import words
from her2lit.report.charts import MonthChart, build_month_chart
from her2lit.report.entries import (
    MAIN_DRUGS,
    Alert,
    Entry,
    build_alerts,
    build_entries,
    drug_order,
    short_name,
)
from her2lit.report.feed import build_feed
from her2lit.report.receipt import nights_words
from her2lit.report.templating import environment

#: Papers shown in full under a drug on the first page; all stand on the drug's own page.
MAX_ON_INDEX = 5
MAX_ALERTS_ON_INDEX = 20
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugPage:
    """One drug's papers, best evidence first."""

    drug_id: str
    name: str
    #: Path of its page
    file: str
    entries: tuple[Entry, ...]
    #: False for a partner drug whose papers all stand under another one
    has_section: bool

    @property
    def count_words(self) -> str:
        """Return how many papers, in words."""
        return words.plural(len(self.entries), "paper") if self.entries else "nothing new"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """What the templates show."""

    nights: str
    freshness: str
    last_problem: str | None
    alerts: tuple[Alert, ...]
    n_more_alerts: int
    drugs: tuple[DrugPage, ...]
    no_drug: tuple[Entry, ...]
    chart: MonthChart | None
    runs: tuple[RunHealth, ...]
    rule_version: str


def build_site(rows: ReportRows) -> dict[str, str]:
    """Return the pages and feeds of ``rows.period``: relative path -> text. The same rows give the same bytes."""
    view = _view(rows)
    index = environment().get_template("index.html.j2")
    page = environment().get_template("drug.html.j2")
    pages = {"index.html": index.render(view=view, max_entries=MAX_ON_INDEX)}
    for drug in view.drugs:
        pages[drug.file] = page.render(view=view, drug=drug)
        warned = tuple(alert for alert in view.alerts if drug.drug_id in alert.drug_ids)
        updated = rows.data_as_of or datetime.combine(rows.period.since, time())
        pages[f"feeds/{drug.drug_id}.atom"] = build_feed(drug.drug_id, drug.name, drug.entries, warned, updated=updated)
    return pages


def _view(rows: ReportRows) -> SiteView:
    entries = tuple(entry for entry in build_entries(rows) if entry.lane in ("new", "late"))
    alerts, _ = build_alerts(rows)
    names = {drug.drug_id: short_name(drug) for drug in rows.drugs}
    filed: dict[str, list[Entry]] = {drug_id: [] for drug_id in MAIN_DRUGS if drug_id in names}
    for entry in entries:
        for drug_id in (entry.drug_id, *entry.other_drug_ids) if entry.drug_id else ():
            filed.setdefault(drug_id, []).append(entry)
    order = sorted(filed, key=lambda d: (drug_order(d), -len(filed[d]), names.get(d, d)))
    problem = next((r for r in reversed(rows.runs) if r.outcome not in ("clean", "running")), None)
    as_of = f"{rows.data_as_of:%Y-%m-%d %H:%M} UTC" if rows.data_as_of else "never: no data yet"
    return SiteView(
        nights=nights_words(rows.period),
        freshness=as_of,
        last_problem=f"{problem.label} {problem.outcome}" if problem else None,
        alerts=alerts[:MAX_ALERTS_ON_INDEX],
        n_more_alerts=max(0, len(alerts) - MAX_ALERTS_ON_INDEX),
        drugs=tuple(
            DrugPage(
                drug_id=drug_id,
                name=_capital(names.get(drug_id, drug_id)),
                file=_file(drug_id),
                entries=tuple(filed[drug_id]),
                has_section=drug_id in MAIN_DRUGS or any(entry.drug_id == drug_id for entry in filed[drug_id]),
            )
            for drug_id in order
        ),
        no_drug=tuple(entry for entry in entries if entry.drug_id is None),
        chart=build_month_chart(rows.drug_months, rows.drugs),
        runs=tuple(reversed(rows.runs))[:14],
        rule_version=rows.rule_version or "unknown",
    )


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def _file(drug_id: str) -> str:
    # Ids come from topic/drugs.toml; a wrong one must not write outside the folder.
    if not _FILE_NAME.fullmatch(drug_id):
        raise ValueError(f"{drug_id!r} is no drug id that can name a page")
    return f"drugs/{drug_id}.html"


def write_site(pages: Mapping[str, str], folder: Path) -> int:
    """
    Write *pages* below *folder*, each by one rename and only where it differs; drop drug pages no longer there.

    Returns:
        How many files changed.

    Raises:
        HomeError: The folder cannot be written.
    """
    try:
        changed = sum(_write(folder / name, text) for name, text in pages.items())
        for old in (folder / "drugs").glob("*.html"):
            if f"drugs/{old.name}" not in pages:
                old.unlink()
                changed += 1
    except OSError as error:
        raise HomeError(f"{folder} cannot be written: {error.strerror}. The old pages stay.") from error
    return changed


def _write(path: Path, text: str) -> bool:
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
    return True
