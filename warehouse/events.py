"""What counts as news: events decided by comparing a record before and after a load (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

#: A record that NCBI added within so many days before the run counts as having appeared.
NEW_FOR_DAYS = 30
#: Statements by the other end: RefTypes that a notice carries about the record it names.
NOTICE_REF_TYPES = frozenset(
    {
        "RetractionOf",
        "RetractedandRepublishedFrom",
        "ExpressionOfConcernFor",
        "ErratumFor",
        "CorrectedandRepublishedFrom",
    }
)
#: Not a notice but a publication type on the retracted record itself.
RETRACTED_TYPE = "Retracted Publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One statement that a record was retracted, questioned or corrected; a row of core.integrity_marks_as_of."""

    #: "retracted", "concern" or "corrected"
    mark: str
    #: True when the record itself says so, False when a notice does
    is_own_end: bool
    ref_type: str
    notice_pmid: int | None
    notice_source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """The current version of a record, as far as events need it."""

    version_id: int
    content_sha256: str
    #: Field -> hash
    fields: Mapping[str, str]
    n_mesh_headings: int
    created_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordState:
    """A PMID at one moment."""

    #: Any version was ever held
    is_known: bool
    #: The current version; None when never seen, or deleted
    version: VersionState | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change worth telling; a row of evidence_events without its keys."""

    event_type: str
    pmid: int
    version_id: int | None
    changed_fields: tuple[str, ...] = ()
    notice_pmid: int | None = None
    notice_source: str | None = None
    ref_type: str | None = None


@dataclass(frozen=True, slots=True)
class _Notices:
    """The notices behind marks of one kind, each once although both ends may report it."""

    #: PMID of the notice -> the mark that names it, the record's own first
    named: dict[int, Mark] = field(default_factory=dict)
    #: Source text -> mark; the record names a notice that has no PMID yet
    unnamed: dict[str, Mark] = field(default_factory=dict)
    n_named_by_record: int = 0

    @property
    def count(self) -> int:
        """Return how many notices there are; one without a PMID may be one that only names us from its end."""
        return len(self.named) + max(0, len(self.unnamed) - (len(self.named) - self.n_named_by_record))


def decide_events(
    pmid: int, before: RecordState, after: RecordState, *, label: date, is_history: bool
) -> tuple[Event, ...]:
    """
    Return what happened to *pmid* between *before* and *after*; nothing when they say the same.

    Args:
        label: The night.
        is_history: What is new here, and not newly created, is history and no news.
    """
    if after.version is None:
        if before.version is None:
            return ()
        return (Event(event_type="deleted", pmid=pmid, version_id=before.version.version_id),)
    if before.version is None:
        arrival = _arrival(before, after.version, label=label, is_history=is_history)
        first = Event(event_type=arrival, pmid=pmid, version_id=after.version.version_id)
        # A notice may have been here before its record: that is news only now.
        return (first,) if arrival == "loaded" else (first, *_integrity(pmid, RecordState(is_known=False), after))
    return (*_revision(pmid, before.version, after.version), *_integrity(pmid, before, after))


def _arrival(before: RecordState, version: VersionState, *, label: date, is_history: bool) -> str:
    if before.is_known:
        return "reappeared"
    if version.created_date is not None and version.created_date >= label - timedelta(days=NEW_FOR_DAYS):
        return "appeared"
    return "loaded" if is_history else "late_arrival"


def _revision(pmid: int, before: VersionState, after: VersionState) -> tuple[Event, ...]:
    if before.content_sha256 == after.content_sha256:
        return ()
    changed = tuple(
        sorted(name for name in {*before.fields, *after.fields} if before.fields.get(name) != after.fields.get(name))
    )
    events = [Event(event_type="revised", pmid=pmid, version_id=after.version_id, changed_fields=changed)]
    if before.n_mesh_headings == 0 and after.n_mesh_headings > 0:
        events.append(Event(event_type="indexed", pmid=pmid, version_id=after.version_id))
    return tuple(events)


def _integrity(pmid: int, before: RecordState, after: RecordState) -> tuple[Event, ...]:
    version_id = after.version.version_id if after.version else None
    events = []
    for mark in ("corrected", "concern"):
        for witness in _new_notices(_notices(before.marks, mark), _notices(after.marks, mark)):
            events.append(_told(mark, pmid, version_id, witness))  # noqa: PERF401 - reads better than nesting
    was_retracted, is_retracted = (any(m.mark == "retracted" for m in state.marks) for state in (before, after))
    if is_retracted and not was_retracted:
        witness = min((m for m in after.marks if m.mark == "retracted"), key=_witness_order)
        events.append(_told("retracted", pmid, version_id, witness))
    if was_retracted and not is_retracted:
        events.append(Event(event_type="reinstated", pmid=pmid, version_id=version_id))
    return tuple(events)


def _told(event_type: str, pmid: int, version_id: int | None, witness: Mark) -> Event:
    return Event(
        event_type=event_type,
        pmid=pmid,
        version_id=version_id,
        notice_pmid=witness.notice_pmid,
        notice_source=witness.notice_source,
        ref_type=witness.ref_type,
    )


def _witness_order(mark: Mark) -> tuple[bool, bool, bool, int, str]:
    """The best witness names the notice's PMID, then its source; a bare publication type comes last."""
    return (
        mark.notice_pmid is None,
        mark.ref_type == RETRACTED_TYPE,
        not mark.is_own_end,
        mark.notice_pmid or 0,
        mark.notice_source or "",
    )


def _notices(marks: Iterable[Mark], kind: str) -> _Notices:
    notices = _Notices()
    own = set()
    for mark in sorted((m for m in marks if m.mark == kind), key=_witness_order):
        if mark.notice_pmid is not None:
            notices.named.setdefault(mark.notice_pmid, mark)
            if mark.is_own_end:
                own.add(mark.notice_pmid)
        else:
            notices.unnamed.setdefault(mark.notice_source or "", mark)
    return _Notices(named=notices.named, unnamed=notices.unnamed, n_named_by_record=len(own))


def _new_notices(before: _Notices, after: _Notices) -> list[Mark]:
    """Return one mark for each notice more than before: a notice that only gains its PMID is not new."""
    fresh = [mark for key, mark in after.named.items() if key not in before.named]
    fresh += [mark for key, mark in after.unnamed.items() if key not in before.unnamed]
    return fresh[: max(0, after.count - before.count)]
