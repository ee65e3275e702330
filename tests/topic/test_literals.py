"""The quick look never misses what the slow search finds."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from her2lit.topic.literals import may_match, required_literals, share_boundaries
from her2lit.topic.topic import load_topic


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"\bmetasta\w+", ("metasta",)),
        (r"(?:phase|stage) ii", ("phase", "stage")),
        (r"colou?r", ("colo",)),
        (r"\w+", ()),
        (r"abc|\d", ()),
        (r"(?<!not )random(?:i[sz]ed)?", ("random",)),
    ],
)
def test_mandatory_letters_are_read_from_a_pattern(pattern, literals):
    assert required_literals(pattern) == literals


@pytest.mark.parametrize(
    ("pattern", "shared"),
    [
        (r"\bmice|\brats|xenograft|\bmurine", r"\b(?:mice|rats)|xenograft|\bmurine"),
        (r"\bin (?:vivo|vitro)|\b[|)]x", r"\b(?:in (?:vivo|vitro)|[|)]x)"),
        (r"(?:\ba|\bb)c", r"(?:\ba|\bb)c"),
        (r"a\|\bb", r"a\|\bb"),
    ],
)
def test_neighbouring_alternatives_share_their_word_boundary_and_keep_their_order(pattern, shared):
    """
    Of two alternatives that match at one place the first printed wins, so none may pass another.
    """
    assert share_boundaries(pattern) == shared


RULES = [rule.pattern for rule in load_topic().facets.rules] + [rule.pattern for rule in load_topic().endpoints]
EXAMPLES = [rule.example.lower() for rule in load_topic().facets.rules]


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.sampled_from([word for example in EXAMPLES for word in example.split()]), max_size=12).map(
        " ".join
    )
)
def test_no_rule_that_matches_is_passed_over(text):
    missed = [pattern.pattern for pattern in RULES if re.search(pattern, text) and not may_match(pattern, text)]

    assert missed == []
