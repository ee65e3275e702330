"""Records as the client gets them from the replica: every one asked for, as it was written, nothing over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from against_replica import client_and_replica, corpus_of, fetched, plan, sent
from every_element import EVERY_BOOK_ELEMENT, EVERY_ELEMENT
from record_shapes import SHAPES
from replica_records import record

from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.fetch import read_batch
from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.medline import iter_medline
from her2lit.pubmed.parse import parse_articles
from her2lit.replica.corpus import Corpus

XML = Path(__file__).parents[1] / "pubmed" / "xml"


@pytest.fixture
def five(tmp_path):
    """Records 1 to 5."""
    return corpus_of(tmp_path, *(record(n, title=f"Record {n}.") for n in range(1, 6)))


def outcome(corpus, folder, pmids, faults=None, **options):
    """What a fetch brings, the articles kept, and what the replica met."""
    with client_and_replica(corpus, faults=faults) as (client, replica):
        result, articles = fetched(client, folder, pmids, **options)
    return result, articles, sent(replica)


# -- what was asked for comes, and only that ---------------------------------------------------


@pytest.mark.case("22")
def test_two_hundred_records_in_any_order_are_each_taken_for_themselves(tmp_path):
    corpus = corpus_of(tmp_path, *(record(n, title=f"Record {n}.") for n in range(1, 201)))

    result, articles, requests = outcome(corpus, tmp_path, range(1, 201), plan("reorder_records", seed=3))

    assert requests == [("efetch", "reorder_records")]
    assert result.received == tuple(range(1, 201))
    assert {pmid: article.title for pmid, article in articles.items()} == {n: f"Record {n}." for n in range(1, 201)}


@pytest.mark.case("24")
def test_a_book_among_articles_is_delivered(tmp_path):
    corpus = Corpus.from_files([XML / "every_element.xml", XML / "every_book_element.xml"])
    pmids = (EVERY_ELEMENT.pmid, EVERY_BOOK_ELEMENT.pmid)

    result, articles, _ = outcome(corpus, tmp_path, pmids)

    assert (result.received, result.missing) == (tuple(sorted(pmids)), ())
    assert articles[EVERY_BOOK_ELEMENT.pmid] == EVERY_BOOK_ELEMENT


@pytest.mark.case("53")
def test_an_unknown_pmid_is_missing_after_a_second_ask(five, tmp_path):
    result, _, requests = outcome(five, tmp_path, [1, 77, 2])

    assert (result.received, result.missing, len(requests)) == ((1, 2), (77,), 2)


@pytest.mark.case("54")
def test_nothing_but_unknown_pmids_make_no_storm(five, tmp_path):
    result, _, requests = outcome(five, tmp_path, [77, 78, 79])

    assert (result.received, result.missing, len(requests)) == ((), (77, 78, 79), 2)


@pytest.mark.case("57")
@pytest.mark.parametrize("options", [{}, {"version": 2}])
def test_a_record_that_comes_twice_counts_once_in_its_highest_version(five, tmp_path, options):
    result, articles, _ = outcome(five, tmp_path, [1, 2], plan("repeat_records", records=1, **options))

    assert (result.received, articles[1].pmid_version) == ((1, 2), options.get("version", 1))
    assert result.warnings == ("1 records came twice or in older versions",)


@pytest.mark.case("58")
def test_a_record_nobody_asked_for_is_discarded_and_named(five, tmp_path):
    result, articles, _ = outcome(five, tmp_path, [1, 2], plan("extra_record", pmid=5))

    assert (result.received, result.extra, sorted(articles)) == ((1, 2), (5,), [1, 2])
    assert "came unasked" in result.warnings[0]


@pytest.mark.case("85")
def test_records_left_out_once_are_had_on_the_second_ask(five, tmp_path):
    result, _, requests = outcome(five, tmp_path, range(1, 6), plan("drop_records", records=2, times=1))

    assert (result.received, result.missing, len(requests)) == ((1, 2, 3, 4, 5), (), 2)


@pytest.mark.case("85")
def test_a_record_that_is_always_left_out_is_missing_and_named(five, tmp_path):
    result, _, _ = outcome(five, tmp_path, range(1, 6), plan("drop_records", pmid=3))

    assert (result.received, result.missing) == ((1, 2, 4, 5), (3,))


@pytest.mark.case("95")
def test_a_record_that_spoils_every_batch_is_found_by_halving(tmp_path):
    corpus = corpus_of(tmp_path, *(record(n) for n in range(1, 41)))

    result, _, requests = outcome(corpus, tmp_path, range(1, 41), plan("viewer_timeout", holds_pmid=23))

    assert [pmid for pmid, _ in result.failed] == [23]
    assert result.received == tuple(n for n in range(1, 41) if n != 23)
    assert "Timeout" in result.failed[0][1]
    assert len(requests) < 30


@pytest.mark.case("92")
@pytest.mark.parametrize("kind", ["bad_utf8", "control_character"])
def test_a_byte_that_spoils_one_record_once_costs_nothing(five, tmp_path, kind):
    """The record is asked for once more before it is put aside."""
    result, articles, requests = outcome(five, tmp_path, range(1, 6), plan(kind, times=1))

    assert (result.received, result.rejects, sorted(articles)) == ((1, 2, 3, 4, 5), (), [1, 2, 3, 4, 5])
    assert requests == [("efetch", kind), ("efetch", None)]


@pytest.mark.case("92")
@pytest.mark.parametrize("kind", ["bad_utf8", "control_character"])
def test_a_byte_that_always_spoils_one_record_puts_that_one_aside(five, tmp_path, kind):
    result, _, _ = outcome(five, tmp_path, range(1, 6), plan(kind, holds_pmid=1))

    assert (result.received, [reject.pmid for reject in result.rejects]) == ((2, 3, 4, 5), [1])


# -- records as they were written --------------------------------------------------------------


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """The articles of all shapes, had through client and replica."""
    folder = tmp_path_factory.mktemp("shapes")
    with client_and_replica(corpus_of(folder, *SHAPES.values())) as (client, _):
        result, articles = fetched(client, folder / "raw", SHAPES)
    assert (result.received, result.rejects) == (tuple(sorted(SHAPES)), ())
    unknown = read_batch(RawArchive(folder / "raw"), result.batches[0]).unknown
    return articles, result.warnings, unknown


@pytest.mark.case("59", "60", "62", "63")
def test_every_element_of_the_dtd_arrives_as_written(tmp_path):
    corpus = Corpus.from_files([XML / "every_element.xml"])

    _, articles, _ = outcome(corpus, tmp_path, [EVERY_ELEMENT.pmid])

    assert articles == {EVERY_ELEMENT.pmid: EVERY_ELEMENT}


@pytest.mark.case("59")
def test_inline_markup_neither_loses_nor_glues_words(shapes):
    article = shapes[0][59]

    assert article.title == "H2O in vitro: P<0.05 & R2."
    assert article.title_markup == "H<sub>2</sub>O in <i>vitro</i>: P&lt;0.05 &amp; R<sup>2</sup>."
    assert article.abstract[0].text == "A R of 1."


@pytest.mark.case("60")
def test_abstract_other_abstract_and_copyright_are_kept_apart(shapes):
    article = shapes[0][60]

    assert [(part.label, part.text) for part in article.abstract] == [
        ("METHODS", "We asked."),
        ("RESULTS", "Nobody answered."),
    ]
    assert [(other.type, other.sections[0].text) for other in article.other_abstracts] == [
        ("plain-language-summary", "In plain words.")
    ]
    assert article.abstract_copyright == "(c) Nobody."


@pytest.mark.case("61")
def test_a_season_and_its_medline_date_have_one_date_and_one_content(shapes):
    season, twin = (shapes[0][pmid] for pmid in (61, 161))

    assert (season.pub_date.start, season.pub_date.end) == (twin.pub_date.start, twin.pub_date.end)
    assert fingerprint(replace(season, pmid=1, article_ids=())) == fingerprint(replace(twin, pmid=1, article_ids=()))


@pytest.mark.case("62")
def test_a_cited_paper_keeps_its_identifiers_to_itself(shapes):
    article = shapes[0][62]

    assert (article.doi, [each.value for each in article.article_ids]) == (None, ["62"])
    assert [each.value for each in article.references[0].ids] == ["1", "10.1234/cited"]


@pytest.mark.case("63")
def test_groups_are_authors_and_superseded_spellings_are_known_as_such(shapes):
    authors = [(a.last_name, a.initials, a.collective_name, a.is_valid) for a in shapes[0][63].authors]

    assert authors == [
        ("Smyth", None, None, False),
        ("Smith", None, None, True),
        (None, None, "The Made-up Group", True),
    ]


@pytest.mark.case("64")
def test_what_a_future_dtd_adds_is_counted_and_harms_nothing(shapes):
    articles, warnings, unknown = shapes

    assert articles[64].title == "A title."
    assert sum(count for _, count in unknown) >= 2
    assert any("unknown to the parser" in warning for warning in warnings)


@pytest.mark.case("65")
def test_medline_without_mesh_is_a_record_like_any_other(shapes):
    article = shapes[0][65]

    assert (article.status, article.indexing_method, article.mesh_headings) == ("MEDLINE", "NotIndexed", ())


@pytest.mark.case("66")
def test_a_record_may_lack_title_abstract_and_authors(shapes):
    bare, not_available = (shapes[0][pmid] for pmid in (66, 166))

    assert (bare.title, bare.abstract, bare.authors) == (None, (), ())
    assert (not_available.title, not_available.authors) == ("[Not Available].", ())


@pytest.mark.case("25")
def test_medline_text_and_xml_of_a_record_say_the_same(five):
    """her2lit asks for XML alone, but reads the .nbib files that people export."""
    with client_and_replica(five) as (client, _):
        form = {"id": "1,2", "rettype": "medline", "retmode": "text"}
        from_xml = parse_articles(client.efetch([1, 2])).articles
        text = client._session.post(f"{client._base_url}efetch.fcgi", data=form, timeout=5).content
    from_text = tuple(iter_medline(text.splitlines(keepends=True)))

    assert [(a.pmid, a.title, a.created_date, a.doi) for a in from_text] == [
        (a.pmid, a.title, a.created_date, a.doi) for a in from_xml
    ]
