"""What is left of a search when PubMed drops phrases."""

from __future__ import annotations

import pytest

from her2lit.pubmed.dropped import lost_clause
from her2lit.topic.topic import load_topic


def dropped(*phrases):
    """The warnings of a reply."""
    return tuple(f"QuotedPhraseNotFound: {phrase}" for phrase in phrases)


X, Y = '"x a"[tiab]', '"y a"[tiab]'


@pytest.mark.parametrize(
    ("term", "phrases", "lost"),
    [
        (f"{X} OR b[tiab]", (X,), None),
        (f"{X} OR {Y}", (X,), None),
        (f"{X} OR {Y}", (X, Y), f"{X} OR {Y}"),
        (X, (X,), X),
        (f"b[tiab] AND {X}", (X,), X),
        (f"b[tiab] NOT {X}", (X,), X),
        (f"b[tiab] AND ({X} OR {Y})", (X,), None),
        (f"b[tiab] AND ({X} OR {Y})", (X, Y), f"({X} OR {Y})"),
        (f"(b[tiab] AND {X}) OR c[tiab]", (X,), X),
        (f"#1 AND ({X})", (X,), f"({X})"),
        (f'({X}) AND ("2021/06/01"[crdt] : "2021/06/07"[crdt])', (X,), f"({X})"),
        (f"b[tiab] AND {X}", (), None),
        ("b[tiab] AND c[tiab]", (X,), None),
        # The same words under another tag are another phrase; a tag may be written out; case does not matter.
        ('b[tiab] AND "x a"[nm]', (X,), None),
        (f"b[tiab] AND {X}", ('"X A"[Title/Abstract]',), X),
        (f"b[tiab] AND {X}", ('"x a"',), X),
        ('b[tiab] AND "x a"[tiab:~0]', (X,), '"x a"[tiab:~0]'),
    ],
)
def test_a_clause_is_lost_when_an_and_keeps_nothing_of_it(term, phrases, lost):
    assert lost_clause(term, dropped(*phrases)) == lost


@pytest.mark.parametrize(
    "warning", ['QuotedPhraseNotFound: "odd', "OutputMessage: No items found.", "PhraseNotFound: x"]
)
def test_warnings_that_drop_nothing_known_lose_nothing(warning):
    assert lost_clause("b[tiab] AND x[tiab]", (warning,)) is None


def test_the_harvest_keeps_every_clause_whatever_phrases_are_new_to_pubmed():
    """Each clause of the strategy that is fetched stands on words that no index can lack."""
    harvest = load_topic().harvest.text
    phrases = {piece for piece in harvest.split('"')[1::2] if " " in piece}

    assert lost_clause(harvest, dropped(*(f'"{phrase}"[tiab]' for phrase in phrases))) is None
