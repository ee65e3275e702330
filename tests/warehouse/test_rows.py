from dataclasses import fields
from datetime import date

import pytest
from made_records import annotation, article, fingerprint

from her2lit import records
from her2lit.records import (
    AbstractSection,
    Affiliation,
    Annotation,
    Article,
    ArticleDate,
    ArticleId,
    Author,
    Book,
    BookLink,
    BookSection,
    CommentCorrection,
    DatabankAccession,
    DrugTag,
    ELocation,
    Evidence,
    Facet,
    Grant,
    HistoryDate,
    Identifier,
    ItemList,
    Journal,
    Keyword,
    LinkedObject,
    MeshHeading,
    OtherAbstract,
    Outcome,
    OwnedText,
    ParsedArticle,
    PersonalNameSubject,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    SupplementaryMesh,
)
from warehouse.arrow import column_types
from warehouse.rows import (
    ANNOTATION_TABLES,
    ARTICLE_TABLES,
    EVIDENCE_COLUMNS,
    VERSION_COLUMNS,
    annotation_sha256,
    evidence_row,
    version_row,
)


def a_value(kind, name):
    """A value for a field of annotation *kind*, told apart by the field's *name*."""
    choices = {"int": 7, "bool": True, "date": date(2021, 6, 1), "float": 0.5}
    plain = kind.replace(" | None", "")
    return choices.get(plain, f"<{name}>")


def filled(record, **given):
    """A *record* with every scalar field filled in."""
    values = {f.name: a_value(str(f.type), f.name) for f in fields(record) if not str(f.type).startswith("tuple")}
    return record(**{**values, **given})


def everything():
    """A record in which every field of every part is given."""
    identifier = Identifier(source="ROR", value="<ror>")
    person = filled(Author, identifiers=(identifier,), affiliations=(filled(Affiliation, identifiers=(identifier,)),))
    day = filled(PubDate, start=date(2021, 6, 1), end=date(2021, 6, 1), precision="day")
    link = filled(BookLink)
    book = filled(
        Book, pub_date=day, beginning_date=day, ending_date=day, contribution_date=day, title_link=link,
        collection_title_link=link, chapter_link=link, isbns=("<isbn>",), editors=(person,), authors=(person,),
        investigators=(person,), elocations=(filled(ELocation),), location_labels=(("<type>", "<label>"),),
        sections=(filled(BookSection, link=link),), item_lists=(ItemList(type="<type>", items=("<item>",)),),
    )  # fmt: skip
    section = filled(AbstractSection)
    return filled(
        Article, abstract=(section,), other_abstracts=(filled(OtherAbstract, sections=(section,)),), journal=filled(Journal),
        book=book, pub_date=day, article_dates=(filled(ArticleDate),), history=(filled(HistoryDate),),
        elocations=(filled(ELocation),), article_ids=(filled(ArticleId),), languages=("<language>",), authors=(person,),
        investigators=(person,), publication_types=(filled(PublicationType),),
        mesh_headings=(filled(MeshHeading, qualifiers=(filled(Qualifier),)),), supplementary_mesh=(filled(SupplementaryMesh),),
        substances=(filled(Substance),), keywords=(filled(Keyword),), grants=(filled(Grant),),
        databank_accessions=(filled(DatabankAccession),), comments_corrections=(filled(CommentCorrection),),
        references=(filled(Reference, ids=(filled(ArticleId),)),), citation_subsets=("<subset>",), gene_symbols=("<gene>",),
        personal_name_subjects=(filled(PersonalNameSubject),), other_ids=(filled(OwnedText),),
        general_notes=(filled(OwnedText),), space_flight_missions=("<mission>",),
        objects=(LinkedObject(type="<type>", params=(("<name>", "<value>"),)),),
    )  # fmt: skip


@pytest.mark.parametrize("table", [*ARTICLE_TABLES, *ANNOTATION_TABLES], ids=lambda table: table.name)
def test_the_columns_written_are_the_columns_of_the_table(table, writer):
    keys = ("version_id", "pmid") if table in ARTICLE_TABLES else ("annotation_id", "version_id", "pmid")

    assert (*keys, *table.columns) == tuple(column_types(writer, table.name))


def test_version_and_evidence_columns_are_all_there_is_beside_the_bookkeeping(writer):
    versions, evidence = (set(column_types(writer, name)) for name in ("article_versions", "article_evidence"))

    assert versions - set(VERSION_COLUMNS) == {"version_id", "seen_from", "seen_to", "run_id"}
    assert evidence - set(EVIDENCE_COLUMNS) == {
        "annotation_id",
        "version_id",
        "annotated_at",
        "superseded_at",
        "run_id",
    }


def test_every_field_of_a_record_reaches_some_table():
    """
    A field added to a record and forgotten here would be lost in silence.
    """
    whole = everything()
    parsed = ParsedArticle(article=whole, fingerprint=fingerprint(whole), batch_sha256="b")
    rows = [version_row(parsed), *(row for table in ARTICLE_TABLES for row in table.rows(whole))]
    written = {value for row in rows for value in row if isinstance(value, str)}

    for kind in (getattr(records, name) for name in records.__dict__ if isinstance(getattr(records, name), type)):
        if kind in _PARTS:
            expected = {f"<{f.name}>" for f in fields(kind) if str(f.type) in ("str", "str | None")}
            assert expected - written - _NOT_STORED == set(), kind.__name__


_PARTS = {
    AbstractSection, Affiliation, Article, ArticleDate, ArticleId, Author, Book, BookLink, BookSection, CommentCorrection,
    DatabankAccession, ELocation, Grant, HistoryDate, Journal, Keyword, MeshHeading, OtherAbstract, OwnedText,
    PersonalNameSubject, PublicationType, Qualifier, Reference, Substance, SupplementaryMesh,
}  # fmt: skip
_NOT_STORED = {"<precision>"}


def test_every_field_of_a_judgement_reaches_some_table():
    """
    A statement added to Annotation, Outcome, Facet or DrugTag and forgotten here could not be asked for in SQL.
    """
    words = filled(Evidence)
    facet = filled(Facet, evidence=words)
    whole = filled(
        Annotation, drugs=(filled(DrugTag, evidence=words),), facets=(facet,), design_evidence=words, trial_ids=("<trial_ids>",),
        outcomes=(filled(Outcome, evidence=words, flags=("<flags>",)),), evidence_rank_parts=(("<part>", 7),),
        integrity=("<integrity>",), sources=(filled(Facet, evidence=filled(Evidence), facet="<source>"),),
    )  # fmt: skip
    rows = [evidence_row(whole), *(row for table in ANNOTATION_TABLES for row in table.rows(whole))]
    flat = [item for row in rows for value in row for item in (value if isinstance(value, list) else [value])]
    written = {value for value in flat if isinstance(value, str)}

    for kind in (Annotation, DrugTag, Facet, Outcome, Evidence):
        expected = {f"<{f.name}>" for f in fields(kind) if str(f.type) in ("str", "str | None")}
        assert expected - written == set(), kind.__name__
    assert {"<trial_ids>", "<flags>", "<integrity>", "<source>"} <= written
    assert ("<part>", 7) in flat
    assert [table.name for table in ANNOTATION_TABLES if not list(table.rows(whole))] == []


def test_every_table_gets_a_row_from_a_record_that_has_everything():
    whole = everything()

    assert [table.name for table in ARTICLE_TABLES if not list(table.rows(whole))] == []


def test_a_record_with_everything_missing_fills_no_child_table():
    bare = Article(kind="article", pmid=1, pmid_version=1)

    assert [table.name for table in ARTICLE_TABLES if list(table.rows(bare))] == []
    row = version_row(ParsedArticle(article=bare, fingerprint=fingerprint(bare), batch_sha256="b"))
    assert len(row) == len(VERSION_COLUMNS)
    assert set(row[6:]) == {None}


def test_an_unchanged_judgement_has_the_same_hash_and_a_changed_one_another():
    judged = annotation(article(1))

    assert annotation_sha256(judged) == annotation_sha256(annotation(article(1)))
    assert annotation_sha256(judged) != annotation_sha256(annotation(article(1), n_patients=5))
    assert len(evidence_row(judged)) == len(EVIDENCE_COLUMNS)
