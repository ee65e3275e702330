"""One PubmedBookArticle or BookDocument element, read into an ``Article`` of kind "book"."""

from __future__ import annotations

from typing import Any

from her2lit.pubmed.xml_parts import (
    children_called,
    read_article_ids,
    read_date_parts,
    read_elocation,
    read_keywords,
    read_list,
    read_publication_type,
    read_references,
)
from her2lit.pubmed.xml_people import read_investigators, read_people
from her2lit.pubmed.xml_record import (
    DATA,
    Fields,
    Step,
    add,
    as_tuples,
    day,
    finish,
    is_complete,
    many,
    mixed,
    one,
    read_abstract_element,
    read_authors,
    read_grant_list,
    read_pagination,
    read_pmid,
    text,
    texts,
    walk,
)
from her2lit.pubmed.xml_text import Element, Notes, read_leaf, read_mixed
from her2lit.records import Article, Book, BookLink, BookSection, ItemList


def read_book_article(record: Element, notes: Notes) -> Article:
    """
    Read one PubmedBookArticle.

    Raises:
        UnreadableRecord: It has no PMID or no Book.
    """
    fields: Fields = {}
    walk(record, _RECORD, fields, notes)
    return _finish_book(fields)


def read_book_document(document: Element, notes: Notes) -> Article:
    """Read a BookDocument that stands alone, as in BookDocumentSet files."""
    fields: Fields = {}
    walk(document, _DOCUMENT, fields, notes)
    return _finish_book(fields)


def _finish_book(fields: Fields) -> Article:
    book = fields.pop("book", None)
    fields["has_body"] = book is not None
    article_fields = {name: value for name, value in fields.items() if name not in _BOOK_ONLY}
    if book is not None:
        book.update({name: fields[name] for name in _BOOK_ONLY if name in fields})
        article_fields["book"] = Book(**as_tuples(book))
    return finish(article_fields, kind="book")


#: Children of BookDocument that belong to ``Book`` in our records.
_BOOK_ONLY = frozenset({"contribution_date", "location_labels", "sections", "item_lists", "chapter_link"})


def _read_link(element: Element, notes: Notes) -> BookLink | None:
    book, part, sec = (notes.attribute(element, name) for name in ("book", "part", "sec"))
    return None if book is part is sec is None else BookLink(book=book, part=part, sec=sec)


def _read_title(element: Element, fields: Fields, notes: Notes) -> None:
    fields["title"], fields["title_markup"] = read_mixed(element, notes)
    fields["chapter_link"] = _read_link(element, notes)


def _read_book_title(element: Element, fields: Fields, notes: Notes) -> None:
    fields["title"], fields["title_markup"] = read_mixed(element, notes)
    fields["title_link"] = _read_link(element, notes)


def _read_collection_title(element: Element, fields: Fields, notes: Notes) -> None:
    fields["collection_title"], fields["collection_title_markup"] = read_mixed(element, notes)
    fields["collection_title_link"] = _read_link(element, notes)


def _read_publisher(element: Element, fields: Fields, notes: Notes) -> None:
    for child in element:
        if child.tag == "PublisherName":
            fields["publisher"], fields["publisher_markup"] = read_mixed(child, notes)
        elif child.tag == "PublisherLocation":
            fields["publisher_location"] = read_leaf(child)
        else:
            continue
        notes.n_elements += 1


def _read_book_people(element: Element, fields: Fields, notes: Notes) -> None:
    name = "editors" if notes.attribute(element, "Type") == "editors" else "authors"
    fields[f"{name}_complete"] = is_complete(element, notes)
    add(fields, name, read_people(element, notes, "Author"))


def _read_label(element: Element, notes: Notes) -> tuple[tuple[str | None, str | None], ...]:
    return ((notes.attribute(element, "Type"), read_leaf(element)),)


def _read_item_list(element: Element, notes: Notes) -> tuple[ItemList, ...]:
    return (ItemList(type=notes.attribute(element, "ListType"), items=read_list(element, notes, "Item")),)


def _read_sections(element: Element, notes: Notes, depth: int = 0) -> tuple[BookSection, ...]:
    """Return the sections under *element* in document order, each before those inside it."""
    sections: list[BookSection] = []
    for section in children_called(element, notes, "Section"):
        sections.extend(_read_section(section, notes, depth))
    return tuple(sections)


def _read_section(element: Element, notes: Notes, depth: int) -> tuple[BookSection, ...]:
    values: dict[str, Any] = {"title": None, "depth": depth}
    for child in element:
        if child.tag == "SectionTitle":
            values["title"], values["title_markup"] = read_mixed(child, notes)
            values["link"] = _read_link(child, notes)
        elif child.tag == "LocationLabel":
            [(values["label_type"], values["label"])] = _read_label(child, notes)
        else:
            continue
        notes.n_elements += 1
    return (BookSection(**values), *_read_sections(element, notes, depth + 1))


def _read_book(element: Element, fields: Fields, notes: Notes) -> None:
    fields["book"] = {}
    walk(element, _BOOK, fields["book"], notes)


def _walk_document(element: Element, fields: Fields, notes: Notes) -> None:
    walk(element, _DOCUMENT, fields, notes)


def _walk_data(element: Element, fields: Fields, notes: Notes) -> None:
    walk(element, DATA, fields, notes)


_BOOK: dict[str, Step] = {
    "Publisher": _read_publisher,
    "BookTitle": _read_book_title,
    "PubDate": one("pub_date", read_date_parts),
    "BeginningDate": one("beginning_date", read_date_parts),
    "EndingDate": one("ending_date", read_date_parts),
    "AuthorList": _read_book_people,
    "InvestigatorList": many("investigators", read_investigators),
    "Volume": text("volume"),
    "VolumeTitle": mixed("volume_title"),
    "Edition": text("edition"),
    "CollectionTitle": _read_collection_title,
    "Isbn": texts("isbns"),
    "ELocationID": many("elocations", read_elocation),
    "Medium": text("medium"),
    "ReportNumber": text("report_number"),
}
_DOCUMENT: dict[str, Step] = {
    "PMID": read_pmid,
    "ArticleIdList": many("article_ids", read_article_ids),
    "Book": _read_book,
    "LocationLabel": many("location_labels", _read_label),
    "ArticleTitle": _read_title,
    "VernacularTitle": mixed("vernacular_title"),
    "Pagination": read_pagination,
    "Language": texts("languages"),
    "AuthorList": read_authors,
    "InvestigatorList": many("investigators", read_investigators),
    "PublicationType": many("publication_types", read_publication_type),
    "Abstract": read_abstract_element,
    "Sections": many("sections", _read_sections),
    "KeywordList": many("keywords", read_keywords),
    "ContributionDate": one("contribution_date", read_date_parts),
    "DateRevised": day("date_revised"),
    "GrantList": read_grant_list,
    "ItemList": many("item_lists", _read_item_list),
    "ReferenceList": many("references", read_references),
}
_RECORD: dict[str, Step] = {"BookDocument": _walk_document, "PubmedBookData": _walk_data}
