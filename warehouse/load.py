"""
Load one night into the warehouse: one transaction, nothing twice.

Content that is already held changes nothing. New content becomes a new row of article_versions
with its child rows; the row it replaces is closed (seen_to). A judgement is stored once per
version and rule version. Events are decided by comparing each record before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from her2lit.records import Annotation, LoadReport, NightLoad, ParsedArticle
from warehouse.absences import record_absences, record_comparison
from warehouse.arrow import arrow_table, insert_rows, one_row, registered, utc
from warehouse.connection import translate
from warehouse.dimensions import load_drugs, load_strategies, load_trials
from warehouse.events import (
    NOTICE_REF_TYPES,
    Event,
    Mark,
    RecordState,
    VersionState,
    decide_events,
)
from warehouse.ledger import record_night
from warehouse.pins import record_pins
from warehouse.postings import index_records
from warehouse.rows import (
    ANNOTATION_TABLES,
    ARTICLE_TABLES,
    EVIDENCE_COLUMNS,
    VERSION_COLUMNS,
    annotation_sha256,
    evidence_row,
    version_row,
)
from warehouse.transaction import transaction

__all__ = ["load_drugs", "load_night", "load_strategies", "load_trials"]

#: A record version is addressed by (pmid, pmid_version).
Key = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVersion:
    """The newest row of article_versions for one (pmid, pmid_version)."""

    version_id: int
    content_sha256: str
    is_current: bool
    date_revised: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A row to be added to article_versions."""

    version_id: int
    parsed: ParsedArticle
    #: False when a higher PMID version is already held: stored, never shown
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPlan:
    """What a load does to article_versions."""

    new: tuple[NewVersion, ...]
    #: version_ids whose row ends now: replaced or deleted
    closed: tuple[int, ...]
    #: (version_id, date_revised): same content, revised later
    revised_dates: tuple[tuple[int, date | None], ...]


def load_night(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> LoadReport:
    """
    Load *night* in one transaction and return what it changed; the same night again changes nothing.

    Raises:
        WarehouseError: DuckDB could not store it; the warehouse is as before.
    """
    try:
        with transaction(connection):
            report = _load(connection, night)
    except duckdb.Error as error:
        raise translate(error, None) from error
    return report


# ---------------------------------------------------------------------------------------------
# One transaction
# ---------------------------------------------------------------------------------------------


def _load(connection: duckdb.DuckDBPyConnection, night: NightLoad) -> LoadReport:
    articles = {(p.article.pmid, p.article.pmid_version): p for p in night.articles}
    annotations = {(a.pmid, a.pmid_version): a for a in night.annotations}
    gone = record_absences(connection, night)
    watched = {pmid for pmid, _ in (*articles, *annotations)} | {d.pmid for d in night.deletions} | gone
    held = read_held(connection, watched)
    deleted = {(d.pmid, d.pmid_version) for d in night.deletions} - set(articles)
    deleted |= {key for key, row in held.items() if key[0] in gone and row.is_current}
    plan = plan_versions(held, articles, deleted, next_id=_next_id(connection, "article_versions", "version_id"))
    watched |= _named_by_notices(connection, plan)
    before = read_states(connection, watched)
    _apply_versions(connection, night, plan)
    index_records(connection, {*(new.parsed.article.pmid for new in plan.new), *(pmid for pmid, _ in deleted)})
    version_ids = {key: row.version_id for key, row in held.items()}
    version_ids |= {(new.parsed.article.pmid, new.parsed.article.pmid_version): new.version_id for new in plan.new}
    n_reannotated = _apply_annotations(connection, night, annotations, version_ids)
    # The same questions asked again: what differs is what happened.
    after = read_states(connection, watched)
    events = tuple(
        event
        for pmid in sorted(watched)
        for event in decide_events(pmid, before[pmid], after[pmid], label=night.label, is_history=night.is_history)
    )
    _insert_events(connection, night, events)
    record_night(connection, night)
    record_pins(connection, night)
    record_comparison(connection, night)
    return _report(len(articles), plan, before, events, n_reannotated)


def _report(
    n_articles: int, plan: VersionPlan, before: dict[int, RecordState], events: tuple[Event, ...], n_reannotated: int
) -> LoadReport:
    changed = {new.parsed.article.pmid for new in plan.new}
    n_new = sum(not before[pmid].is_known for pmid in changed)
    return LoadReport(
        n_articles=n_articles,
        n_new=n_new,
        n_revised=len(changed) - n_new,
        n_unchanged=n_articles - len(plan.new),
        n_reannotated=n_reannotated,
        events=tuple(sorted(Counter(event.event_type for event in events).items())),
    )


def _next_id(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    row = one_row(connection, f"SELECT coalesce(max({column}), 0) + 1 FROM main.{table}")
    return int(row[0]) if row else 1


def read_held(connection: duckdb.DuckDBPyConnection, pmids: Iterable[int]) -> dict[Key, HeldVersion]:
    """Return the newest row held for each (pmid, pmid_version) of *pmids*."""
    with registered(connection, "asked", arrow_table(("pmid",), {"pmid": "BIGINT"}, [(pmid,) for pmid in pmids])):
        rows = connection.execute(
            "SELECT v.pmid, v.pmid_version, v.version_id, v.content_sha256, v.seen_to IS NULL, v.date_revised"
            " FROM main.article_versions AS v SEMI JOIN asked ON v.pmid = asked.pmid ORDER BY v.version_id"
        ).fetchall()
    return {
        (pmid, pmid_version): HeldVersion(
            version_id=version_id, content_sha256=content_sha256, is_current=is_current, date_revised=date_revised
        )
        for pmid, pmid_version, version_id, content_sha256, is_current, date_revised in rows
    }


def plan_versions(
    held: dict[Key, HeldVersion], articles: dict[Key, ParsedArticle], deleted: set[Key], *, next_id: int
) -> VersionPlan:
    """
    Decide which contents are new, which rows end, and where only the date of revision moved.

    The highest PMID version of a record is its current one; a lower one that arrives later is kept
    but never shown. A deleted record has no current row, so its return counts as new content.
    """
    current = {pmid: (version, row.version_id) for (pmid, version), row in held.items() if row.is_current}
    highest = {pmid: version for pmid, version in sorted(articles)}  # noqa: C416 - the last of each PMID wins
    new: list[NewVersion] = []
    closed: list[int] = []
    revised_dates: list[tuple[int, date | None]] = []
    for (pmid, pmid_version), parsed in sorted(articles.items()):
        row = held.get((pmid, pmid_version))
        shown_version, shown_id = current.get(pmid, (0, None))
        if row is not None and row.content_sha256 == parsed.fingerprint.content_sha256 and shown_id is not None:
            if row.date_revised != parsed.article.date_revised:
                revised_dates.append((row.version_id, parsed.article.date_revised))
            continue
        is_current = pmid_version >= max(shown_version, highest[pmid])
        if is_current and shown_id is not None:
            closed.append(shown_id)
        new.append(NewVersion(version_id=next_id + len(new), parsed=parsed, is_current=is_current))
    closed += [row.version_id for key, row in held.items() if key in deleted and row.is_current]
    return VersionPlan(new=tuple(new), closed=tuple(sorted(closed)), revised_dates=tuple(revised_dates))


def _apply_versions(connection: duckdb.DuckDBPyConnection, night: NightLoad, plan: VersionPlan) -> None:
    _close(connection, "article_versions", plan.closed, key="version_id", column="seen_to", at=utc(night.started_at))
    types = {"version_id": "BIGINT", "date_revised": "DATE"}
    if plan.revised_dates:
        with registered(connection, "dated", arrow_table(tuple(types), types, plan.revised_dates)):
            connection.execute(
                "UPDATE main.article_versions SET date_revised = dated.date_revised FROM dated"
                " WHERE article_versions.version_id = dated.version_id"
            )
    insert_rows(
        connection,
        "article_versions",
        ("version_id", "seen_from", "seen_to", "run_id", *VERSION_COLUMNS),
        [
            (
                new.version_id,
                utc(night.started_at),
                None if new.is_current else utc(night.started_at),
                night.run_id,
                *version_row(new.parsed),
            )
            for new in plan.new
        ],
    )
    for table in ARTICLE_TABLES:
        rows = [
            (new.version_id, new.parsed.article.pmid, *row)
            for new in plan.new
            for row in table.rows(new.parsed.article)
        ]
        insert_rows(connection, table.name, ("version_id", "pmid", *table.columns), rows)


def _close(
    connection: duckdb.DuckDBPyConnection, table: str, ids: Sequence[int], *, key: str, column: str, at: datetime
) -> None:
    """Set *column* of the rows of *table* whose *key* is among *ids* to *at*."""
    if not ids:
        return
    with registered(connection, "ended", arrow_table(("id",), {"id": "BIGINT"}, [(i,) for i in ids])):
        connection.execute(
            f"UPDATE main.{table} SET {column} = ? FROM ended WHERE {table}.{key} = ended.id",
            [at],
        )


# ---------------------------------------------------------------------------------------------
# Judgements
# ---------------------------------------------------------------------------------------------


def _apply_annotations(
    connection: duckdb.DuckDBPyConnection,
    night: NightLoad,
    annotations: dict[Key, Annotation],
    version_ids: dict[Key, int],
) -> int:
    """Store each judgement that differs from the one its version has; return how many replaced one."""
    judged = {version_ids[key]: annotation for key, annotation in sorted(annotations.items()) if key in version_ids}
    standing = _standing_judgements(connection, judged)
    changed = {
        version_id: annotation
        for version_id, annotation in judged.items()
        if standing.get(version_id, (0, "", ""))[1:] != (annotation.rule_version, annotation_sha256(annotation))
    }
    replaced = [standing[version_id][0] for version_id in changed if version_id in standing]
    _close(
        connection, "article_evidence", replaced, key="annotation_id", column="superseded_at", at=utc(night.started_at)
    )
    next_id = _next_id(connection, "article_evidence", "annotation_id")
    keyed = [
        (annotation_id, version_id, annotation)
        for annotation_id, (version_id, annotation) in enumerate(changed.items(), start=next_id)
    ]
    insert_rows(
        connection,
        "article_evidence",
        ("annotation_id", "version_id", "annotated_at", "run_id", *EVIDENCE_COLUMNS),
        [
            (number, version_id, utc(night.started_at), night.run_id, *evidence_row(a))
            for number, version_id, a in keyed
        ],
    )
    for table in ANNOTATION_TABLES:
        rows = [(number, version_id, a.pmid, *row) for number, version_id, a in keyed for row in table.rows(a)]
        insert_rows(connection, table.name, ("annotation_id", "version_id", "pmid", *table.columns), rows)
    return len(replaced)


def _standing_judgements(
    connection: duckdb.DuckDBPyConnection, version_ids: Iterable[int]
) -> dict[int, tuple[int, str, str]]:
    """Return version_id -> (annotation_id, rule_version, annotation_sha256) of the judgements that hold."""
    with registered(connection, "asked", arrow_table(("id",), {"id": "BIGINT"}, [(i,) for i in version_ids])):
        rows = connection.execute(
            "SELECT e.version_id, e.annotation_id, e.rule_version, e.annotation_sha256"
            " FROM main.article_evidence AS e SEMI JOIN asked ON e.version_id = asked.id WHERE e.superseded_at IS NULL"
        ).fetchall()
    return {version_id: (number, rule_version, sha256) for version_id, number, rule_version, sha256 in rows}


# ---------------------------------------------------------------------------------------------
# Before and after
# ---------------------------------------------------------------------------------------------


def _named_by_notices(connection: duckdb.DuckDBPyConnection, plan: VersionPlan) -> set[int]:
    """Return the PMIDs that notices name, in contents that arrive or end with *plan*."""
    arriving = {
        c.pmid
        for new in plan.new
        for c in new.parsed.article.comments_corrections
        if c.ref_type in NOTICE_REF_TYPES and c.pmid is not None
    }
    if not plan.closed:
        return arriving
    with registered(connection, "asked", arrow_table(("id",), {"id": "BIGINT"}, [(i,) for i in plan.closed])):
        rows = connection.execute(
            "SELECT DISTINCT c.ref_pmid FROM main.comments_corrections AS c SEMI JOIN asked ON c.version_id = asked.id"
            " WHERE c.ref_pmid IS NOT NULL AND list_contains(?, c.ref_type)",
            [sorted(NOTICE_REF_TYPES)],
        ).fetchall()
    return arriving | {pmid for (pmid,) in rows}


def read_states(connection: duckdb.DuckDBPyConnection, pmids: Iterable[int]) -> dict[int, RecordState]:
    """Return how each of *pmids* stands now: its current version and what is said about its integrity."""
    asked = sorted(pmids)
    if not asked:
        return {}
    with registered(connection, "asked", arrow_table(("pmid",), {"pmid": "BIGINT"}, [(pmid,) for pmid in asked])):
        known = connection.execute(
            "SELECT DISTINCT v.pmid FROM main.article_versions AS v SEMI JOIN asked ON v.pmid = asked.pmid"
        ).fetchall()
        versions = connection.execute(
            "WITH current_versions AS ("
            " SELECT v.* FROM main.article_versions AS v SEMI JOIN asked ON v.pmid = asked.pmid WHERE v.seen_to IS NULL),"
            " headings AS (SELECT m.version_id, count(*) AS n FROM main.mesh_headings AS m"
            " SEMI JOIN current_versions AS v ON m.version_id = v.version_id GROUP BY m.version_id)"
            " SELECT v.pmid, v.version_id, v.content_sha256, v.field_hashes, coalesce(h.n, 0), v.created_date"
            " FROM current_versions AS v LEFT JOIN headings AS h ON v.version_id = h.version_id"
        ).fetchall()
        marks = connection.execute(
            "SELECT m.pmid, m.mark, m.is_own_end, m.ref_type, m.notice_pmid, m.notice_source"
            " FROM core.integrity_marks_as_of(TIMESTAMP 'infinity') AS m SEMI JOIN asked ON m.pmid = asked.pmid"
        ).fetchall()
    states = {pmid: VersionState(version_id=i, content_sha256=sha, fields=fields, n_mesh_headings=n, created_date=created)
              for pmid, i, sha, fields, n, created in versions}  # fmt: skip
    said: dict[int, list[Mark]] = {}
    for pmid, mark, is_own_end, ref_type, notice_pmid, notice_source in marks:
        said.setdefault(pmid, []).append(
            Mark(
                mark=mark,
                is_own_end=is_own_end,
                ref_type=ref_type,
                notice_pmid=notice_pmid,
                notice_source=notice_source,
            )
        )
    is_known = {pmid for (pmid,) in known}
    return {
        pmid: RecordState(is_known=pmid in is_known, version=states.get(pmid), marks=tuple(said.get(pmid, ())))
        for pmid in asked
    }


def _insert_events(connection: duckdb.DuckDBPyConnection, night: NightLoad, events: tuple[Event, ...]) -> None:
    next_id = _next_id(connection, "evidence_events", "event_id")
    insert_rows(
        connection,
        "evidence_events",
        ("event_id", "event_type", "pmid", "version_id", "run_id", "run_label", "event_at",
         "changed_fields", "notice_pmid", "notice_source", "ref_type"),
        [
            (number, e.event_type, e.pmid, e.version_id, night.run_id, night.label, utc(night.started_at),
             list(e.changed_fields), e.notice_pmid, e.notice_source, e.ref_type)
            for number, e in enumerate(events, start=next_id)
        ],
    )  # fmt: skip
