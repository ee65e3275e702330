"""The same statement has the same fingerprint; a change of meaning has another, and says where."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from itertools import pairwise

import pytest
from every_element import EVERY_BOOK_ELEMENT, EVERY_ELEMENT

from her2lit.pubmed.fingerprint import BOOKKEEPING, CONTENT, changed_fields, fingerprint
from her2lit.pubmed.parse import iter_records, parse_articles
from her2lit.records import AbstractSection, Article, CommentCorrection, PublicationType


def article_with(pub_date: str, *, journal: str = "J. Inv. Res.", indent: str = "") -> Article:
    """A small record with its publication date in the given XML."""
    xml = f"""<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">1</PMID>
    <Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate>{pub_date}</PubDate></JournalIssue>
    <ISOAbbreviation>{journal}</ISOAbbreviation></Journal><ArticleTitle>{indent}One title,{indent} two lines.{indent}</ArticleTitle>
    </Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
    [article] = parse_articles(xml.encode()).articles
    return article


def test_every_field_is_either_content_or_bookkeeping():
    names = {field.name for field in fields(Article)}

    assert set(CONTENT) | set(BOOKKEEPING) == names
    assert set(CONTENT) & set(BOOKKEEPING) == set()


@pytest.mark.case("61")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            article_with("<Year>1978</Year><Season>Jul-Aug</Season>"),
            article_with("<MedlineDate>1978 Jul-Aug</MedlineDate>"),
        ),
        (
            article_with("<Year>2021</Year><Month>01</Month>"),
            article_with("<Year>2021</Year><Month>Jan</Month>"),
        ),
        (article_with("<Year>2021</Year>"), article_with("<Year>2021</Year>", journal="J Inv Res")),
        (article_with("<Year>2021</Year>"), article_with("<Year>2021</Year>", indent="\n      ")),
    ],
    ids=["season-medlinedate", "month", "abbreviation-dots", "indentation"],
)
def test_two_renderings_of_one_citation_have_one_fingerprint(ours, theirs):
    """EFetch re-renders what the baseline files hold (PMID 152567)."""
    assert fingerprint(ours) == fingerprint(theirs)


@pytest.mark.parametrize(
    "change",
    [
        {"date_revised": date(2022, 1, 1)},
        {"mesh_date": date(2022, 1, 1)},
        {"history": ()},
        {"references": ()},
        {"indexing_method": "Manual"},
        {"start_page": None, "end_page": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_bookkeeping_alone_is_no_revision(change):
    assert fingerprint(replace(EVERY_ELEMENT, **change)) == fingerprint(EVERY_ELEMENT)


#: Field -> steps between real revisions in which it changed.
CHANGES = {
    "mesh_headings": 16,
    "doi": 14,
    "abstract": 11,
    "publication_types": 9,
    "grants": 7,
    "substances": 4,
    "article_dates": 3,
    "authors": 3,
    "status": 3,
    "databank_accessions": 1,
    "keywords": 1,
    "title": 1,
}
N_UNCHANGED = 171
CITES = CommentCorrection(ref_type="Cites", ref_source="Cell. 1999", pmid=8, pmid_version=1, note=None)
RETRACTION = CommentCorrection(ref_type="RetractionIn", ref_source=None, pmid=None, pmid_version=None, note=None)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title."},
        {"abstract": (AbstractSection(label=None, nlm_category=None, text="Else."),)},
        {"mesh_headings": ()},
        {"status": "PubMed-not-MEDLINE"},
        {"publication_types": (PublicationType(name="Retracted Publication", ui="D016441"),)},
        {"comments_corrections": (*EVERY_ELEMENT.comments_corrections, RETRACTION)},
        {"pub_date": None},
        {"authors": EVERY_ELEMENT.authors[:1]},
        {"databank_accessions": ()},
        {"coi_statement": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_meaning_is_seen_and_named(change):
    old, new = fingerprint(EVERY_ELEMENT), fingerprint(replace(EVERY_ELEMENT, **change))

    assert old.content_sha256 != new.content_sha256
    assert changed_fields(dict(old.fields), dict(new.fields)) == tuple(change)


def test_a_heading_renamed_under_its_ui_says_the_same():
    """NLM renames descriptors every winter; the UI stays."""
    [first, *rest] = EVERY_ELEMENT.mesh_headings
    renamed = (replace(first, descriptor="Neoplasms of the Breast"), *rest)

    assert fingerprint(replace(EVERY_ELEMENT, mesh_headings=renamed)) == fingerprint(EVERY_ELEMENT)


def test_a_new_book_title_is_a_change_of_the_book():
    renamed = replace(EVERY_BOOK_ELEMENT, book=replace(EVERY_BOOK_ELEMENT.book, title="Other"))

    old, new = fingerprint(EVERY_BOOK_ELEMENT), fingerprint(renamed)

    assert changed_fields(dict(old.fields), dict(new.fields)) == ("book",)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("languages", {"languages": ("ENG", "FRE")}),
        ("comments_corrections", {"comments_corrections": (*EVERY_ELEMENT.comments_corrections, CITES)}),
    ],
)
def test_what_only_looks_new_is_no_revision(field, change):
    """Old files print languages in capitals and the list of references as comments and corrections."""
    assert getattr(EVERY_ELEMENT, field) != change[field]
    assert fingerprint(replace(EVERY_ELEMENT, **change)) == fingerprint(EVERY_ELEMENT)


@pytest.fixture(scope="module")
def revisions(shared):
    """Every real record that comes in several revisions: its revisions, oldest first."""
    found: dict[int, list[Article]] = {}
    for record in iter_records(shared / "data" / "pubmed_revisions.xml.gz"):
        found.setdefault(record.pmid, []).append(record)
    return found


def changes(before, after):
    old, new = fingerprint(before), fingerprint(after)
    found = changed_fields(dict(old.fields), dict(new.fields))
    assert (found == ()) == (old.content_sha256 == new.content_sha256)
    return found


def test_what_changed_between_real_revisions_is_named(revisions):
    """
    392 revisions of 179 records, 213 steps between them.

    Four fifths change nothing a reader would see: DateCreated is dropped, the list of cited works grows, the
    journal is abbreviated otherwise, languages are in capitals. The table is in docs/parsing.md.
    """
    steps = [changes(one, other) for records in revisions.values() for one, other in pairwise(records)]

    assert (len(revisions), len(steps)) == (179, 213)
    assert Counter(name for step in steps for name in step) == CHANGES
    assert sum(step == () for step in steps) == N_UNCHANGED


@pytest.mark.parametrize(
    ("pmid", "field"),
    [
        (9482442, "mesh_headings"),
        (11748856, "substances"),
        (16929039, "grants"),
        (17713168, "authors"),
        (31814964, "abstract"),
    ],
)
def test_a_real_change_is_named_by_its_field(revisions, pmid, field):
    steps = [changes(one, other) for one, other in pairwise(revisions[pmid])]

    assert field in {name for step in steps for name in step}


@pytest.mark.extra
def test_one_citation_from_efetch_and_from_a_baseline_file_has_one_fingerprint(shared, update_file):
    """PMID 417610, last revised in 2016: EFetch years later, and the baseline file of 2020."""
    baseline = gzip.decompress(update_file.with_name("pubmed20n0014.xml.gz").read_bytes())
    at = baseline.index(b">417610</PMID>")
    begin, end = (
        baseline.rindex(b"<PubmedArticle>", 0, at),
        baseline.index(b"</PubmedArticle>", at) + len(b"</PubmedArticle>"),
    )
    [from_file] = parse_articles(b"<PubmedArticleSet>" + baseline[begin:end] + b"</PubmedArticleSet>").articles
    records = iter_records(shared / "data" / "pubmed_records.xml.gz")

    from_efetch = next(record for record in records if record.pmid == 417610)

    assert from_efetch.date_revised == from_file.date_revised == date(2016, 11, 23)
    assert fingerprint(from_efetch) == fingerprint(from_file)
