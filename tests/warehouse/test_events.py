from datetime import date

import pytest

from warehouse.events import Event, Mark, RecordState, VersionState, decide_events

LABEL = date(2021, 6, 5)
NOTHING = RecordState(is_known=False)


def version(number=1, *, content="a", n_mesh=0, created=date(2021, 6, 3), **fields):
    return VersionState(
        version_id=number,
        content_sha256=content,
        fields=fields or {"title": content},
        n_mesh_headings=n_mesh,
        created_date=created,
    )


def held(*marks, **of):
    return RecordState(is_known=True, version=version(**of), marks=marks)


def mark(kind, *, own=True, pmid=None, source=None, ref_type="RetractionIn"):
    return Mark(mark=kind, is_own_end=own, ref_type=ref_type, notice_pmid=pmid, notice_source=source)


def decide(before, after, *, is_history=False):
    return decide_events(7, before, after, label=LABEL, is_history=is_history)


def types(events):
    return [event.event_type for event in events]


@pytest.mark.parametrize(
    ("created", "is_history", "expected"),
    [
        (date(2021, 6, 5), False, "appeared"),
        (date(2021, 5, 6), False, "appeared"),
        (date(2021, 5, 5), False, "late_arrival"),
        (None, False, "late_arrival"),
        (date(2021, 5, 5), True, "loaded"),
        (None, True, "loaded"),
        (date(2021, 6, 4), True, "appeared"),
    ],
)
def test_a_first_version_is_news_by_the_day_ncbi_added_it(created, is_history, expected):
    """
    Within 30 days it appeared, older is a late arrival, and older on a history load is only loaded.
    """
    events = decide(NOTHING, held(created=created), is_history=is_history)

    assert events == (Event(event_type=expected, pmid=7, version_id=1),)


def test_nothing_happens_to_a_record_that_says_the_same():
    assert decide(held(), held()) == ()
    assert decide(NOTHING, NOTHING) == ()


def test_a_revision_names_the_fields_that_changed():
    before = held(number=1, content="a", title="x", doi="d", status="Publisher")
    after = held(number=2, content="b", title="y", doi="d", authors="z")

    assert decide(before, after) == (
        Event(event_type="revised", pmid=7, version_id=2, changed_fields=("authors", "status", "title")),
    )


def test_mesh_where_there_was_none_is_an_indexing_beside_the_revision():
    events = decide(held(content="a"), held(number=2, content="b", n_mesh=4))

    assert types(events) == ["revised", "indexed"]


def test_more_mesh_than_before_is_no_indexing():
    assert types(decide(held(content="a", n_mesh=1), held(number=2, content="b", n_mesh=4))) == ["revised"]


def test_a_record_that_is_gone_was_deleted_and_one_that_returns_reappeared():
    gone = RecordState(is_known=True)

    assert decide(held(number=3), gone) == (Event(event_type="deleted", pmid=7, version_id=3),)
    assert decide(gone, held(number=4)) == (Event(event_type="reappeared", pmid=7, version_id=4),)
    assert decide(gone, gone) == ()


@pytest.mark.case("67", "67b")
@pytest.mark.parametrize(
    "witness",
    [
        mark("retracted", pmid=9, source="J Made Up. 2021"),
        mark("retracted", source="J Made Up. 2021"),
        mark("retracted"),
        mark("retracted", own=False, pmid=9, ref_type="RetractionOf"),
        mark("retracted", ref_type="Retracted Publication"),
    ],
)
def test_a_retraction_is_told_from_either_end_with_or_without_the_other_pmid(witness):
    assert decide(held(), held(witness)) == (
        Event(
            event_type="retracted",
            pmid=7,
            version_id=1,
            notice_pmid=witness.notice_pmid,
            notice_source=witness.notice_source,
            ref_type=witness.ref_type,
        ),
    )


def test_a_retraction_is_told_once_although_the_other_end_says_it_later():
    by_notice = mark("retracted", own=False, pmid=9, ref_type="RetractionOf")
    by_record = mark("retracted", pmid=9, source="J")
    by_type = mark("retracted", ref_type="Retracted Publication")

    assert decide(held(by_notice), held(by_notice, by_record, by_type)) == ()


def test_the_best_witness_of_a_retraction_names_the_notice():
    by_type = mark("retracted", ref_type="Retracted Publication")
    by_record = mark("retracted", pmid=9, source="J")

    [event] = decide(held(), held(by_type, by_record))

    assert (event.notice_pmid, event.notice_source, event.ref_type) == (9, "J", "RetractionIn")


def test_a_retraction_that_is_no_longer_said_is_a_reinstatement():
    assert decide(held(mark("retracted", pmid=9)), held()) == (Event(event_type="reinstated", pmid=7, version_id=1),)


def test_each_further_correction_is_told():
    first, second = (mark("corrected", pmid=pmid, ref_type="ErratumIn") for pmid in (8, 9))

    [event] = decide(held(first), held(first, second))

    assert (event.event_type, event.notice_pmid) == ("corrected", 9)


def test_a_correction_that_gains_its_pmid_is_not_told_again():
    unnamed = mark("corrected", source="J. 2021;1:2", ref_type="ErratumIn")
    named = mark("corrected", pmid=8, source="J. 2021;1:2", ref_type="ErratumIn")

    assert decide(held(unnamed), held(named)) == ()


def test_a_correction_without_a_pmid_and_its_notice_are_one():
    """
    The record names the erratum by its source only, then the erratum itself arrives.
    """
    unnamed = mark("corrected", source="J. 2021;1:2", ref_type="ErratumIn")
    notice = mark("corrected", own=False, pmid=8, ref_type="ErratumFor")

    assert decide(held(unnamed), held(unnamed, notice)) == ()


def test_a_second_notice_counts_although_the_record_names_only_the_first():
    first = mark("corrected", pmid=8, ref_type="ErratumIn")
    second = mark("corrected", own=False, pmid=9, ref_type="ErratumFor")

    assert types(decide(held(first), held(first, second))) == ["corrected"]


def test_concern_and_correction_and_retraction_are_told_apart():
    marks = (
        mark("retracted", pmid=3),
        mark("concern", pmid=2, ref_type="ExpressionOfConcernIn"),
        mark("corrected", pmid=1, ref_type="ErratumIn"),
    )

    assert types(decide(held(), held(*marks))) == ["corrected", "concern", "retracted"]


def test_a_record_that_arrives_retracted_is_told_as_such_but_not_when_it_is_history():
    arriving = held(mark("retracted", pmid=3), created=date(2020, 1, 1))

    assert types(decide(NOTHING, arriving)) == ["late_arrival", "retracted"]
    assert types(decide(NOTHING, arriving, is_history=True)) == ["loaded"]


def test_a_notice_that_was_here_before_its_record_is_told_when_the_record_arrives():
    notice = mark("retracted", own=False, pmid=9, ref_type="RetractionOf")
    before = RecordState(is_known=False, marks=(notice,))

    assert types(decide(before, held(notice))) == ["appeared", "retracted"]


def test_deleting_a_retracted_record_is_no_reinstatement():
    assert types(decide(held(mark("retracted", pmid=3)), RecordState(is_known=True))) == ["deleted"]
