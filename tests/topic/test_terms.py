"""PubMed terms: written out from blocks and drugs, valid by PubMed's own rules."""

import pytest

from her2lit.errors import TopicError
from her2lit.topic.terms import check_term, drug_term
from her2lit.topic.topic import load_topic


@pytest.mark.parametrize("strategy", load_topic().strategies, ids=lambda strategy: strategy.name)
def test_every_strategy_is_a_valid_one_line_ascii_term(strategy):
    check_term(strategy.text, strategy.name)

    assert "\n" not in strategy.text
    assert '*"' not in strategy.text


def test_a_drug_term_leaves_out_what_a_shorter_name_finds():
    """PubMed reads "trastuzumab emtansine" as words, so ado-trastuzumab emtansine is found by it."""
    topic = load_topic()

    term = drug_term([topic.drug_by_id["tucatinib"]])

    assert term == (
        '(tucatinib[tiab] OR irbinitinib[tiab] OR Tukysa[tiab] OR "ONT-380"[tiab] OR ONT380[tiab] OR "ARRY-380"[tiab] '
        'OR ARRY380[tiab] OR "MK-7119"[tiab] OR "tucatinib"[nm])'
    )


def test_the_harvest_names_no_tumour_but_breast():
    """Colorectal papers on trastuzumab deruxtecan carry no breast word, so both halves want one."""
    text = load_topic().harvest.text

    assert text.count('"Breast Neoplasms"[mh]') == 2
    assert "colorectal" not in text


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("(a[tiab]", "not balanced"),
        ("breast", "carries no tag"),
        ("(a[tiab] OR b[tiab])[tiab]", "no tag"),
        ("a[foo]", "unknown tag"),
        ('"brain metastas*"[tiab]', "truncation"),
        ("can*[tiab]", "truncation"),
        ("a[tiab] b[tiab]", "stands where it cannot"),
        ("OR a[tiab]", "stands where it cannot"),
        ("caf\u00e9[tiab]", "ASCII"),
        ('"a[tiab]', "quotation mark"),
        ("a[tiab] AND", "not balanced"),
    ],
)
def test_what_pubmed_would_misread_is_refused(term, message):
    with pytest.raises(TopicError, match=message):
        check_term(term, "here")
