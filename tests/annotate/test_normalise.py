"""Normalised text and the way back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from her2lit.annotate.normalise import normalise


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("HR\u2009=\u20090\u00b7641, 95% CI 0\u00b7514\u20130\u00b7799", "HR = 0.641, 95% CI 0.514-0.799"),
        ("1,157 patients; 8,381,000", "1157 patients; 8381000"),
        ("20\u2009446 women", "20446 women"),
        ("HR 0,73 (0,59-0,90)", "HR 0.73 (0.59-0.90)"),
        ("1, 2, and 3", "1, 2, and 3"),
        ("<i>Trastuzumab</i> <sub>deruxtecan</sub>", "Trastuzumab deruxtecan"),
        ("\u226565 years, \u22643", ">=65 years, <=3"),
        ("p < 0.05 and x > y", "p < 0.05 and x > y"),
        ("Kadcyla\u2122", "Kadcyla"),
        ("a\u00ad\u2011b", "a--b"),
        ("", ""),
    ],
)
def test_forms_become_plain(original, text):
    assert normalise(original).text == text


def test_a_span_leads_back_to_what_nlm_wrote():
    normal = normalise("(T\u2011DM1; Kadcyla\u2122) 0\u00b726\u20130\u00b743")
    start = normal.text.index("0.26")

    assert normal.original_text(start, len(normal.text)) == "0\u00b726\u20130\u00b743"
    assert normal.original_text(1, 6) == "T\u2011DM1"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab1 ,.-\u2009\u00a0\u00b7\u2013\u2265\u00ae\u200b<i>/\ufb01", max_size=40))
def test_spans_are_ordered_and_normalising_twice_changes_nothing(original):
    normal = normalise(original)
    spans = [normal.original_span(at, at + 1) for at in range(len(normal.text))]

    assert all(0 <= start < end <= len(original) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
