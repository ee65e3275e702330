"""
Two independent readers, Bio.Entrez.read and pubmed_parser, say the same as we do, or a rule says why not.

A part of the records in the suite, more with `pytest -m extra`, all of them by hand with bench/oracles.py,
which prints the table of differences in docs/oracles.md.
"""

from __future__ import annotations

import oracle_bio
import oracle_pubmed_parser
import pytest
from oracle_tally import Tally, cut

from her2lit.pubmed.parse import parse_articles


def ours(record):
    [article] = parse_articles(b"<PubmedArticleSet>" + record + b"</PubmedArticleSet>").articles
    return article


def ask_bio(records):
    tally, n_refused = Tally("Bio.Entrez"), 0
    for record, theirs, _ in oracle_bio.read(records):
        if theirs is None:
            n_refused += 1
        else:
            oracle_bio.compare(tally, ours(record), theirs)
    return tally, n_refused


def ask_pubmed_parser(records):
    tally = Tally("pubmed_parser")
    for record in records:
        if record.startswith(b"<PubmedArticle>"):
            oracle_pubmed_parser.compare(tally, ours(record), oracle_pubmed_parser.read(record), record)
    return tally


@pytest.fixture(scope="module")
def real_records(shared):
    """Every shared record, its bytes."""
    names = ("data/pubmed_records.xml.gz", "data/pubmed_revisions.xml.gz", "gold/dev_records.xml.gz")
    return [record for name in names for record in cut(shared / name)]


def test_a_part_of_the_shared_records_reads_as_bio_entrez_reads_them(real_records):
    """Each tenth, in every field of the record: names, dates, headings, links, markup."""
    some = [r for at, r in enumerate(real_records) if at % 10 == 0 or r.startswith(b"<PubmedBookArticle>")]

    tally, n_refused = ask_bio(some)

    assert tally.unexplained == []
    assert tally.n_records == len(some) - n_refused
    assert n_refused <= 1
    assert len(tally.n_compared) > 100
    assert sum(tally.n_compared.values()) > 70_000


def test_a_part_of_the_shared_records_reads_as_pubmed_parser_reads_them_but_for_its_mistakes(real_records):
    some = real_records[::10]

    tally = ask_pubmed_parser(some)

    assert tally.unexplained == []
    mistakes = {rule.says for (_, rule), _ in tally.explained.items() if rule.whose == "theirs"}
    assert "only the first affiliation is read" in mistakes
    assert sum(tally.n_compared.values()) > 15_000


def test_a_sample_of_the_update_file_reads_as_both_read_it(update_file):
    some = cut(update_file)[::400]

    by_bio, n_refused = ask_bio(some)
    by_pubmed_parser = ask_pubmed_parser(some)

    assert (by_bio.unexplained, by_pubmed_parser.unexplained, n_refused) == ([], [], 0)
    assert by_bio.n_records == by_pubmed_parser.n_records == len(some) == 52


@pytest.mark.extra
@pytest.mark.timeout(1500)
def test_all_shared_records_and_a_tenth_of_two_nlm_files_read_as_both_read_them(real_records, update_file):
    """An update file of 2021 and a baseline file of 2020; every record of them is for bench/oracles.py."""
    files = (update_file, update_file.with_name("pubmed20n0014.xml.gz"))
    every = real_records + [record for file in files for record in cut(file)[::10]]

    by_bio, n_refused = ask_bio(every)
    by_pubmed_parser = ask_pubmed_parser(every)

    assert (by_bio.unexplained, by_pubmed_parser.unexplained) == ([], [])
    assert by_bio.n_records + n_refused == len(every) == 7_813
    assert n_refused == 1


def test_a_difference_that_no_rule_predicts_is_not_explained(real_records):
    """The harness itself: a changed value must not pass."""
    record = next(r for r in real_records if b"<AbstractText>" in r and b"<ForeName>" in r)
    changed = record.replace(b"<ForeName>", b"<ForeName>Not ").replace(b"<AbstractText>", b"<AbstractText>Not ")

    by_bio = Tally("Bio.Entrez")
    [(_, theirs, _)] = oracle_bio.read([record])
    oracle_bio.compare(by_bio, ours(changed), theirs)
    by_pubmed_parser = Tally("pubmed_parser")
    oracle_pubmed_parser.compare(by_pubmed_parser, ours(changed), oracle_pubmed_parser.read(record), record)

    assert {name for name, *_ in by_bio.unexplained} == {"abstract", "authors: names"}
    assert {name for name, *_ in by_pubmed_parser.unexplained} == {"abstract", "authors: forename"}
