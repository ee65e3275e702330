"""The check of a search term: what PubMed would silently misread is refused before it is sent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from her2lit.errors import QueryError
from her2lit.pubmed.query import Query, check_query, combine, date_range, names_range
from her2lit.records import Window
from her2lit.topic.topic import load_topic


@pytest.mark.parametrize("strategy", load_topic().strategies, ids=lambda strategy: strategy.name)
def test_every_strategy_of_the_topic_passes(strategy):
    assert check_query(strategy.text).text == strategy.text


@pytest.mark.parametrize(
    "term",
    [
        "trastuzumab[tiab]",
        '"trastuzumab deruxtecan"[nm]',
        '"HER2 metastatic"[tiab:~6]',
        '"Trastuzumab"[mh:noexp] NOT ("animals"[mh] NOT "humans"[mh])',
        "randomized controlled trial[pt]",
        '"Brain Neoplasms/secondary"[mh]',
        '"[18F]FDG"[tiab]',
        "breast[ Title/Abstract ] AND metasta*[tiab]",
        '"brain metastas*"[tiab]',
        "hasretractionin OR haserratumin",
        "2021/06/05:2021/06/07[crdt]",
        '("2021/06/05"[crdt] : "3000"[crdt])',
        "33759669[pmid] OR 1:7500[uid]",
        '"clinicaltrials.gov/NCT01234567"[si]',
    ],
)
def test_what_pubmed_reads_as_written_passes(term):
    assert check_query(term).text == term


@pytest.mark.case("10", "18b", "19", "36", "37", "39")
@pytest.mark.parametrize(
    ("term", "problem"),
    [
        ("", "empty"),
        ("asthma[foo]", "unknown"),
        ("asthma[tiabb]", "unknown"),
        ("(asthma OR copd)[tiab]", "on a group"),
        ("(asthma)[tiab]", "on a group"),
        ("asthma[ti:noexp]", "modifier"),
        ("asthma[mh:~3]", "modifier"),
        ("asthma[tiab:~3]", "proximity search on one word"),
        ('"brain metastas*"[tiab:~2]', "in a proximity search"),
        ("her*[tiab]", "after 'her'"),
        ("met*stasis[tiab]", "inside a term"),
        ("metasta\u2217[tiab]", "character"),
        ("\u201cbody battery\u201d[tiab]", "character"),
        ("HER2 \u2013 low[tiab]", "character"),
        ('"drugs &amp; devices"[tiab]', "HTML escape"),
        ("asthma[tiab] & copd[tiab]", "No operator|sign"),
        ("asthma[tiab] and copd[tiab]", "upper case|No operator"),
        ("and[tiab]", "stop word"),
        ("the[tiab] AND asthma[tiab]", "stop word 'the'"),
        ("asthma", "without a tag"),
        ('"asthma"', "without a tag"),
        ("asthma[tiab] copd[tiab]", "No operator"),
        ("(asthma[tiab]) (copd[tiab])", "No operator"),
        ("breast cancer[tiab]", "Several words"),
        ("HER2/neu[tiab]", "word 'HER2/neu'"),
        ("(asthma[tiab] AND copd[tiab]", "opening parenthesis"),
        ("asthma[tiab])", "closing parenthesis"),
        ("()", r"\) where a word"),
        ("AND asthma[tiab]", "AND where a word"),
        ("asthma[tiab] AND", "ends where a word"),
        ("asthma[tiab] AND OR copd[tiab]", "OR where a word"),
        ("a1[tiab] OR b1[tiab] AND c1[tiab]", "beside another operator"),
        ('"asthma[tiab]', "quotation mark"),
        ("asthma[tiab", "bracket"),
        ('""[tiab]', "empty phrase"),
        ("2021/06/05[crdt]", "single date"),
        ('"2021/06/05"[crdt] :', "one end"),
        ("2021/06/07:2021/06/05[crdt]", "backwards"),
        ("2021/06:2021/06/05[crdt]", "whole days|date 2021/06"),
        ("2021/02/30:2021/03/05[crdt]", "date 2021/02/30"),
        ("2021/02/01[crdt]:2021/03/05[lr]", "two fields"),
        ("2021/02/01:2021/03/05", "without a tag"),
        ("alpha:beta[tiab]", "range in"),
        ('"last 5 days"[crdt]', "single date"),
        ("#1 AND asthma[tiab]", "history server"),
    ],
)
def test_what_pubmed_would_misread_is_refused(term, problem):
    with pytest.raises(QueryError, match=problem):
        check_query(term)


def test_the_message_shows_the_place_and_says_what_to_do():
    with pytest.raises(QueryError) as caught:
        check_query("breast[tiab] AND (HER2 OR ERBB2)[tiab]")

    assert str(caught.value) == (
        "The tag [tiab] on a group at character 33 of the search term:\n"
        "  breast[tiab] AND (HER2 OR ERBB2)[tiab]\n"
        "                                  ^\n"
        "PubMed drops it in silence: tag every word of the group."
    )


def test_phrases_that_pubmed_may_drop_are_named():
    """Only quoted phrases on text fields stand on the phrase index; proximity searches do not."""
    term = '"trastuzumab pamirtecan"[tiab] OR "Breast Neoplasms"[mh] OR "HER2 low"[tiab:~0] OR "HER2"[tiab]'

    assert check_query(term) == Query(text=term, phrases=("trastuzumab pamirtecan",))


def test_line_breaks_become_blanks():
    assert check_query("breast[tiab]\n  AND   HER2[tiab]\n").text == "breast[tiab] AND HER2[tiab]"


def test_a_set_of_the_history_server_passes_where_it_is_meant():
    assert check_query("#1 AND (HER2[tiab])", allow_history=True).text == "#1 AND (HER2[tiab])"


def test_a_window_is_sent_with_its_last_day():
    """Windows are half-open, PubMed's ranges include both ends."""
    window = Window(since=date(2021, 6, 5), until=date(2021, 6, 8))

    assert date_range("crdt", window) == '("2021/06/05"[crdt] : "2021/06/07"[crdt])'
    assert check_query(date_range("crdt", window)).phrases == ()


@pytest.mark.parametrize(
    ("field", "window"),
    [
        ("date", Window(since=date(2021, 6, 5), until=date(2021, 6, 8))),
        ("crdt", Window(since=date(2021, 6, 5), until=date(2021, 6, 5))),
    ],
)
def test_an_unknown_date_field_or_an_empty_window_is_refused(field, window):
    with pytest.raises(QueryError):
        date_range(field, window)


def test_terms_are_joined_each_in_its_own_parentheses():
    """PubMed runs left to right: without them the last clause would bind a part only."""
    assert combine("#1", "(a[tiab]) OR (b[tiab])", "(c[tiab])") == "#1 AND ((a[tiab]) OR (b[tiab])) AND (c[tiab])"


@pytest.mark.parametrize(
    ("translation", "is_named"),
    [
        ('"her2"[Title/Abstract] AND 2021/06/05:2021/06/07[Date - Create]', True),
        ('"2021/06/05"[Date - Create] : "2021/06/07"[Date - Create]', True),
        ("2021/06/05:2021/06/07[Date - Entry]", False),
        ("2021/06/05:2021/06/08[Date - Create]", False),
        ('"her2"[Title/Abstract]', False),
        ("", False),
        (None, False),
    ],
)
def test_the_translation_must_name_field_and_days(translation, is_named):
    window = Window(since=date(2021, 6, 5), until=date(2021, 6, 8))

    assert names_range(translation, "crdt", window) is is_named


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab1*"()[]:~#/ ANDORTtiab&\u2217', max_size=40))
def test_no_text_breaks_the_check(term):
    """Whatever is typed either passes, unchanged but for blanks, or is refused with a QueryError."""
    try:
        checked = check_query(term)
    except QueryError:
        return

    assert checked.text == " ".join(term.split())
    assert checked.text.count("(") == checked.text.count(")")
