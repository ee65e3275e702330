"""
Documents damaged in eighteen ways give records, rejects or a ParseError: never another error, never a hang.

The suite tries a few thousand beside the ones of test_parse_fuzz.py; bench/fuzz.py a million by hand.
"""

from __future__ import annotations

import gzip
import io
import random
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from damaged import FIRST, KINDS, LAST, Outcomes, try_one
from oracle_tally import cut

from her2lit.errors import ParseError
from her2lit.pubmed.article_json import article_to_json
from her2lit.pubmed.parse import iter_records, parse_articles

XML = Path(__file__).parent / "xml"
N_INPUTS = 2_000


@pytest.fixture(scope="module")
def records():
    """The two records that hold every element, and many small ones."""
    own = [record for path in sorted(XML.glob("every*.xml")) for record in cut(path)]
    return own + [FIRST] * 5


def test_only_typed_errors_come_out_and_the_record_before_stands(records):
    outcomes = Outcomes()

    for seed in range(N_INPUTS):
        try_one(records[seed % len(records)], seed, outcomes)

    assert outcomes.failures == []
    assert outcomes.n_inputs.keys() == KINDS.keys()
    assert outcomes.n_articles > N_INPUTS
    assert outcomes.n_rejects > N_INPUTS // 4
    assert outcomes.slowest[0] < 2


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_damage_does_damage(kind, records):
    """A kind that changed nothing would test nothing."""
    chance = random.Random(7)
    document = b"<PubmedArticleSet>" + records[0] + b"</PubmedArticleSet>"

    assert sum(KINDS[kind].damage(document, chance) != document for _ in range(40)) > 20


@pytest.mark.parametrize("name", ["i", "sub", "ReferenceList", "Section", "Unknown"])
def test_a_tower_of_elements_is_a_reject_and_nothing_breaks(name):
    """libxml2 stops at 256 levels; Python's own stack would end some way above that."""
    tower = f"<{name}>" * 5000 + f"</{name}>" * 5000
    record = FIRST.replace(b"<ArticleTitle>T", f"<ArticleTitle>{tower}".encode())

    result = parse_articles(b"<PubmedArticleSet>" + FIRST + record + FIRST + b"</PubmedArticleSet>")

    assert [article.pmid for article in result.articles] == [1, 1]
    [reject] = result.rejects
    assert (reject.pmid, "depth" in reject.reason.lower()) == (1, True)


@pytest.mark.parametrize("name", ["i", "sub", "Unknown"])
def test_as_deep_as_libxml2_allows_is_still_read(name):
    tower = f"<{name}>" * 240 + "deep" + f"</{name}>" * 240
    record = FIRST.replace(b"<ArticleTitle>T", f"<ArticleTitle>{tower}".encode())

    [article] = parse_articles(b"<PubmedArticleSet>" + record + b"</PubmedArticleSet>").articles

    assert article.title == "deep"


def test_a_gzip_bomb_costs_no_memory():
    """Forty megabytes of blanks between two records, in forty kilobytes of gzip."""
    bomb = gzip.compress(b"<PubmedArticleSet>" + FIRST + b" " * (40 << 20) + LAST + b"</PubmedArticleSet>")
    tracemalloc.start()
    records = list(iter_records(io.BytesIO(bomb)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [record.pmid for record in records] == [1, 2]
    assert peak < 30 << 20


@pytest.mark.parametrize("gap", [b"x", b"<x>", b"<!-- "], ids=repr)
def test_rubbish_between_two_records_however_long_costs_only_itself(gap):
    """Nothing after it may be lost, and the root's end is still seen."""
    xml = b"<PubmedArticleSet>" + FIRST + gap * ((5 << 20) // len(gap)) + LAST + b"</PubmedArticleSet>"

    result = parse_articles(xml, require_closed_root=True)

    assert [article.pmid for article in result.articles] == [1, 2]
    assert {reject.reason.split(":")[0] for reject in result.rejects} == {"unreadable between records"}


@pytest.mark.parametrize(
    "rubbish",
    [
        b"<!-- ",
        b"<!---->",
        b"<? ",
        b"<?xml ",
        b"<!DOCTYPE [",
        b"<!DOCTYPE x>",
        b"<PMID ",
        b"<PubmedArticleSet ",
        b"]>",
        b"-->",
        b"<",
    ],
    ids=repr,
)
def test_no_repetition_makes_the_parser_think_for_long(rubbish):
    """Before the root, between records and inside one; a search that begins anew at each "<" would take hours."""
    much = rubbish * ((1 << 20) // len(rubbish))
    inside = FIRST.replace(b"<Article>", b"<Article>" + much)

    begin = time.process_time()
    for document in (
        much + b"<PubmedArticleSet>" + FIRST + b"</PubmedArticleSet>",
        b"<PubmedArticleSet>" + FIRST + much + LAST + b"</PubmedArticleSet>",
        b"<PubmedArticleSet>" + FIRST + inside + LAST + b"</PubmedArticleSet>",
    ):
        with suppress(ParseError):
            assert parse_articles(document).articles[0].pmid == 1

    assert time.process_time() - begin < 10


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 6000, "٢٠٢١", "²", "-5", "1e9"])
@pytest.mark.parametrize("place", ["PubDate", "DateRevised", "PubMedPubDate", "ArticleDate"])
def test_no_number_is_too_long_or_too_strange_for_a_date(digits, place):
    """A year of thousands of digits is refused by int() and by date(), each with another error."""
    parts = "".join(f"<{name}>{digits}</{name}>" for name in ("Year", "Month", "Day", "Hour", "Minute", "Second"))
    dated = f"<{place}>{parts}</{place}>".encode()
    wrapped = {
        "PubDate": (b"<Article>", b"<Article><Journal><JournalIssue>" + dated + b"</JournalIssue></Journal>"),
        "ArticleDate": (b"<Article>", b"<Article>" + dated),
        "DateRevised": (b"<Article>", dated + b"<Article>"),
        "PubMedPubDate": (
            b"</MedlineCitation>",
            b"</MedlineCitation><PubmedData><History>" + dated + b"</History></PubmedData>",
        ),
    }[place]

    result = parse_articles(b"<PubmedArticleSet>" + FIRST.replace(*wrapped) + b"</PubmedArticleSet>")

    [article] = result.articles
    days = (article.date_revised, *(d.on for d in article.article_dates), *(d.on for d in article.history))
    assert set(days) <= {None}
    assert len(article_to_json(article)) > 100
