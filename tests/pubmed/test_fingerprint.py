"""The same statement has the same fingerprint; a change of meaning has another, and says where."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from every_element import EVERY_BOOK_ELEMENT, EVERY_ELEMENT

from her2lit.pubmed.fingerprint import BOOKKEEPING, CONTENT, changed_fields, fingerprint
from her2lit.pubmed.parse import parse_articles
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
