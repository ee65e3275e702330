from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2lit.replica.fields import find_field
from her2lit.replica.grammar import Group, HistoryRef, Operation, Parsed, Range, Tag, Term, parse_term

TIAB = Tag(text="tiab", field=find_field("tiab"))


def word(text, tag=None):
    """An unquoted term."""
    return Term(text=text, is_quoted=False, tag=tag)


def test_operators_run_left_to_right():
    """`a OR b AND c` is `(a OR b) AND c`: no operator binds closer than another."""
    parsed = parse_term("a[tiab] OR b[tiab] AND c[tiab]")

    assert parsed == Parsed(
        Operation(
            operator="AND",
            left=Operation(operator="OR", left=word("a", TIAB), right=word("b", TIAB)),
            right=word("c", TIAB),
        )
    )


def test_terms_side_by_side_are_joined_by_and():
    assert parse_term('a[tiab] "b c"[tiab]').node == Operation(
        operator="AND", left=word("a", TIAB), right=Term(text="b c", is_quoted=True, tag=TIAB)
    )


def test_only_capitals_and_signs_are_operators():
    assert parse_term("cats and dogs").node == word("cats and dogs")
    assert parse_term("a & b | c").node == parse_term("a AND b OR c").node


@pytest.mark.parametrize("tag", ["[tiab]", " [TIAB]", "[ TiAb ]", "[Title/Abstract]", "[title / abstract]"])
def test_case_and_blanks_of_a_tag_do_not_matter(tag):
    assert parse_term(f"asthma{tag}").node.tag.field is find_field("tiab")


def test_modifiers_are_read_from_the_tag():
    assert parse_term('"Trastuzumab"[mh:noexp]').node.tag == Tag(text="mh:noexp", field=find_field("mh"), is_noexp=True)
    assert parse_term('"a b"[Title/Abstract:~3]').node.tag == Tag(
        text="Title/Abstract:~3", field=find_field("tiab"), distance=3
    )
    assert parse_term("a[mh:foo]").node.tag.unknown_modifier == "foo"


def test_a_tag_that_does_not_exist_is_kept_without_a_field():
    assert parse_term("a[foo]").node == word("a", Tag(text="foo", field=None))


@pytest.mark.parametrize(
    "term",
    [
        '"2021/06/05"[crdt] : "2021/06/07"[crdt]',
        '("2021/06/05"[crdt] : "2021/06/07"[crdt])',
        "2021/06/05:2021/06/07[crdt]",
        "2021/06/05 : 2021/06/07 [Date - Create]",
    ],
)
def test_every_form_of_a_date_range_is_one_range(term):
    node = parse_term(term).node
    if isinstance(node, Group):
        node = node.node

    assert (node.low, node.high, node.tag.field) == ("2021/06/05", "2021/06/07", find_field("crdt"))


def test_a_word_before_a_range_is_a_term_of_its_own():
    assert parse_term("cancer 2020:2021[dp]").node == Operation(
        operator="AND",
        left=word("cancer"),
        right=Range(low="2020", high="2021", tag=Tag(text="dp", field=find_field("dp"))),
    )


def test_a_query_key_is_a_reference_to_the_history():
    assert parse_term("#1 AND #12").node == Operation(operator="AND", left=HistoryRef(key=1), right=HistoryRef(key=12))


def test_typographic_quotes_are_quotes_and_brackets_inside_them_are_text():
    assert parse_term("“[18F]FDG”[tiab]").node == Term(text="[18F]FDG", is_quoted=True, tag=TIAB)


@pytest.mark.parametrize(
    ("term", "oddity"),
    [
        ("(a[tiab]", "an opening parenthesis without a closing one"),
        ("a[tiab])", "a closing parenthesis without an opening one"),
        ("a[tiab] AND", "an operator AND without a term behind it"),
        ("OR a[tiab]", "an operator OR without a term before it"),
        ("[tiab] a[tiab]", "a tag [tiab] without a term before it"),
        ('"a b', "a quotation mark that is not closed"),
        ("a[tiab", "a bracket that is not closed: [tiab"),
        ("() a[tiab]", "empty parentheses"),
        (": a[tiab]", "a colon without a value on both sides"),
    ],
)
def test_what_pubmed_would_tolerate_is_named(term, oddity):
    assert parse_term(term).oddities == [oddity]


@given(st.text(alphabet='ab "[]()&|:#1*ANDOROT∗~-', max_size=60))
def test_no_text_makes_the_reader_fail(term):
    """PubMed tolerates anything; so must the reader."""
    parse_term(term)


@given(st.lists(st.sampled_from(["AND", "OR", "NOT"]), max_size=300))
def test_a_chain_leans_left_whatever_its_length(operators):
    term = "x[tiab]" + "".join(f" {operator} x[tiab]" for operator in operators)

    node = parse_term(term).node

    seen = []
    while isinstance(node, Operation):
        assert isinstance(node.right, Term)
        seen.append(node.operator)
        node = node.left
    assert seen[::-1] == operators
