"""One PubmedArticle or MedlineCitation element, read into an ``Article`` by direct child walks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from her2lit.pubmed.dates import read_day
from her2lit.pubmed.identifiers import normalise_doi, normalise_pmcid
from her2lit.pubmed.xml_parts import (
    read_abstract,
    read_article_date_element,
    read_article_ids,
    read_comments_corrections,
    read_databanks,
    read_date_parts,
    read_elocation,
    read_full_date,
    read_grants,
    read_history,
    read_keywords,
    read_list,
    read_mesh_headings,
    read_objects,
    read_other_abstract,
    read_parts,
    read_pmid_element,
    read_publication_types,
    read_references,
    read_substances,
    read_supplementary_mesh,
)
from her2lit.pubmed.xml_people import read_first_affiliation, read_investigators, read_name_subjects, read_people
from her2lit.pubmed.xml_schema import ATTRIBUTES
from her2lit.pubmed.xml_text import Element, Notes, read_leaf, read_mixed
from her2lit.records import Article, Author, HistoryDate, Journal, OwnedText

#: What is known of the record so far: field name of ``Article`` -> value; what several elements
#: ``add`` to is a list until the end. "journal" holds the arguments of ``Journal`` until then,
#: because two elements fill it.
Fields = dict[str, Any]
Step = Callable[[Element, Fields, Notes], None]


class UnreadableRecord(Exception):
    """The record lacks what makes it one."""


def read_pubmed_article(record: Element, notes: Notes) -> Article:
    """
    Read one PubmedArticle.

    Raises:
        UnreadableRecord: It has no PMID or no Article.
    """
    fields: Fields = {}
    walk(record, _RECORD, fields, notes)
    return finish(fields, kind="article")


def read_medline_citation(citation: Element, notes: Notes) -> Article:
    """Read a MedlineCitation that stands alone, as in MedlineCitationSet files."""
    fields: Fields = {}
    _read_citation(citation, fields, notes)
    return finish(fields, kind="article")


def finish(fields: Fields, *, kind: str) -> Article:
    """Build the article from what was read, with the values that follow from several elements."""
    if fields.get("pmid") is None:
        raise UnreadableRecord("no PMID that is a number")
    if not fields.pop("has_body", False):
        raise UnreadableRecord("no Article or Book element")
    journal = fields.pop("journal", None)
    if "first_affiliations" in fields:
        _give_to_first_author(fields)
    return Article(
        kind=kind,
        journal=Journal(**journal) if journal else None,
        doi=_own_doi(fields),
        pmcid=_own_pmcid(fields),
        **as_tuples(fields),
    )


def _own_doi(fields: Fields) -> str | None:
    """Return the DOI of ArticleIdList, else of a valid ELocationID."""
    for article_id in fields.get("article_ids", ()):
        if article_id.id_type == "doi":
            doi = normalise_doi(article_id.value)
            if doi is not None:
                return doi
    for place in fields.get("elocations", ()):
        if place.id_type == "doi" and place.is_valid:
            doi = normalise_doi(place.value)
            if doi is not None:
                return doi
    return None


def _own_pmcid(fields: Fields) -> str | None:
    for article_id in fields.get("article_ids", ()):
        if article_id.id_type == "pmc":
            return normalise_pmcid(article_id.value)
    return None


def _give_to_first_author(fields: Fields) -> None:
    """Put Article/Affiliation where it belongs: files before 2015 print the first author's there."""
    affiliations = fields.pop("first_affiliations")
    authors = fields.get("authors") or (Author(),)
    first = replace(authors[0], affiliations=(*authors[0].affiliations, *affiliations))
    fields["authors"] = (first, *authors[1:])


# ---------------------------------------------------------------------------------------------
# Steps: what one child element adds to the fields
# ---------------------------------------------------------------------------------------------


def add(fields: Fields, name: str, values: Iterable[Any]) -> None:
    """Add *values* to those of field *name*; in a list, so that many elements cost no more each than few."""
    fields.setdefault(name, []).extend(values)


def as_tuples(fields: Fields) -> Fields:
    """Return *fields* with what was added as tuples, as records hold it."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def walk(element: Element, steps: dict[str, Step], fields: Fields, notes: Notes) -> None:
    """Let each direct child of *element* add what it says."""
    n_understood = 0
    for child in element:
        step = steps.get(child.tag)
        if step is not None:
            step(child, fields, notes)
            n_understood += 1
    notes.n_elements += n_understood


def one(name: str, read: Callable[[Element, Notes], Any]) -> Step:
    """Return a step that puts what *read* returns into field *name*."""

    def step(element: Element, fields: Fields, notes: Notes) -> None:
        fields[name] = read(element, notes)

    return step


def many(name: str, read: Callable[[Element, Notes], tuple[Any, ...]]) -> Step:
    """Return a step that adds the values *read* returns to field *name*: the element may come again."""

    def step(element: Element, fields: Fields, notes: Notes) -> None:
        add(fields, name, read(element, notes))

    return step


def text(name: str) -> Step:
    """Return a step that puts the element's text into field *name*."""

    def step(element: Element, fields: Fields, _notes: Notes) -> None:
        fields[name] = read_leaf(element)

    return step


def texts(name: str) -> Step:
    """Return a step that adds the element's text to field *name*."""

    def step(element: Element, fields: Fields, _notes: Notes) -> None:
        value = read_leaf(element)
        if value is not None:
            add(fields, name, (value,))

    return step


def mixed(name: str) -> Step:
    """Return a step that puts text and markup into fields *name* and *name*_markup."""

    def step(element: Element, fields: Fields, notes: Notes) -> None:
        fields[name], fields[f"{name}_markup"] = read_mixed(element, notes)

    return step


def day(name: str) -> Step:
    """Return a step that puts a calendar day into field *name*."""

    def step(element: Element, fields: Fields, notes: Notes) -> None:
        year, month, number = read_full_date(element, notes)
        fields[name] = read_day(year, month, number)

    return step


def owned(name: str, attribute: str, default: str | None = None) -> Step:
    """Return a step that adds a text with its owner or source."""

    def step(element: Element, fields: Fields, notes: Notes) -> None:
        source = notes.attribute(element, attribute) or default
        value = read_leaf(element)
        if value is not None:
            add(fields, name, (OwnedText(source=source, text=value),))

    return step


def is_complete(element: Element, notes: Notes) -> bool:
    """Return @CompleteYN of a list, "Y" by default."""
    return notes.attribute(element, "CompleteYN") != "N"


def read_pmid(element: Element, fields: Fields, notes: Notes) -> None:
    """Read the record's own PMID and version."""
    pmid, version = read_pmid_element(element, notes)
    fields["pmid"], fields["pmid_version"] = pmid, version or 1


def _read_citation(element: Element, fields: Fields, notes: Notes) -> None:
    attributes = notes.attributes(element, ATTRIBUTES["MedlineCitation"])
    fields["status"] = attributes.get("Status")
    fields["owner"] = attributes.get("Owner") or "NLM"
    fields["indexing_method"] = attributes.get("IndexingMethod")
    fields["version_id"] = attributes.get("VersionID")
    fields["version_date"] = attributes.get("VersionDate")
    walk(element, _CITATION, fields, notes)


def _read_article(element: Element, fields: Fields, notes: Notes) -> None:
    fields["pub_model"] = notes.attribute(element, "PubModel")
    fields["has_body"] = True
    walk(element, _ARTICLE, fields, notes)


def _read_journal(element: Element, fields: Fields, notes: Notes) -> None:
    journal: Fields = fields.setdefault("journal", {})
    for child in element:
        tag = child.tag
        if tag == "JournalIssue":
            _read_issue(child, fields, journal, notes)
        elif tag == "ISSN":
            journal["issn"] = read_leaf(child)
            journal["issn_type"] = notes.attribute(child, "IssnType")
        elif tag == "Title":
            journal["title"] = read_leaf(child)
        elif tag == "ISOAbbreviation":
            journal["iso_abbreviation"] = read_leaf(child)
        else:
            continue
        notes.n_elements += 1


def _read_issue(element: Element, fields: Fields, journal: Fields, notes: Notes) -> None:
    journal["cited_medium"] = notes.attribute(element, "CitedMedium")
    for child in element:
        if child.tag == "PubDate":
            fields["pub_date"] = read_date_parts(child, notes)
        elif child.tag == "Volume":
            journal["volume"] = read_leaf(child)
        elif child.tag == "Issue":
            journal["issue"] = read_leaf(child)
        else:
            continue
        notes.n_elements += 1


def _read_journal_info(element: Element, fields: Fields, notes: Notes) -> None:
    country, medline_ta, key, linking = read_parts(element, notes, "Country", "MedlineTA", "NlmUniqueID", "ISSNLinking")
    journal: Fields = fields.setdefault("journal", {})
    journal.update(country=country, medline_ta=medline_ta, nlm_unique_id=key, issn_linking=linking)


def read_title(element: Element, fields: Fields, notes: Notes) -> None:
    """Read ArticleTitle of an article; its Bookshelf attributes occur in books only."""
    fields["title"], fields["title_markup"] = read_mixed(element, notes)


def read_pagination(element: Element, fields: Fields, notes: Notes) -> None:
    """Read Pagination."""
    start, end, printed = read_parts(element, notes, "StartPage", "EndPage", "MedlinePgn")
    fields.update(start_page=start, end_page=end, medline_pgn=printed)


def read_authors(element: Element, fields: Fields, notes: Notes) -> None:
    """Read AuthorList."""
    fields["authors_complete"] = is_complete(element, notes)
    fields["author_list_type"] = notes.attribute(element, "Type")
    add(fields, "authors", read_people(element, notes, "Author"))


def _read_databanks(element: Element, fields: Fields, notes: Notes) -> None:
    fields["databanks_complete"] = is_complete(element, notes)
    fields["databank_accessions"] = read_databanks(element, notes)


def read_grant_list(element: Element, fields: Fields, notes: Notes) -> None:
    """Read GrantList."""
    fields["grants_complete"] = is_complete(element, notes)
    fields["grants"] = read_grants(element, notes)


def read_abstract_element(element: Element, fields: Fields, notes: Notes) -> None:
    """Read Abstract."""
    fields["abstract"], fields["abstract_copyright"] = read_abstract(element, notes)


def read_history_element(element: Element, fields: Fields, notes: Notes) -> None:
    """Read History, and the three dates that PubMed searches by; their XML names are crossed."""
    history = read_history(element, notes)
    fields["history"] = history
    fields["created_date"] = _first(history, "entrez")
    fields["entry_date"] = _first(history, "pubmed")
    fields["mesh_date"] = _first(history, "medline")


def _first(history: tuple[HistoryDate, ...], status: str) -> Any:
    return next((date.on for date in history if date.status == status and date.on is not None), None)


def _walk_data(element: Element, fields: Fields, notes: Notes) -> None:
    walk(element, DATA, fields, notes)


#: PubmedData and PubmedBookData
DATA: dict[str, Step] = {
    "History": read_history_element,
    "PublicationStatus": text("publication_status"),
    "ArticleIdList": many("article_ids", read_article_ids),
    "ObjectList": many("objects", read_objects),
    "ReferenceList": many("references", read_references),
}
_ARTICLE: dict[str, Step] = {
    "Journal": _read_journal,
    "ArticleTitle": read_title,
    "Pagination": read_pagination,
    "ELocationID": many("elocations", read_elocation),
    "Abstract": read_abstract_element,
    "AuthorList": read_authors,
    "Affiliation": many("first_affiliations", read_first_affiliation),
    "Language": texts("languages"),
    "DataBankList": _read_databanks,
    "GrantList": read_grant_list,
    "PublicationTypeList": many("publication_types", read_publication_types),
    "VernacularTitle": mixed("vernacular_title"),
    "ArticleDate": many("article_dates", read_article_date_element),
}
_CITATION: dict[str, Step] = {
    "PMID": read_pmid,
    "DateCreated": day("medline_created"),
    "DateCompleted": day("date_completed"),
    "DateRevised": day("date_revised"),
    "Article": _read_article,
    "MedlineJournalInfo": _read_journal_info,
    "ChemicalList": many("substances", read_substances),
    "SupplMeshList": many("supplementary_mesh", read_supplementary_mesh),
    "CitationSubset": texts("citation_subsets"),
    "CommentsCorrectionsList": many("comments_corrections", read_comments_corrections),
    "CommentsCorrections": many("comments_corrections", read_comments_corrections),
    "GeneSymbolList": many("gene_symbols", lambda element, notes: read_list(element, notes, "GeneSymbol")),
    "MeshHeadingList": many("mesh_headings", read_mesh_headings),
    "NumberOfReferences": text("number_of_references"),
    "PersonalNameSubjectList": many("personal_name_subjects", read_name_subjects),
    "OtherID": owned("other_ids", "Source"),
    "OtherAbstract": many("other_abstracts", read_other_abstract),
    "KeywordList": many("keywords", read_keywords),
    "CoiStatement": mixed("coi_statement"),
    "SpaceFlightMission": texts("space_flight_missions"),
    "InvestigatorList": many("investigators", read_investigators),
    "GeneralNote": owned("general_notes", "Owner", "NLM"),
}
_RECORD: dict[str, Step] = {"MedlineCitation": _read_citation, "PubmedData": _walk_data}
