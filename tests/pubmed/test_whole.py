"""The whole set of a strategy: windows that must add up, counts that fall, records that are not there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pytest
from scripted import ScriptedService, client_for, in_turn, search_xml, translated

from her2lit.pubmed.replies import SummaryReply, find_trouble, read_summaries
from her2lit.pubmed.whole import ask_absent, search_whole, weigh
from her2lit.records import Window

TODAY = date(2021, 6, 8)
DAYS = Window(since=date(2021, 5, 1), until=date(2021, 6, 1))


@dataclass(frozen=True)
class Made:
    """A strategy."""

    name: str = "harvest"
    text: str = "HER2[tiab] OR ERBB2[tiab]"
    sha256: str = "0" * 64


def by_window(windows, *, whole):
    """Answer each window with the PMIDs given for its first day, and the term without dates with *whole* counts in turn."""
    counts = iter(whole)

    def answer(asked):
        term = asked.form["term"]
        if "[crdt]" not in term:
            return search_xml([], count=next(counts), translation=term)
        [pmids] = [pmids for first, pmids in windows.items() if f'("{first}"' in term]
        return search_xml(pmids, translation=translated(term))

    return answer


def searched(windows, *, whole, days=DAYS):
    with ScriptedService(by_window(windows, whole=whole)) as service, client_for(service) as client:
        counted = weigh(client, Made(), before=None)
        return search_whole(client, Made(), days, today=TODAY, whole=counted), service.requests


PARTS = {"1900/01/01": (1, 2), "2021/05/01": (3, 4, 5), "2021/06/01": (6,)}


def test_the_whole_is_searched_in_the_days_watched_and_around_them():
    found, requests = searched(PARTS, whole=[6])

    assert (found.older, found.covered, found.coming, found.is_whole) == ((1, 2), (3, 4, 5), (6,), True)
    assert found.pmids == {1, 2, 3, 4, 5, 6}
    assert [(run.arm, run.window.since, run.window.until) for run in found.search_runs] == [
        ("outside", date(1900, 1, 1), date(2021, 5, 1)),
        ("covered", date(2021, 5, 1), date(2021, 6, 1)),
        ("outside", date(2021, 6, 1), date(2021, 6, 10)),
    ]
    assert len(requests) == 4


def test_before_any_day_is_past_every_nights_reach_all_of_it_is_outside():
    found, _ = searched({"1900/01/01": (1, 2)}, whole=[2], days=None)

    assert (found.older, found.covered, found.coming, found.is_whole) == ((1, 2), (), (), True)


def test_days_watched_from_the_first_day_on_leave_nothing_before_them_to_search():
    days = Window(since=date(1900, 1, 1), until=date(2021, 6, 1))

    found, _ = searched({"1900/01/01": (1, 2, 3), "2021/06/01": (6,)}, whole=[4], days=days)

    assert (found.older, found.covered, found.coming, found.is_whole) == ((), (1, 2, 3), (6,), True)
    assert [run.arm for run in found.search_runs] == ["covered", "outside"]


def test_a_sum_that_is_off_is_asked_again_because_pubmed_may_have_changed_meanwhile():
    found, requests = searched(PARTS, whole=[7, 6])

    assert (found.is_whole, found.search_runs[-1].arm, found.search_runs[-1].outcome) == (True, "whole", "clean")
    assert len(requests) == 5


def test_a_sum_that_stays_off_proves_nothing_about_what_is_missing():
    found, _ = searched(PARTS, whole=[7, 7])

    assert not found.is_whole
    assert found.search_runs[-1].reason.startswith("created dates hold 6 records, the strategy without dates 7:")


@pytest.mark.case("48")
def test_a_whole_of_25000_is_partitioned_below_the_cap_and_sums_exactly():
    """Windows are halved by dates until ESearch can list each of them."""
    created = {pmid: date.fromordinal(date(2000, 1, 1).toordinal() + pmid % 7_000) for pmid in range(1, 25_001)}

    def answer(asked):
        days = re.findall(r'"(\d{4})/(\d\d)/(\d\d)"\[crdt\]', asked.form["term"])
        if not days:
            return search_xml([], count=len(created), translation=asked.form["term"])
        first, last = (date(*map(int, day)) for day in days)
        hits = sorted((pmid for pmid, day in created.items() if first <= day <= last), reverse=True)
        return search_xml(hits[:9_999], count=len(hits), translation=translated(asked.form["term"]))

    with ScriptedService(answer) as service, client_for(service) as client:
        counted = weigh(client, Made(), before=None)
        found = search_whole(client, Made(), None, today=TODAY, whole=counted)

    assert found.is_whole
    assert found.pmids == frozenset(created)


@pytest.mark.case("41")
def test_a_count_that_fell_is_held_and_says_from_where_to_where():
    with ScriptedService(in_turn(search_xml([], count=790))) as service, client_for(service) as client:
        run = weigh(client, Made(), before=1_000)

    assert (run.outcome, run.count, run.arm) == ("held", 790, "whole")
    assert "fell from 1,000 to 790; no record is taken for deleted" in run.reason


def test_a_zero_of_the_whole_strategy_is_asked_twice():
    with ScriptedService(in_turn(search_xml([]), search_xml([], count=3))) as service, client_for(service) as client:
        run = weigh(client, Made(), before=3)

    assert (run.outcome, run.count, run.n_requests) == ("clean", 3, 2)


def summaries(present, absent):
    documents = "".join(f"<DocSum><Id>{pmid}</Id></DocSum>" for pmid in present)
    errors = "".join(f"<ERROR>UID={pmid}: cannot get document summary</ERROR>" for pmid in absent)
    return f'<?xml version="1.0"?><eSummaryResult>{documents}{errors}</eSummaryResult>'


def test_only_a_record_that_esummary_calls_absent_is_absent():
    """7 is neither there nor called absent: silence is no answer."""
    with ScriptedService(in_turn(summaries([1], [2, 3]))) as service, client_for(service) as client:
        absent = ask_absent(client, [3, 1, 7, 2])

    assert absent == (2, 3)
    assert service.requests[0].form["id"] == "1,2,3,7"


def test_summaries_are_asked_for_200_at_a_time():
    with (
        ScriptedService(lambda asked: summaries([], asked.form["id"].split(","))) as service,
        client_for(service) as client,
    ):
        absent = ask_absent(client, range(1, 451))

    assert absent == tuple(range(1, 451))
    assert [len(asked.form["id"].split(",")) for asked in service.requests] == [200, 200, 50]


def test_an_error_for_one_record_is_an_answer_and_any_other_error_is_trouble():
    alone = summaries([], [9]).encode()
    refused = b"<eSummaryResult><ERROR>Neither query_key nor id specified</ERROR></eSummaryResult>"

    assert find_trouble(200, alone, root="eSummaryResult") is None
    assert read_summaries(alone) == SummaryReply(present=(), absent=(9,))
    assert find_trouble(200, refused, root="eSummaryResult") is not None


def test_recorded_summaries_are_read(shared):
    """Replies of ESummary as NCBI sent them: every DocSum is there, nothing is called absent."""
    recorded = [path.read_bytes() for path in sorted((shared / "data" / "eutils").glob("*eSummary_*.xml"))]
    recorded = [body for body in recorded if b"<DocSum>" in body]

    assert len(recorded) > 10
    for body in recorded:
        reply = read_summaries(body)
        assert (len(reply.present), reply.absent) == (body.count(b"<DocSum>"), ())
