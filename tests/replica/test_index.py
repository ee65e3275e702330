from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replica_records import asked_over, record

from her2lit.replica.tokens import key_text, words

VOCABULARY = ("her", "2", "her2", "positive", "breast", "cancer", "cancers", "of", "metastatic")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HER-2/neu", ["her", "2", "neu"]),
        ("HER2+ (ErbB-2)", ["her2", "erbb", "2"]),
        ("Herceptin™ naïve µg m²", ["herceptin", "naive", "μg", "m2"]),
        ("P<0.05; 3.6 mg/kg", ["p", "0", "05", "3", "6", "mg", "kg"]),
        ("", []),
    ],
)
def test_words_are_what_lies_between_punctuation(text, expected):
    assert words(text) == expected


def test_names_are_compared_without_case_and_punctuation():
    assert key_text("Receptor, ErbB-2") == key_text("receptor erbb 2")


def holds(text, phrase):
    """Whether *phrase* stands in *text*, word by word."""
    return any(text[i : i + len(phrase)] == phrase for i in range(len(text)))


sentences = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=12)


@settings(max_examples=40)
@given(
    texts=st.lists(sentences, min_size=1, max_size=6),
    phrase=st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=3),
)
def test_a_phrase_is_found_exactly_where_its_words_stand_side_by_side(tmp_path_factory, texts, phrase):
    asked = asked_over(
        tmp_path_factory.mktemp("phrase"),
        *(record(n, title="x.", abstract=" ".join(t)) for n, t in enumerate(texts, 1)),
    )

    found = asked.found(f'"{" ".join(phrase)}"[tiab]')

    assert found == [n for n, text in enumerate(texts, 1) if holds(text, phrase)]


@settings(max_examples=40)
@given(texts=st.lists(sentences, min_size=1, max_size=6), distance=st.integers(0, 4))
def test_words_are_near_when_a_short_enough_stretch_holds_them_in_any_order(tmp_path_factory, texts, distance):
    asked = asked_over(
        tmp_path_factory.mktemp("near"), *(record(n, title="x.", abstract=" ".join(t)) for n, t in enumerate(texts, 1))
    )
    span = 2 + distance

    found = asked.found(f'"metastatic cancer"[tiab:~{distance}]')

    expected = [
        n
        for n, text in enumerate(texts, 1)
        if any({"metastatic", "cancer"} <= set(text[i : i + span]) for i in range(len(text)))
    ]
    assert found == expected


def test_a_phrase_does_not_run_from_title_into_abstract(tmp_path):
    asked = asked_over(
        tmp_path, record(1, title="Metastatic breast", abstract="cancer"), record(2, title="Breast cancer.")
    )

    assert asked.found('"breast cancer"[tiab]') == [2]


def test_a_truncated_phrase_ends_in_any_longer_word(tmp_path):
    asked = asked_over(
        tmp_path,
        record(1, title="Brain metastases."),
        record(2, title="Brain metastasis."),
        record(3, title="Brain met."),
    )

    assert asked.found('"brain metastas*"[tiab]') == [1, 2]
