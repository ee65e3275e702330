"""``her2lit why PMID``: which search brought a record and what became of it, or why it is not here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from her2lit.cli import CliContext

if TYPE_CHECKING:
    from her2lit.home import Home

_VERSIONS = """
SELECT title, created_date, status, seen_from, seen_to, content_sha256
FROM main.article_versions WHERE pmid = ? ORDER BY seen_from
"""
_HITS = """
SELECT runs.label, search_hits.strategy, search_hits.arm
FROM main.search_hits INNER JOIN main.runs USING (run_id)
WHERE search_hits.pmid = ? ORDER BY ALL
"""
_EVENTS = "SELECT run_label, event_type FROM main.evidence_events WHERE pmid = ? GROUP BY ALL ORDER BY ALL"
_ABSENCES = "SELECT label, utilities, returned_at FROM main.absences WHERE pmid = ? ORDER BY label"
_LOST_MATCHES = "SELECT lost_at, regained_at FROM main.lost_matches WHERE pmid = ? ORDER BY lost_at"
_DAYS_SEARCHED = """
SELECT min(window_since), max(window_until) FROM main.search_runs
WHERE arm IN ('crdt', 'covered') AND outcome = 'clean' AND ? > 0
"""
_DRUGS = """
SELECT drug_id, any_value(role), any_value(decided_by) FROM out.new_evidence
WHERE pmid = ? AND drug_id IS NOT NULL GROUP BY drug_id ORDER BY drug_id
"""
_JUDGED = "SELECT design, is_on_topic FROM out.new_evidence WHERE pmid = ? LIMIT 1"
_REJECTS = "SELECT run_id, reason FROM main.rejects WHERE pmid = ? ORDER BY ALL"
_DIGESTS = """
SELECT digests.subject, digest_items.section
FROM main.digest_items INNER JOIN main.digests USING (digest_id)
WHERE digest_items.pmid = ? ORDER BY ALL
"""
_TIMEOUT_S = 30.0


@click.command()
@click.argument("pmid", type=click.IntRange(min=1))
@click.option("--ask", is_flag=True, help="Also ask PubMed which strategies match it today (needs HER2LIT_EMAIL).")
@click.pass_obj
def command(context: CliContext, pmid: int, ask: bool) -> int:
    """
    Say why a record is in the warehouse, or why it is not.

    Shows every night and search that matched it, what was said of it, which digests named it; for a record that is
    not there, whether it was rejected as unreadable and, with --ask, which strategies match it in PubMed today.

    \b
    Examples:
      her2lit why 34091830
      HER2LIT_EMAIL=you@hospital.org her2lit why 33961795 --ask
    """
    from her2lit.home import open_home

    home = open_home(context.home, create=False)
    for line in explain(home.published_database, pmid):
        click.echo(line)
    if ask:
        for line in ask_pubmed(home, pmid):
            click.echo(line)
    return 0


def explain(database: Path, pmid: int) -> list[str]:
    """Return, line by line, what the published snapshot knows of *pmid*."""
    versions = _rows(database, _VERSIONS, pmid)
    rejects = [f"  unreadable in run {run_id}: {reason}" for run_id, reason in _rows(database, _REJECTS, pmid)]
    hits = _rows(database, _HITS, pmid)
    if not versions:
        found = f"PMID {pmid} is not in the warehouse."
        if rejects:
            return [found, *rejects]
        if hits:
            return [
                found,
                "  A search found it, but PubMed did not hand it out. It is asked for again as long as a search lists it.",
            ]
        return [
            found,
            "  No search of any night matched it: it lies outside the harvest strategy, or outside the days searched.",
            *_days_searched(database, pmid),
            "  --ask tells which strategies match it in PubMed today.",
        ]
    title, created_date, status, seen_from, seen_to, _ = versions[-1]
    lines = [f"PMID {pmid}: {title}", f"  created {created_date}, status {status}, {len(versions)} version(s) seen"]
    lines.append(f"  first loaded by the run that began {versions[0][3]} UTC; current version since {seen_from} UTC")
    lines += _searches(hits) + rejects
    if seen_to is not None and all(version[4] is not None for version in versions):
        lines.append(f"  deleted from PubMed: confirmed by the run that began {seen_to} UTC")
    lines += _comparisons(database, pmid)
    lines += [f"  night {label}: {event}" for label, event in _rows(database, _EVENTS, pmid)]
    lines += [f"  drug {drug} as {role} (by {by})" for drug, role, by in _rows(database, _DRUGS, pmid)] or [
        "  names no drug of the lexicon"
    ]
    for design, is_on_topic in _rows(database, _JUDGED, pmid):
        lines.append(f"  design {design}; {'on topic' if is_on_topic else 'off topic: counted in digests, not shown'}")
    lines += [f"  shown in digest {subject!r} under {section}" for subject, section in _rows(database, _DIGESTS, pmid)]
    return lines


def _searches(hits: list[tuple[Any, ...]]) -> list[str]:
    arms = sorted(
        {
            f"reconciliation of {label}" if arm == "covered" else f"[{arm}] on {label}"
            for label, _, arm in hits
            if arm != "provenance"
        }
    )
    keywords = sorted({strategy for _, strategy, arm in hits if arm == "provenance"})
    lines = [f"  found by the harvest strategy: {', '.join(arms)}"] if arms else []
    return lines + ([f"  matched by: {', '.join(keywords)}"] if keywords else [])


def _days_searched(database: Path, pmid: int) -> list[str]:
    [(since, until)] = _rows(database, _DAYS_SEARCHED, pmid)
    return [f"  Created dates searched so far: {since} to {until}, exclusive."] if since else []


def _comparisons(database: Path, pmid: int) -> list[str]:
    """Return what reconciliations and nights noted of a record that stayed away or is no longer matched."""
    lines = []
    for label, utilities, returned_at in _rows(database, _ABSENCES, pmid):
        back = f", back at {returned_at} UTC" if returned_at else ""
        lines.append(f"  absent from PubMed on {label} according to {' and '.join(utilities)}{back}")
    for lost_at, regained_at in _rows(database, _LOST_MATCHES, pmid):
        again = f" until {regained_at} UTC" if regained_at else "; it is there, but edited"
        lines.append(f"  no longer matched by the harvest strategy since {lost_at} UTC{again}")
    return lines


def ask_pubmed(home: Home, pmid: int) -> list[str]:
    """Return which strategies PubMed matches with *pmid* today."""
    from her2lit.clock import SystemClock
    from her2lit.pubmed.client import EutilsClient
    from her2lit.pubmed.search import search_provenance
    from her2lit.settings import eutils_settings
    from her2lit.topic.topic import load_topic

    strategies = load_topic().strategies
    with EutilsClient(eutils_settings(os.environ), SystemClock()) as client:
        result = search_provenance(client, strategies, (pmid,))
    matched = {hit.strategy for hit in result.search_hits}
    lines = [f"In PubMed today ({home.root.name}'s strategies):"]
    lines += [f"  {'matches' if s.name in matched else 'no match'}  {s.name}: {s.title}" for s in strategies]
    failed = [
        f"  could not be asked: {run.strategy}: {run.reason}" for run in result.search_runs if run.outcome != "clean"
    ]
    return lines + failed


def _rows(database: Path, sql: str, pmid: int) -> list[tuple[Any, ...]]:
    from warehouse.query import run_query

    return list(run_query(database, sql, timeout_s=_TIMEOUT_S, parameters=(pmid,)).rows)
