"""
PubmedArticle elements straight into columns: which element or attribute fills which column.

``DECLARED`` says it once, table by table, in the words of the DTD. It holds what occurs every day;
a record with anything else in it is doubtful and is read by ``xml_record`` instead, with the same
result. The tests hold both readers against each other on every real record there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa
from lxml import etree

from her2lit.pubmed.dates import read_article_date, read_day, read_pub_date
from her2lit.pubmed.identifiers import normalise_doi, normalise_orcid, normalise_pmcid, read_pmid
from her2lit.pubmed.xml_index import Index, Integers, Paths, arrow, pc, replace_cells
from her2lit.pubmed.xml_schema import CHILDREN
from her2lit.pubmed.xml_text import INLINE, MATHML, Notes, read_mixed, remember

#: Between the parts of a date while they are one text; no XML text can hold it.
_JOINT = "\x1f"
_ORCID_NAMES = pa.array(["ORCID", "Orcid", "orcid"])
#: Asked twice of each: for the identifier's value and for the person's ORCID.
_orcid = remember(1 << 12)(normalise_orcid)
Arrays = Sequence["pa.Array[Any]"]


@dataclass(frozen=True, slots=True)
class RowSet:
    """The elements that are the rows of a table."""

    index: Index
    path: str
    elements: Integers

    def cells(self, place: str) -> Integers:
        """Return the element at *place* ("LastName", "../Title", "" for itself) for each row; -1 for none."""
        path, n_up, n_down = _resolve(self.path, place)
        anchors = self.index.above(self.elements, n_up)
        return self.index.below(anchors, path, n_down) if n_down else anchors


@cache
def _resolve(base: str, place: str) -> tuple[str, int, int]:
    """Return the path from the record, the levels up to the common ancestor, and the levels down from there."""
    down = [step for step in place.split("/") if step and step != ".."]
    n_up = place.split("/").count("..")
    outer = base.split("/")[: len(base.split("/")) - n_up] if base else []
    return "/".join([*outer, *down]), n_up, len(down)


@dataclass(frozen=True, slots=True)
class Column:
    """One or more columns read from the same places."""

    names: tuple[str, ...]
    #: Elements below (or, with "..", beside) the row's own element
    places: tuple[str, ...]
    read: Callable[[RowSet], Arrays]
    #: The text may hold markup
    is_mixed: bool = False
    #: The element may come again: a list
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A table whose rows are the elements at *path*, and the tables inside it."""

    table: str
    path: str
    columns: tuple[Column, ...]
    #: Columns without which ``xml_record`` leaves the row out
    required: tuple[str, ...] = ()
    inner: tuple[Rows, ...] = ()
    #: Elements above the rows that may come again
    repeated: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------
# Kinds of columns
# ---------------------------------------------------------------------------------------------


def text(name: str, place: str) -> Column:
    """Return a column of plain text."""
    return Column((name,), (place,), lambda rows: [rows.index.texts(rows.cells(place))])


def mixed(name: str, place: str, markup: str = "markup") -> Column:
    """Return a column of text that may hold markup, and the markup where there is some."""

    def read(rows: RowSet) -> Arrays:
        elements = rows.cells(place)
        texts = rows.index.texts(elements)
        marked = rows.index.has_markup(elements)
        markups: pa.Array[Any] = pa.nulls(len(texts), pa.string())
        if len(marked):
            plain, inner = zip(*[_read_markup(rows.index, int(element)) for element in elements[marked]], strict=True)
            texts, markups = replace_cells(texts, marked, plain), replace_cells(markups, marked, inner)
        return [texts, markups]

    return Column((name, markup), (place,), read, is_mixed=True)


def _read_markup(index: Index, element: int) -> tuple[str | None, str | None]:
    try:
        fragment = etree.fromstring(b"<text>" + index.inner_xml(element) + b"</text>", _PARSER)
    except etree.XMLSyntaxError:
        index.doubt(np.array([element]))
        return None, None
    return read_mixed(fragment, Notes())


def attribute(name: str, place: str, key: str, default: str | None = None) -> Column:
    """Return a column of an attribute as it stands."""

    def read(rows: RowSet) -> Arrays:
        values = rows.index.attribute(rows.cells(place), key)
        return [values if default is None else pc.fill_null(values, default)]

    return Column((name,), (place,), read)


def flag(name: str, place: str, key: str, value: str) -> Column:
    """Return whether an attribute has *value*."""
    return Column((name,), (place,), lambda rows: [arrow(rows.index.has_attribute(rows.cells(place), key, value))])


def unless(name: str, place: str, key: str, value: str) -> Column:
    """Return whether an attribute has any other than *value*; null where the element is absent."""

    def read(rows: RowSet) -> Arrays:
        elements = rows.cells(place)
        return [arrow(~rows.index.has_attribute(elements, key, value), elements < 0)]

    return Column((name,), (place,), read)


def number(name: str, place: str, key: str | None, read_number: Callable[[str | None], int | None]) -> Column:
    """Return a number read from a text, or from attribute *key*."""

    def read(rows: RowSet) -> Arrays:
        elements = rows.cells(place)
        texts = rows.index.attribute(elements, key) if key else rows.index.texts(elements)
        return [convert(texts, read_number, pa.int64())]

    return Column((name,), (place,), read)


def parts(
    names: Sequence[str], place: str, steps: Sequence[str], read_parts: Callable[..., Any], fields: Sequence[str] = ()
) -> Column:
    """Return what *read_parts* makes of the texts of *steps* under *place*: a day, or *fields* of what it returns."""
    places = [f"{place}/{step}" if place else step for step in steps]
    types = [pa.string() if name.endswith(("verbatim", "precision")) else pa.date32() for name in names]
    read_fields: list[Callable[[Any], Any]] = [attrgetter(field) for field in fields] or [lambda day: day]

    @remember(1 << 14)
    def read_joined(joined: str) -> Any:
        return read_parts(*(part or None for part in joined.split(_JOINT)))

    def read(rows: RowSet) -> Arrays:
        texts = [rows.index.texts(rows.cells(where)) for where in places]
        joined = pc.binary_join_element_wise(*texts, _JOINT, null_handling="replace", null_replacement="")
        is_absent = rows.cells(place) < 0
        keys = pc.if_else(arrow(is_absent), None, joined) if is_absent.any() else joined
        encoded = keys.dictionary_encode()
        found = [read_joined(key) for key in encoded.dictionary.to_pylist()]
        values = [pa.array(map(field, found), kind) for field, kind in zip(read_fields, types, strict=True)]
        return [column.take(encoded.indices) for column in values]

    return Column(tuple(names), (place, *places), read)


def texts_of(name: str, place: str) -> Column:
    """Return a list column of the texts of an element that comes again."""

    def read(rows: RowSet) -> Arrays:
        index = rows.index
        path, _, n_down = _resolve(rows.path, place)
        elements = index.at(path)
        values = index.texts(elements)
        index.doubt(elements[np.asarray(values.is_null())])
        counts = np.bincount(index.number_in(rows.elements, elements, n_down), minlength=len(rows.elements))
        return [pa.ListArray.from_arrays(pa.array(np.append(0, np.cumsum(counts)), pa.int32()), values)]

    return Column((name,), (place,), read, is_repeated=True)


def convert(texts: pa.Array[Any], read: Callable[[str], Any], kind: pa.DataType) -> pa.Array[Any]:
    """Return what *read* makes of each text, reading each distinct one once; null stays null."""
    encoded = texts.dictionary_encode()
    distinct: list[Any] = encoded.dictionary.to_pylist()
    values = pa.array([read(text) for text in distinct], kind)
    return values.take(encoded.indices)


# ---------------------------------------------------------------------------------------------
# What fills what
# ---------------------------------------------------------------------------------------------

_DAY = ("Year", "Month", "Day")
_PUB_DATE = (*_DAY, "Season", "MedlineDate")
_C, _A, _D = "MedlineCitation", "MedlineCitation/Article", "PubmedData"


def _number_of(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 4 else None


def _version(text: str | None) -> int | None:
    return read_pmid(text)


def _registry_number(rows: RowSet) -> Arrays:
    numbers = rows.index.texts(rows.cells("RegistryNumber"))
    return [pc.if_else(pc.equal(numbers, "0"), None, numbers)]


def _identifier_value(rows: RowSet) -> Arrays:
    """Read the value of an Identifier; ORCIDs into their one form, as ``xml_people`` does."""
    values = rows.index.texts(rows.elements)
    sources = rows.index.attribute(rows.elements, "Source")
    is_orcid = np.flatnonzero(np.asarray(pc.is_in(sources, _ORCID_NAMES)))
    if not len(is_orcid):
        return [values]
    printed = values.take(arrow(is_orcid)).to_pylist()
    return [replace_cells(values, is_orcid, [_orcid(value) or value for value in printed])]


def _identifiers(table: str, path: str) -> Rows:
    columns = (attribute("source", "", "Source"), Column(("value",), ("",), _identifier_value))
    return Rows(table, path, columns, required=("value",))


def _people(table: str, path: str, group_id: Column) -> Rows:
    affiliations = Rows(
        f"{table}_affiliations",
        f"{path}/AffiliationInfo",
        (mixed("text", "Affiliation"),),
        required=("text",),
        inner=(_identifiers(f"{table}_affiliations_identifiers", f"{path}/AffiliationInfo/Identifier"),),
    )
    columns = (
        text("last_name", "LastName"),
        text("fore_name", "ForeName"),
        text("initials", "Initials"),
        mixed("suffix", "Suffix", "suffix_markup"),
        mixed("collective_name", "CollectiveName", "collective_name_markup"),
        unless("is_valid", "", "ValidYN", "N"),
        flag("has_equal_contribution", "", "EqualContrib", "Y"),
        group_id,
    )
    return Rows(table, path, columns, inner=(_identifiers(f"{table}_identifiers", f"{path}/Identifier"), affiliations))


def _ids(table: str, path: str) -> Rows:
    columns = (attribute("id_type", "", "IdType", "pubmed"), text("value", ""))
    return Rows(table, path, columns, required=("value",))


def _sections(table: str, path: str) -> Rows:
    columns = (mixed("text", ""), attribute("label", "", "Label"), attribute("nlm_category", "", "NlmCategory"))
    return Rows(table, path, columns, required=("text",))


def _owned(table: str, path: str, key: str, default: str | None) -> Rows:
    return Rows(table, path, (attribute("source", "", key, default), text("text", "")), required=("text",))


_ARTICLES = Rows(
    "articles",
    "",
    (
        number("pmid", f"{_C}/PMID", None, read_pmid),
        number("pmid_version", f"{_C}/PMID", "Version", _version),
        mixed("title", f"{_A}/ArticleTitle", "title_markup"),
        mixed("vernacular_title", f"{_A}/VernacularTitle", "vernacular_title_markup"),
        mixed("coi_statement", f"{_C}/CoiStatement", "coi_statement_markup"),
        text("abstract_copyright", f"{_A}/Abstract/CopyrightInformation"),
        parts(["date_revised"], f"{_C}/DateRevised", _DAY, read_day),
        parts(["date_completed"], f"{_C}/DateCompleted", _DAY, read_day),
        parts(["medline_created"], f"{_C}/DateCreated", _DAY, read_day),
        attribute("status", _C, "Status"),
        attribute("owner", _C, "Owner", "NLM"),
        attribute("indexing_method", _C, "IndexingMethod"),
        attribute("version_id", _C, "VersionID"),
        attribute("version_date", _C, "VersionDate"),
        attribute("pub_model", _A, "PubModel"),
        text("publication_status", f"{_D}/PublicationStatus"),
        text("medline_pgn", f"{_A}/Pagination/MedlinePgn"),
        text("start_page", f"{_A}/Pagination/StartPage"),
        text("end_page", f"{_A}/Pagination/EndPage"),
        texts_of("languages", f"{_A}/Language"),
        texts_of("citation_subsets", f"{_C}/CitationSubset"),
        texts_of("gene_symbols", f"{_C}/GeneSymbolList/GeneSymbol"),
        texts_of("space_flight_missions", f"{_C}/SpaceFlightMission"),
        text("number_of_references", f"{_C}/NumberOfReferences"),
        unless("authors_complete", f"{_A}/AuthorList", "CompleteYN", "N"),
        attribute("author_list_type", f"{_A}/AuthorList", "Type"),
        unless("grants_complete", f"{_A}/GrantList", "CompleteYN", "N"),
        unless("databanks_complete", f"{_A}/DataBankList", "CompleteYN", "N"),
        text("journal_title", f"{_A}/Journal/Title"),
        text("journal_iso_abbreviation", f"{_A}/Journal/ISOAbbreviation"),
        text("journal_issn", f"{_A}/Journal/ISSN"),
        attribute("journal_issn_type", f"{_A}/Journal/ISSN", "IssnType"),
        text("journal_volume", f"{_A}/Journal/JournalIssue/Volume"),
        text("journal_issue", f"{_A}/Journal/JournalIssue/Issue"),
        attribute("journal_cited_medium", f"{_A}/Journal/JournalIssue", "CitedMedium"),
        text("journal_medline_ta", f"{_C}/MedlineJournalInfo/MedlineTA"),
        text("journal_nlm_unique_id", f"{_C}/MedlineJournalInfo/NlmUniqueID"),
        text("journal_issn_linking", f"{_C}/MedlineJournalInfo/ISSNLinking"),
        text("journal_country", f"{_C}/MedlineJournalInfo/Country"),
        parts(
            ["pub_date_verbatim", "pub_date_start", "pub_date_end", "pub_date_precision"],
            f"{_A}/Journal/JournalIssue/PubDate",
            _PUB_DATE,
            read_pub_date,
            ["verbatim", "start", "end", "precision"],
        ),
    ),
    required=("pmid",),
)
#: Every table that a PubmedArticle can fill without further ado; the others are ``xml_record``'s alone.
DECLARED = (
    _ARTICLES,
    _sections("abstract", f"{_A}/Abstract/AbstractText"),
    Rows(
        "other_abstracts",
        f"{_C}/OtherAbstract",
        (
            attribute("type", "", "Type"),
            attribute("language", "", "Language", "eng"),
            text("copyright", "CopyrightInformation"),
        ),
        inner=(_sections("other_abstracts_sections", f"{_C}/OtherAbstract/AbstractText"),),
    ),
    Rows(
        "article_dates",
        f"{_A}/ArticleDate",
        (
            attribute("date_type", "", "DateType"),
            parts(["on", "verbatim"], "", _DAY, lambda *day: read_article_date(None, *day), ["on", "verbatim"]),
        ),
    ),
    Rows(
        "history",
        f"{_D}/History/PubMedPubDate",
        (
            attribute("status", "", "PubStatus", ""),
            parts(["on", "verbatim"], "", _DAY, lambda *day: read_article_date(None, *day), ["on", "verbatim"]),
            number("hour", "Hour", None, _number_of),
            number("minute", "Minute", None, _number_of),
            number("second", "Second", None, _number_of),
        ),
    ),
    Rows(
        "elocations",
        f"{_A}/ELocationID",
        (attribute("id_type", "", "EIdType"), text("value", ""), unless("is_valid", "", "ValidYN", "N")),
        required=("value",),
    ),
    _ids("article_ids", f"{_D}/ArticleIdList/ArticleId"),
    _people("authors", f"{_A}/AuthorList/Author", attribute("group_id", "CollectiveName", "Investigators")),
    _people("investigators", f"{_C}/InvestigatorList/Investigator", attribute("group_id", "..", "ID")),
    Rows(
        "publication_types",
        f"{_A}/PublicationTypeList/PublicationType",
        (text("name", ""), attribute("ui", "", "UI")),
        required=("name",),
    ),
    Rows(
        "mesh_headings",
        f"{_C}/MeshHeadingList/MeshHeading",
        (
            text("descriptor", "DescriptorName"),
            attribute("descriptor_ui", "DescriptorName", "UI"),
            flag("major_topic", "DescriptorName", "MajorTopicYN", "Y"),
            attribute("type", "DescriptorName", "Type"),
            flag("is_auto", "DescriptorName", "AutoHM", "Y"),
        ),
        required=("descriptor",),
        inner=(
            Rows(
                "mesh_headings_qualifiers",
                f"{_C}/MeshHeadingList/MeshHeading/QualifierName",
                (
                    text("name", ""),
                    attribute("ui", "", "UI"),
                    flag("major_topic", "", "MajorTopicYN", "Y"),
                    flag("is_auto", "", "AutoHM", "Y"),
                ),
                required=("name",),
            ),
        ),
    ),
    Rows(
        "supplementary_mesh",
        f"{_C}/SupplMeshList/SupplMeshName",
        (text("name", ""), attribute("ui", "", "UI"), attribute("type", "", "Type")),
        required=("name",),
    ),
    Rows(
        "substances",
        f"{_C}/ChemicalList/Chemical",
        (
            text("name", "NameOfSubstance"),
            attribute("ui", "NameOfSubstance", "UI"),
            Column(("registry_number",), ("RegistryNumber",), _registry_number),
        ),
        required=("name",),
    ),
    Rows(
        "keywords",
        f"{_C}/KeywordList/Keyword",
        (
            mixed("term", ""),
            attribute("owner", "..", "Owner", "NLM"),
            flag("major_topic", "", "MajorTopicYN", "Y"),
        ),
        required=("term",),
        repeated=(f"{_C}/KeywordList",),
    ),
    Rows(
        "grants",
        f"{_A}/GrantList/Grant",
        (
            text("grant_id", "GrantID"),
            text("acronym", "Acronym"),
            text("agency", "Agency"),
            text("country", "Country"),
        ),
    ),
    Rows(
        "databank_accessions",
        f"{_A}/DataBankList/DataBank/AccessionNumberList/AccessionNumber",
        (text("databank", "../../DataBankName"), text("accession", "")),
        required=("databank", "accession"),
        repeated=(f"{_A}/DataBankList/DataBank",),
    ),
    Rows(
        "comments_corrections",
        f"{_C}/CommentsCorrectionsList/CommentsCorrections",
        (
            attribute("ref_type", "", "RefType", ""),
            text("ref_source", "RefSource"),
            number("ref_pmid", "PMID", None, read_pmid),
            number("ref_pmid_version", "PMID", "Version", _version),
            text("note", "Note"),
        ),
    ),
    Rows(
        "references",
        f"{_D}/ReferenceList/Reference",
        (mixed("citation", "Citation"), text("list_title", "../Title")),
        inner=(_ids("references_ids", f"{_D}/ReferenceList/Reference/ArticleIdList/ArticleId"),),
        repeated=(f"{_D}/ReferenceList", f"{_D}/ReferenceList/Reference/ArticleIdList"),
    ),
    Rows(
        "personal_name_subjects",
        f"{_C}/PersonalNameSubjectList/PersonalNameSubject",
        (
            text("last_name", "LastName"),
            text("fore_name", "ForeName"),
            text("initials", "Initials"),
            mixed("suffix", "Suffix", "suffix_markup"),
        ),
    ),
    _owned("other_ids", f"{_C}/OtherID", "Source", None),
    _owned("general_notes", f"{_C}/GeneralNote", "Owner", "NLM"),
)


def _all_tables(tables: Iterable[Rows]) -> Iterator[Rows]:
    for rows in tables:
        yield rows
        yield from _all_tables(rows.inner)


def _declared_paths() -> Paths:
    """Return the paths that ``DECLARED`` names, as far as the DTD knows them."""
    declared: set[str] = set()
    repeated: set[str] = set()
    is_mixed: set[str] = set()
    for rows in _all_tables(DECLARED):
        repeated.update((rows.path, *rows.repeated))
        for column in rows.columns:
            paths = {_resolve(rows.path, place)[0] for place in column.places}
            declared |= paths
            repeated |= paths if column.is_repeated else set()
            is_mixed |= paths if column.is_mixed else set()
    mixed_paths = {path: _markup_in(path) for path in is_mixed if _is_in_dtd(path)}
    return Paths("PubmedArticle", _in_dtd(declared), _in_dtd(repeated), mixed_paths)


def _in_dtd(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(_is_in_dtd, paths))


@cache
def _is_in_dtd(path: str) -> bool:
    """Return whether each step of *path* may stand under the one before it."""
    steps = ["PubmedArticle", *path.split("/")] if path else ["PubmedArticle"]
    return all(child in CHILDREN[parent] for parent, child in pairwise(steps))


def _markup_in(path: str) -> frozenset[str]:
    children = CHILDREN[path.rpartition("/")[2]]
    formula = {"mml:math"} if f"{MATHML}math" in children else set()
    return frozenset((children & INLINE) | formula)


PATHS = _declared_paths()
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, collect_ids=False
)


# ---------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """One table's columns for a block of records."""

    columns: dict[str, pa.Array[Any]]
    #: Per row: number of its record in the block
    records: Integers
    #: The table it lies in; None for ``articles``, whose rows are the records
    outer: str | None
    #: Per row: number of the outer table's row it belongs to
    outer_rows: Integers


def read_columns(index: Index) -> dict[str, Filled]:
    """
    Return the columns of every declared table, outer tables before those inside them.

    Records that turn out not to be plain are marked in ``index.is_doubtful``; what the columns
    say of those means nothing.
    """
    articles = RowSet(index, "", index.at(""))
    tables: dict[str, Filled] = {}
    for rows in DECLARED:
        _fill(rows, articles, None if rows is _ARTICLES else _ARTICLES.table, tables)
    index.doubt(articles.elements[articles.cells(_A) < 0])
    _doubt_rare_shapes(index)
    _derive(tables)
    return tables


def _fill(rows: Rows, outer: RowSet, outer_table: str | None, tables: dict[str, Filled]) -> None:
    index = outer.index
    elements = index.at(rows.path)
    here = RowSet(index, rows.path, elements)
    columns: dict[str, pa.Array[Any]] = {}
    for column in rows.columns:
        if all(_is_in_dtd(_resolve(rows.path, place)[0]) for place in column.places):
            columns.update(zip(column.names, column.read(here), strict=True))
    for name in rows.required:
        index.doubt(elements[np.asarray(columns[name].is_null())])
    n_between = _depth(rows.path) - _depth(outer.path)
    outer_rows = index.number_in(outer.elements, elements, n_between)
    tables[rows.table] = Filled(columns, index.record_of(elements), outer_table, outer_rows)
    for inner in rows.inner:
        _fill(inner, here, rows.table, tables)


def _depth(path: str) -> int:
    return len(path.split("/")) if path else 0


def _doubt_rare_shapes(index: Index) -> None:
    """Doubt what no column can say: a list's title after its references, a databank without accessions."""
    titles = index.at(f"{_D}/ReferenceList/Title")
    index.doubt(titles[index.above(titles, 1) != titles - 1])
    banks = index.at(f"{_A}/DataBankList/DataBank")
    accessions = index.at(f"{_A}/DataBankList/DataBank/AccessionNumberList/AccessionNumber")
    index.doubt(np.setdiff1d(banks, index.above(accessions, 2)))


# ---------------------------------------------------------------------------------------------
# What follows from several elements
# ---------------------------------------------------------------------------------------------


def _derive(tables: dict[str, Filled]) -> None:
    articles = tables["articles"]
    n_articles = len(articles.records)
    articles.columns["kind"] = pa.repeat(pa.scalar("article"), n_articles)
    articles.columns["pmid_version"] = pc.fill_null(articles.columns["pmid_version"], 1)
    history = tables["history"]
    for name, status in (("created_date", "entrez"), ("entry_date", "pubmed"), ("mesh_date", "medline")):
        is_it = pc.and_(pc.equal(history.columns["status"], status), history.columns["on"].is_valid())
        articles.columns[name] = _first_of(history, "on", is_it, n_articles)
    ids, places = tables["article_ids"], tables["elocations"]
    own = _values_of(ids, pc.equal(ids.columns["id_type"], "doi"), normalise_doi)
    is_valid_doi = pc.and_(pc.equal(places.columns["id_type"], "doi"), places.columns["is_valid"])
    printed = _values_of(places, is_valid_doi, normalise_doi)
    articles.columns["doi"] = pa.array([own.get(n) or printed.get(n) for n in range(n_articles)], pa.string())
    pmc_ids = _first_of(ids, "value", pc.equal(ids.columns["id_type"], "pmc"), n_articles)
    articles.columns["pmcid"] = convert(pmc_ids, normalise_pmcid, pa.string())
    for people in ("authors", "investigators"):
        _derive_orcids(tables[people], tables[f"{people}_identifiers"])


def _first_of(inner: Filled, name: str, is_wanted: pa.Array[Any], n_outer: int) -> pa.Array[Any]:
    """Return for each outer row the value of *name* in its first wanted inner row."""
    wanted = np.flatnonzero(np.asarray(pc.fill_null(is_wanted, False)))
    at = np.full(n_outer, -1, dtype=np.int64)
    at[inner.outer_rows[wanted][::-1]] = wanted[::-1]
    return inner.columns[name].take(arrow(at, at < 0))


def _values_of(inner: Filled, is_wanted: pa.Array[Any], read: Callable[[str], str | None]) -> dict[int, str]:
    """Return outer row -> what *read* makes of "value" in its first wanted inner row that makes sense."""
    wanted = np.flatnonzero(np.asarray(pc.fill_null(is_wanted, False)))
    found: dict[int, str] = {}
    values: list[Any] = inner.columns["value"].take(arrow(wanted)).to_pylist()
    for row, value in zip(inner.outer_rows[wanted].tolist(), values, strict=True):
        if row not in found and (understood := read(value)) is not None:
            found[row] = understood
    return found


def _derive_orcids(people: Filled, identifiers: Filled) -> None:
    found = _values_of(identifiers, pc.is_in(identifiers.columns["source"], _ORCID_NAMES), _orcid)
    orcids = pa.nulls(len(people.records), pa.string())
    cells = np.fromiter(found, dtype=np.int64, count=len(found))
    people.columns["orcid"] = replace_cells(orcids, cells, list(found.values())) if found else orcids
