"""What other parsers get wrong on real records, by PMID: each mistake once, as a test of ours."""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from her2lit.pubmed.parse import iter_records, parse_articles
from her2lit.records import Article


@pytest.fixture(scope="session")
def by_pmid(shared: Path) -> dict[int, Article]:
    """All shared records by PMID, the last printed of several revisions."""
    files = (shared / "data" / name for name in ("pubmed_revisions.xml.gz", "pubmed_records.xml.gz"))
    records = chain.from_iterable(map(iter_records, files))
    return {record.pmid: record for record in records if isinstance(record, Article)}


@pytest.fixture(scope="session")
def article(by_pmid):
    """Return the record of a PMID; skip where the shared collection does not hold it."""

    def find(pmid: int) -> Article:
        if pmid not in by_pmid:
            pytest.skip(f"PMID {pmid} is not among the shared records")
        return by_pmid[pmid]

    return find


@pytest.mark.parametrize(("pmid", "words"), [(31540985, "(CYP105D7)"), (31540985, "cat/Km values")])
def test_inline_markup_keeps_its_words(article, pmid, words):
    """pubmed_parser deletes nested markup together with its text."""
    assert words in f"{article(pmid).title} {article(pmid).abstract_text}"


@pytest.mark.parametrize("pmid", [18719013, 23852273])
def test_a_pii_that_comes_last_does_not_hide_the_doi(article, pmid):
    """pubmed_parser gives an empty DOI there."""
    assert (article(pmid).doi or "").startswith("10.")


def test_collective_authors_have_a_name(article):
    """pubmed_parser leaves them blank."""
    assert any(author.collective_name for author in article(41602864).authors)


def test_all_affiliations_of_an_author_are_kept(article):
    """pubmed_parser keeps the first of 19."""
    assert max(len(author.affiliations) for author in article(27687975).authors) > 1


def test_mixed_content_is_not_cut_at_its_first_tag(article):
    """EDirect's xtract reads it as "wild-type metastatic colorectal cancer."."""
    record = article(31388315)

    assert len(record.title or "") > len("wild-type metastatic colorectal cancer.")
    assert "<" not in (record.title or "")


def test_entities_are_read_and_tags_are_gone(article):
    """The C parser pubmedparser2 leaves both raw."""
    pmid = 11909345
    text = f"{article(pmid).title} {article(pmid).abstract_text}"

    assert not any(raw in text for raw in ("&lt;", "&amp;", "&gt;", "<sup>", "<i>"))


@pytest.mark.parametrize("pmid", [11442735, 11473127])
def test_a_less_than_sign_does_not_eat_the_abstract(article, pmid):
    """pubmed-xml deletes the text between < and >."""
    text = article(pmid).abstract_text

    assert "<" in text
    assert len(text.rpartition("<")[2]) > 20


def test_the_year_of_publication_is_not_the_year_of_entry(article):
    """pubmed-xml takes it from the history."""
    record = article(9929727)

    assert record.pub_date is not None
    assert record.pub_date.verbatim.startswith(str(record.pub_date.start.year))


@pytest.mark.parametrize(
    ("pmid", "start", "end"),
    [
        (31449487, date(2019, 9, 1), date(2019, 10, 31)),
        (31540998, date(2019, 9, 1), date(2019, 10, 31)),
    ],
)
def test_a_range_of_months_is_a_range(article, pmid, start, end):
    """pubmed-mapper fails on "2019 Sep/Oct"."""
    found = article(pmid).pub_date

    assert (found.start, found.end, found.precision) == (start, end, "range")


def test_the_ids_of_cited_articles_are_not_our_own(article):
    """pubmed-downloader mixes them in."""
    record = article(24349601)

    assert [i.value for i in record.article_ids if i.id_type == "pubmed"] == ["24349601"]
    assert sum(i.id_type == "doi" for i in record.article_ids) == 1


def test_other_abstracts_are_not_part_of_the_abstract(by_pmid):
    """Both litsync and pymed merge them."""
    with_other = [record for record in by_pmid.values() if record.other_abstracts]

    assert len(with_other) > 50
    for record in with_other:
        theirs = {section.text for other in record.other_abstracts for section in other.sections}
        assert theirs.isdisjoint(section.text for section in record.abstract)


def test_a_record_without_an_abstract_is_a_record(by_pmid):
    """The loader paperetl drops them."""
    assert sum(not record.abstract for record in by_pmid.values()) > 300


def test_major_flags_corrections_accessions_history_and_pmcid_are_there(by_pmid):
    """pubmed_parser has none of them."""
    records = by_pmid.values()

    assert any(heading.major_topic for record in records for heading in record.mesh_headings)
    for name in ("comments_corrections", "databank_accessions", "history", "pmcid"):
        assert any(getattr(record, name) for record in records)


def test_words_in_two_italics_are_not_glued():
    """remove_blank_text=True makes "E.coli" of <i>E.</i> <i>coli</i>."""
    title = "Trastuzumab from <i>E.</i> <i>coli</i>"

    [article] = parse_articles(
        b"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>"
        b"<ArticleTitle>"
        + title.encode()
        + b"</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    ).articles

    assert (article.title, article.title_markup) == ("Trastuzumab from E. coli", title)
