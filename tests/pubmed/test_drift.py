"""How PubMed reads a strategy, without what changes from night to night."""

import pytest

from her2lit.pubmed.drift import describe_drift, has_dropped, standing_translation

HER2 = '"receptor, erbb 2"[MeSH Terms] OR "her2"[Title/Abstract]'


@pytest.mark.parametrize(
    ("translation", "standing"),
    [
        (HER2, HER2),
        (f"({HER2}) AND 2021/06/01:2021/06/07[Date - Create]", HER2),
        (f'({HER2}) AND "2021/06/01"[Date - Create] : "2021/06/07"[Date - Create]', HER2),
        (f"({HER2}) AND (2021/06/01:2021/06/07[Date - Entry])", HER2),
        (f"#1 AND ({HER2})", HER2),
        (f"(#12) AND ({HER2})", HER2),
        (f"(33759669[UID] OR 34014777[UID]) AND ({HER2})", HER2),
        (
            '("a"[tiab] OR "b"[tiab]) AND ("c"[tiab] OR "d"[tiab])',
            '("a"[tiab] OR "b"[tiab]) AND ("c"[tiab] OR "d"[tiab])',
        ),
        ('"(odd) AND 2021/06/01:2021/06/07[dp]"[Title]', '"(odd) AND 2021/06/01:2021/06/07[dp]"[Title]'),
        ("2021/06/01:2021/06/07[Date - Create]", None),
        ("", None),
        (None, None),
    ],
)
def test_windows_and_posted_sets_are_left_out_of_what_is_pinned(translation, standing):
    assert standing_translation(translation) == standing


@pytest.mark.case("40")
def test_drift_is_told_clause_by_clause():
    before = '"breast neoplasms"[MeSH Terms] OR "her2"[Title/Abstract]'
    after = '"breast cancer"[MeSH Terms] OR "her2"[Title/Abstract]'

    assert describe_drift(before, before) is None
    assert describe_drift(before, after) == (
        'PubMed reads the strategy differently: gone "breast neoplasms"[MeSH Terms]; come "breast cancer"[MeSH Terms]'
    )


def test_the_same_words_joined_in_another_way_are_a_drift_too():
    assert describe_drift("a[ti] OR (b[ti] AND c[ti])", "(a[ti] OR b[ti]) AND c[ti]") == (
        "PubMed reads the strategy differently: the same words, joined in another way"
    )


def test_nothing_drifts_from_what_was_never_pinned():
    assert describe_drift(None, HER2) is None
    assert describe_drift(HER2, None) is None


@pytest.mark.case("41")
@pytest.mark.parametrize(
    ("before", "now", "is_drop"), [(None, 0, False), (100, 80, False), (100, 79, True), (1, 0, True)]
)
def test_a_fall_by_more_than_a_fifth_holds_deletions(before, now, is_drop):
    assert has_dropped(before, now) is is_drop
