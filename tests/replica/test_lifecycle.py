"""The synthetic records that ship with her2lit, and the story they tell by night."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from replica_records import Asked

from her2lit.clock import NLM_TIME_ZONE
from her2lit.replica.corpus import Corpus
from her2lit.replica.lifecycle import departures_corpus_file, lifecycle_corpus_file
from her2lit.topic.topic import load_topic

LATE_INDEXED, CORRECTED, ERRATUM, RETRACTED, NOTICE, BACK_DATED = range(990000001, 990000007)


@pytest.fixture(scope="module")
def corpus():
    """The shipped file."""
    return Corpus.from_files([lifecycle_corpus_file()])


@pytest.fixture(scope="module")
def harvest():
    """The one strategy that is fetched."""
    [strategy] = [each for each in load_topic().strategies if each.kind == "harvest"]
    return strategy.text


def night(corpus, day):
    """The replica as of 02:30 in New York on a day of June 2021."""
    return Asked(corpus, at=datetime(2021, 6, day, 2, 30, tzinfo=NLM_TIME_ZONE))


def test_every_record_says_that_it_is_synthetic():
    text = lifecycle_corpus_file().read_text(encoding="utf-8")

    titles = re.findall("<ArticleTitle>(.*?)</ArticleTitle>", text)
    assert all(title.startswith("[SYNTHETIC DEMO RECORD] ") for title in titles)
    assert {int(each) for each in re.findall(r'<ArticleId IdType="pubmed">(\d+)<', text)} == set(
        range(990000001, 990000007)
    )
    # 10.5555 is the prefix set aside for examples; no trial registry number is used at all.
    assert {doi.split("/")[0] for doi in re.findall('IdType="doi">(.*?)<', text)} == {"10.5555"}
    assert "NCT" not in text


def test_every_record_is_in_the_harvest(corpus, harvest):
    assert night(corpus, 8).found(harvest) == list(range(990000001, 990000007))


def test_each_night_finds_what_that_day_brought(corpus, harvest):
    """By arm, the day before the night alone."""
    found = {
        (day, arm): night(corpus, day).found(f"({harvest}) AND 2021/06/{day - 1:02d}[{arm}]")
        for day in (7, 8)
        for arm in ("crdt", "lr", "mhda")
    }

    assert found == {
        (7, "crdt"): [ERRATUM, BACK_DATED],
        (7, "lr"): [LATE_INDEXED, CORRECTED, ERRATUM, BACK_DATED],
        (7, "mhda"): [LATE_INDEXED, ERRATUM],
        (8, "crdt"): [NOTICE],
        (8, "lr"): [RETRACTED, NOTICE],
        (8, "mhda"): [NOTICE],
    }


def test_late_indexing_brings_mesh_where_there_was_none(corpus):
    assert night(corpus, 5).found('"Breast Neoplasms"[mh]') == []
    assert night(corpus, 7).found('"Breast Neoplasms"[mh]') == [LATE_INDEXED]


def test_correction_and_retraction_are_seen_on_both_ends(corpus):
    term = "haserratumin OR haserratumfor OR hasretractionin OR hasretractionof"

    assert [night(corpus, day).found(term) for day in (5, 6, 7)] == [
        [],
        [CORRECTED, ERRATUM],
        [CORRECTED, ERRATUM, RETRACTED, NOTICE],
    ]


def test_the_late_addition_is_in_no_entry_date_window(corpus):
    assert night(corpus, 6).found("2021/06[edat]") == [LATE_INDEXED, CORRECTED, ERRATUM, RETRACTED]
    assert BACK_DATED in night(corpus, 6).found("2021/06[crdt]")


# -- records that leave ------------------------------------------------------------------------

RETURNING, LEAVING = 990000011, 990000012


@pytest.mark.case("54", "56")
def test_of_two_records_deleted_one_comes_back(harvest):
    departures = Corpus.from_files([departures_corpus_file()])

    found = {day: night(departures, day).found(harvest) for day in (5, 6, 8, 9)}

    assert found == {5: [RETURNING, LEAVING], 6: [], 8: [], 9: [RETURNING]}


def test_the_records_that_leave_say_that_they_are_synthetic():
    text = departures_corpus_file().read_text(encoding="utf-8")

    titles = re.findall("<ArticleTitle>(.*?)</ArticleTitle>", text)
    assert all(title.startswith("[SYNTHETIC DEMO RECORD] ") for title in titles)
    assert set(re.findall(r'<ArticleId IdType="pubmed">(\d+)<', text)) == {str(RETURNING), str(LEAVING)}
    assert {doi.split("/")[0] for doi in re.findall('IdType="doi">(.*?)<', text)} == {"10.5555"}
