"""Windows, arms, provenance and the watch: every answer is judged before it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pytest
from scripted import ScriptedService, client_for, error_xml, ids_of, in_turn, post_xml, search_xml, translated

from her2lit.errors import QueryError, WindowTooDense
from her2lit.pubmed.search import next_window, reach_back, search_arm, search_provenance, split_window
from her2lit.pubmed.watch import watch_known_set
from her2lit.records import SearchHit, Window

TODAY = date(2021, 6, 8)
WEEK = Window(since=date(2021, 6, 1), until=TODAY)


@dataclass(frozen=True)
class Made:
    """A strategy."""

    name: str = "harvest"
    text: str = "HER2[tiab] OR ERBB2[tiab]"
    sha256: str = "0" * 64


def answered(pmids=(), **more):
    """Return an answer that translates the term as PubMed does."""
    return lambda asked: search_xml(pmids, translation=translated(asked.form["term"]), **more)


def arm(answer, *, window=WEEK, strategy=None, **policy):
    with ScriptedService(answer) as service, client_for(service, **policy) as client:
        result = search_arm(client, strategy or Made(), "crdt", window)
    return result, service.requests


@pytest.mark.parametrize(
    ("watermark", "since", "days", "start"),
    [
        (None, None, None, date(2021, 5, 9)),
        (None, None, 7, date(2021, 6, 1)),
        (None, date(2021, 1, 1), 7, date(2021, 1, 1)),
        (TODAY, None, None, date(2021, 6, 1)),
        (date(2021, 6, 7), None, None, date(2021, 6, 1)),
        (date(2021, 4, 1), None, None, date(2021, 3, 29)),
        (date(2021, 6, 7), date(2021, 2, 1), None, date(2021, 2, 1)),
        (date(2030, 1, 1), None, None, date(2021, 6, 1)),
    ],
)
def test_the_next_window_reaches_back(watermark, since, days, start):
    """min(watermark - 3 days, today - 7 days); without a watermark --since, else 30 days."""
    assert next_window(watermark, TODAY, since=since, lookback_days=days) == Window(since=start, until=TODAY)


@pytest.mark.parametrize(
    ("watermark", "unfinished", "start"),
    [
        (None, None, date(2021, 6, 1)),
        (None, date(2015, 1, 1), date(2015, 1, 1)),
        (None, date(2021, 6, 2), date(2021, 6, 1)),
        (date(2021, 6, 7), date(2015, 1, 1), date(2015, 1, 1)),
        (date(2021, 6, 7), date(2021, 5, 31), date(2021, 6, 1)),
    ],
)
def test_days_that_a_run_did_not_get_whole_are_asked_for_again(watermark, unfinished, start):
    """The last one is an ordinary night that failed: the watermark reaches back far enough."""
    usual = Window(since=date(2021, 6, 1), until=TODAY)

    assert reach_back(usual, watermark, unfinished) == Window(since=start, until=TODAY)


def test_a_start_that_is_not_in_the_past_is_refused():
    with pytest.raises(QueryError, match="before today"):
        next_window(None, TODAY, since=TODAY)


@pytest.mark.parametrize(("days", "count"), [(2, 10_000), (7, 12_000), (30, 65_000), (365, 25_000)])
def test_parts_of_a_window_are_adjacent_and_cover_it(days, count):
    window = Window(since=TODAY - timedelta(days=days), until=TODAY)

    parts = split_window(window, count, 9_999)

    assert (parts[0].since, parts[-1].until) == (window.since, window.until)
    assert all(left.until == right.since for left, right in pairwise(parts))
    assert len(parts) == min(days, -(-count // 9_999))


def test_one_day_too_dense_is_named():
    with pytest.raises(WindowTooDense, match="2021-06-07 alone holds 10,000"):
        split_window(Window(since=date(2021, 6, 7), until=TODAY), 10_000, 9_999)


def test_an_arm_is_one_request():
    result, requests = arm(answered([3, 1, 2]))

    [run] = result.search_runs
    assert (result.pmids, result.is_clean, len(requests)) == ((1, 2, 3), True, 1)
    assert run.term == '(HER2[tiab] OR ERBB2[tiab]) AND ("2021/06/01"[crdt] : "2021/06/07"[crdt])'
    assert (run.outcome, run.count, run.window, run.arm, run.n_requests) == ("clean", 3, WEEK, "crdt", 1)


@pytest.mark.case("31")
def test_a_zero_is_asked_twice_and_then_believed():
    result, requests = arm(answered())

    assert (result.pmids, result.is_clean, len(requests)) == ((), True, 2)


@pytest.mark.case("31")
def test_a_zero_that_was_none_is_corrected():
    found = iter([(), (5,)])
    result, _ = arm(lambda asked: search_xml(next(found), translation=translated(asked.form["term"])))

    assert (result.pmids, result.is_clean) == ((5,), True)


BROKEN = {"warnings": (("QuotedPhraseNotFound", '"no such phrase"[mh]'), ("OutputMessage", "No items found."))}


@pytest.mark.case("32")
def test_a_zero_beside_a_dropped_phrase_is_held():
    result, _ = arm(answered(**BROKEN))

    [run] = result.search_runs
    assert (run.outcome, result.is_clean, run.warnings[0]) == (
        "held", False, 'QuotedPhraseNotFound: "no such phrase"[mh]'
    )  # fmt: skip


def test_such_a_zero_is_believed_when_the_strategy_without_dates_finds_records():
    """Then the window is empty, not the strategy broken: a new drug name must not hold every quiet night."""

    def answer(asked):
        if "[crdt]" in asked.form["term"]:
            return answered(**BROKEN)(asked)
        return search_xml([], count=900, warnings=BROKEN["warnings"][:1])

    result, requests = arm(answer)

    assert (result.search_runs[0].outcome, result.is_clean, len(requests)) == ("clean", True, 3)


@pytest.mark.case("33")
def test_a_phrase_dropped_inside_an_or_is_flagged_but_does_not_block():
    result, _ = arm(answered([5], warnings=BROKEN["warnings"][:1]))

    assert (result.is_clean, result.search_runs[0].warnings) == (
        True, ('QuotedPhraseNotFound: "no such phrase"[mh]',)
    )  # fmt: skip


@pytest.mark.case("38", "42", "43")
@pytest.mark.parametrize(
    "more",
    [
        {"warnings": (("OutputMessage", "Unknown sort schema 'date' ignored"),)},
        {"warnings": (("OutputMessage", "Restrictions achieved. start and count adjusted to 0, 9999"),)},
        {"errors": (("FieldNotFound", "foo"),)},
    ],
)
def test_a_message_that_changes_the_question_fails_the_search(more):
    result, _ = arm(answered([5], **more))

    assert (result.search_runs[0].outcome, result.is_clean) == ("failed", False)


@pytest.mark.case("11")
@pytest.mark.parametrize("translation", ["", '"her2"[Title/Abstract]', "2021/06/01:2021/06/07[Date - Entry]"])
def test_a_date_clause_that_pubmed_ignored_fails_the_search(translation):
    result, _ = arm(in_turn(search_xml([5], translation=translation)))

    assert (result.search_runs[0].outcome, result.is_clean) == ("failed", False)
    assert "did not understand the dates" in result.search_runs[0].reason


@pytest.mark.case("78")
def test_an_outage_is_an_outcome_not_an_exception():
    down = in_turn(error_xml("Search Backend failed: Database is not supported: pubmed"))
    result, _ = arm(down, max_attempts=2)

    [run] = result.search_runs
    assert (result.pmids, result.is_clean, run.outcome, run.count) == ((), False, "failed", None)
    assert "Database is not supported" in run.reason


def test_a_malformed_strategy_is_refused_before_anything_is_sent():
    with ScriptedService(answered()) as service, client_for(service) as client:
        with pytest.raises(QueryError):
            search_arm(client, Made(text="HER2[foo]"), "crdt", WEEK)

    assert service.requests == []


def dense(per_day):
    """Return a service with *per_day* records on each day, cut at 9,999 as PubMed does."""

    def answer(asked):
        term = asked.form["term"]
        first, last = (date(*map(int, part.strip('"').split("/"))) for part in _days(term))
        pmids = [day.toordinal() * 100_000 + n for day in _each(first, last) for n in range(per_day)]
        start, most = int(asked.form["retstart"]), min(int(asked.form["retmax"]), 9_999)
        return search_xml(pmids[start : start + most], count=len(pmids), translation=translated(term))

    return answer


def _days(term):
    clause = term.rsplit("(", 1)[1]
    return [part.split("[")[0] for part in clause.split(" : ")]


def _each(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.case("48")
def test_a_window_beyond_9999_is_searched_in_parts_that_sum_exactly():
    result, requests = arm(dense(3_500))

    assert (len(result.pmids), result.is_clean) == (24_500, True)
    assert [run.count for run in result.search_runs] == [24_500, 7_000, 7_000, 10_500, 3_500, 7_000]
    assert len(requests) == 6


@pytest.mark.case("47", "48")
def test_exactly_ten_thousand_is_split():
    """The trap: 9,999 ids come back and nothing says that one is lacking."""
    window = Window(since=date(2021, 6, 6), until=TODAY)

    result, _ = arm(dense(5_000), window=window)

    assert (len(result.pmids), result.is_clean) == (10_000, True)


@pytest.mark.case("48")
def test_one_day_beyond_the_cap_fails_with_its_reason():
    result, _ = arm(dense(10_000), window=Window(since=date(2021, 6, 7), until=TODAY))

    assert (result.is_clean, result.search_runs[0].outcome) == (False, "failed")
    assert "alone holds 10,000" in result.search_runs[0].reason


# -- provenance and the watch -----------------------------------------------------------------


def service_of(matches, *, lost=0, intersects=True):
    """Return a history service; *matches* maps a piece of a term to PMIDs, *lost* sessions expire first."""
    left = [lost]
    posted = set()

    def answer(asked):
        if asked.utility == "epost":
            posted.clear()
            posted.update(ids_of(asked))
            return post_xml()
        if left[0]:
            left[0] -= 1
            return error_xml("Unable to obtain query #1")
        found = {pmid for piece, pmids in matches.items() if piece in asked.form["term"] for pmid in pmids}
        if intersects:
            found &= posted
        return search_xml(sorted(found), translation=asked.form["term"], history=True)

    return answer


STRATEGIES = (Made("a", "alpha[tiab]"), Made("b", "beta[tiab]"), Made("c", "gamma[tiab]"))


def matched(answer, pmids=(1, 2, 3)):
    with ScriptedService(answer) as service, client_for(service) as client:
        return search_provenance(client, STRATEGIES, pmids), service.requests


def test_provenance_costs_one_post_one_search_each_and_one_to_confirm_the_zeros():
    result, requests = matched(service_of({"alpha": [1, 3], "beta": [2]}))

    assert result.search_hits == (
        SearchHit(strategy="a", arm="provenance", pmid=1),
        SearchHit(strategy="a", arm="provenance", pmid=3),
        SearchHit(strategy="b", arm="provenance", pmid=2),
    )
    assert result.is_clean
    assert [asked.utility for asked in requests] == ["epost"] + ["esearch"] * 4


def test_a_zero_of_provenance_that_was_none_is_corrected():
    honest = service_of({"gamma": [2]})
    n_gamma = [0]

    def answer(asked):
        if asked.form.get("term") == "#1 AND (gamma[tiab])":
            n_gamma[0] += 1
            if n_gamma[0] == 1:
                return search_xml([], history=True)
        return honest(asked)

    result, _ = matched(answer)

    assert [hit.pmid for hit in result.search_hits] == [2]


@pytest.mark.case("50")
@pytest.mark.parametrize(("lost", "is_clean"), [(1, True), (2, True), (20, False)])
def test_a_lost_session_is_posted_again_at_most_twice(lost, is_clean):
    result, requests = matched(service_of({"alpha": [1], "beta": [1], "gamma": [1]}, lost=lost))

    assert result.is_clean is is_clean
    assert len(requests) < 16


def test_a_search_that_did_not_intersect_is_not_believed():
    """``#1`` unresolved would file every paper of PubMed under the strategy."""
    result, _ = matched(service_of({"alpha": [1, 77]}, intersects=False))

    assert [run.outcome for run in result.search_runs] == ["failed", "clean", "clean"]
    assert (result.search_hits, result.is_clean) == ((), False)


def test_nothing_found_needs_no_provenance():
    result, requests = matched(service_of({}), pmids=())

    assert (result.search_runs, result.is_clean, requests) == ((), True, [])


def test_the_known_set_is_watched_kind_by_kind_with_one_post_per_5000():
    """A corrected paper that is then retracted must show again; the zeros are asked once more, together."""
    with ScriptedService(service_of({"hasretractionin": [2, 7_000], "haserratumin": [2]})) as service:
        with client_for(service) as client:
            result = watch_known_set(client, range(1, 10_001))

    assert result.pmids_by_kind == (("retraction", (2, 7_000)), ("concern", ()), ("correction", (2,)))
    assert result.is_clean
    assert {run.strategy for run in result.search_runs} == {
        "known-set-retraction", "known-set-concern", "known-set-correction",
    }  # fmt: skip
    assert [asked.utility for asked in service.requests] == ["epost", *["esearch"] * 4] * 2


def test_a_zero_of_the_watch_that_was_none_is_corrected():
    honest = service_of({"hasexpressionofconcernin": [2]})
    n_zeros = [1]

    def answer(asked):
        if asked.form.get("term") == "#1 AND (hasexpressionofconcernin)" and n_zeros.pop() if n_zeros else False:
            return search_xml([], history=True)
        return honest(asked)

    with ScriptedService(answer) as service, client_for(service) as client:
        result = watch_known_set(client, (1, 2, 3))

    assert dict(result.pmids_by_kind)["concern"] == (2,)
    assert result.is_clean


def test_a_zero_of_the_watch_that_cannot_be_confirmed_is_held():
    honest = service_of({"hasretractionin": [2]})

    def answer(asked):
        is_union = "haserratumin" in asked.form.get("term", "") and "concern" in asked.form["term"]
        return error_xml("Search Backend failed: unknown") if is_union else honest(asked)

    with ScriptedService(answer) as service, client_for(service) as client:
        result = watch_known_set(client, (1, 2, 3))

    assert [run.outcome for run in result.search_runs] == ["clean", "held", "held"]
    assert dict(result.pmids_by_kind)["retraction"] == (2,)
    assert not result.is_clean
