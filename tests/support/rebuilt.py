"""``Article`` records put together again from Arrow tables and from rows of the warehouse: nothing may be missing."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from her2lit.records import (
    AbstractSection,
    Affiliation,
    Article,
    ArticleDate,
    ArticleId,
    Author,
    Book,
    BookLink,
    BookSection,
    CommentCorrection,
    DatabankAccession,
    ELocation,
    Grant,
    HistoryDate,
    Identifier,
    ItemList,
    Journal,
    Keyword,
    LinkedObject,
    MeshHeading,
    OtherAbstract,
    OwnedText,
    PersonalNameSubject,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    SupplementaryMesh,
)

Row = Mapping[str, Any]
_KEY = ("pmid", "pmid_version")


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        [hint] = [part for part in get_args(hint) if part is not types.NoneType]
    return hint


# ---------------------------------------------------------------------------------------------
# Arrow
# ---------------------------------------------------------------------------------------------


def articles_from_tables(tables: Mapping[str, pa.Table]) -> list[Article]:
    """Return the records of one batch of tables, by the rule of the layout alone: names, keys and positions."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    return [_from_tables(Article, row, rows, "", {key: row[key] for key in _KEY}) for row in rows["articles"]]


def _from_tables(record: type, row: Row, rows: Mapping[str, list[Row]], prefix: str, key: Row) -> Any:
    hints = get_type_hints(record)
    values = {}
    for field in fields(record):
        hint = _without_none(hints[field.name])
        name = field.name if record is Article or field.name not in _KEY else f"ref_{field.name}"
        if hint in {str, int, bool, date}:
            values[field.name] = row[name]
        elif hint in {Journal, PubDate, BookLink}:
            values[field.name] = _spread(hint, row, f"{name}_")
        elif hint is Book:
            found = _rows_of(rows, f"{prefix}{name}", key)
            values[field.name] = next((_inner(Book, r, rows, f"{prefix}{name}", key) for r in found), None)
        elif isinstance(get_args(hint)[0], type) and get_args(hint)[0] is not str:
            table, item = f"{prefix}{name}", get_args(hint)[0]
            values[field.name] = tuple(_inner(item, r, rows, table, key) for r in _rows_of(rows, table, key))
        else:
            values[field.name] = tuple(tuple(v) if isinstance(v, list) else v for v in row[name])
    return record(**values)


def _inner(record: type, row: Row, rows: Mapping[str, list[Row]], table: str, key: Row) -> Any:
    return _from_tables(record, row, rows, f"{table}_", {**key, f"{table}_position": row["position"]})


def _rows_of(rows: Mapping[str, list[Row]], table: str, key: Row) -> list[Row]:
    found = [row for row in rows[table] if all(row[name] == value for name, value in key.items())]
    assert [row["position"] for row in found] == list(range(len(found)))
    return found


def _spread(record: type, row: Row, prefix: str) -> Any:
    values = {field.name: row[f"{prefix}{field.name}"] for field in fields(record)}
    return None if set(values.values()) == {None} else record(**values)


# ---------------------------------------------------------------------------------------------
# The warehouse
# ---------------------------------------------------------------------------------------------


class Held:
    """What the warehouse holds of one record: its row of article_versions and its rows of the other tables."""

    def __init__(self, version: Row, tables: Mapping[str, list[Row]]) -> None:
        self.version, self._tables = version, tables

    def rows(self, table: str, **of: Any) -> list[Row]:
        """Return the rows of *table* whose columns have the values *of*, in their order."""
        return [row for row in self._tables[table] if all(row[name] == value for name, value in of.items())]

    def column(self, table: str, name: str) -> tuple[Any, ...]:
        return tuple(row[name] for row in self.rows(table))

    def records(self, record: type, table: str, **names: str) -> tuple[Any, ...]:
        """Return one *record* per row; *names* say which column fills which field, where they differ."""
        wanted = {field.name: names.get(field.name, field.name) for field in fields(record)}
        return tuple(record(**{field: row[column] for field, column in wanted.items()}) for row in self.rows(table))


def article_from_rows(held: Held) -> Article:
    """Return the record that the warehouse holds as *held*."""
    version = held.version
    plain = {f.name: version[f.name] for f in fields(Article) if f.name in version and f.name not in _ELSEWHERE}
    return Article(
        **plain,
        version_id=version["medline_version_id"],
        journal=_journal(version),
        pub_date=_pub_date(version, "pub_date"),
        book=_book(held),
        abstract=held.records(AbstractSection, "abstract_sections"),
        other_abstracts=_by_number(held, "other_abstract_sections", "abstract_position", _other_abstract),
        article_dates=held.records(ArticleDate, "article_dates", on="article_date"),
        history=held.records(HistoryDate, "history_dates", on="history_date"),
        elocations=_elocations(held, "article"),
        article_ids=held.records(ArticleId, "article_ids"),
        languages=held.column("languages", "language"),
        authors=_people(held, held.rows("authors"), "author"),
        investigators=_people(held, held.rows("investigators"), "investigator"),
        publication_types=held.records(
            PublicationType, "publication_types", name="publication_type", ui="publication_type_ui"
        ),
        mesh_headings=tuple(_headings(held)),
        supplementary_mesh=held.records(
            SupplementaryMesh, "supplementary_mesh", name="supplementary_concept", ui="supplementary_concept_ui"
        ),
        substances=held.records(Substance, "substances", name="substance", ui="substance_ui"),
        keywords=held.records(Keyword, "keywords", term="keyword"),
        grants=held.records(Grant, "grants"),
        databank_accessions=held.records(DatabankAccession, "databank_accessions"),
        comments_corrections=held.records(
            CommentCorrection, "comments_corrections", pmid="ref_pmid", pmid_version="ref_pmid_version"
        ),
        references=tuple(_references(held)),
        citation_subsets=held.column("citation_subsets", "citation_subset"),
        gene_symbols=held.column("gene_symbols", "gene_symbol"),
        personal_name_subjects=held.records(PersonalNameSubject, "personal_name_subjects"),
        other_ids=held.records(OwnedText, "other_ids", text="value"),
        general_notes=held.records(OwnedText, "general_notes", text="note", source="owner"),
        space_flight_missions=held.column("space_flight_missions", "space_flight_mission"),
        objects=_by_number(held, "linked_object_params", "object_position", _linked_object),
    )


#: Columns of article_versions that are called like a field of Article and are something else.
_ELSEWHERE = {"version_id", "pub_date"}


def _journal(version: Row) -> Journal | None:
    columns = {"title": "journal_title", "country": "journal_country"}
    values = {f.name: version[columns.get(f.name, f.name)] for f in fields(Journal)}
    return None if set(values.values()) == {None} else Journal(**values)


def _pub_date(row: Row, name: str) -> PubDate | None:
    verbatim, start, end, precision = (row[f"{name}{part}"] for part in ("", "_start", "_end", "_precision"))
    return None if verbatim is None else PubDate(verbatim=verbatim, start=start, end=end, precision=precision)


def _link(row: Row, name: str) -> BookLink | None:
    values = {part: row[f"{name}_{part}"] for part in ("book", "part", "sec")}
    return None if set(values.values()) == {None} else BookLink(**values)


def _by_number(held: Held, table: str, number: str, build: Any) -> tuple[Any, ...]:
    numbers = dict.fromkeys(row[number] for row in held.rows(table))
    assert list(numbers) == list(range(1, len(numbers) + 1))
    return tuple(build(held.rows(table, **{number: one})) for one in numbers)


def _other_abstract(rows: list[Row]) -> OtherAbstract:
    sections = (
        AbstractSection(label=r["label"], nlm_category=r["nlm_category"], text=r["text"], markup=r["markup"])
        for r in rows
        if r["position"] > 0
    )
    first = rows[0]
    return OtherAbstract(
        type=first["type"], language=first["language"], copyright=first["copyright"], sections=tuple(sections)
    )


def _linked_object(rows: list[Row]) -> LinkedObject:
    params = tuple((row["name"], row["value"]) for row in rows if row["position"] > 0)
    return LinkedObject(type=rows[0]["type"], params=params)


def _elocations(held: Held, belongs_to: str) -> tuple[ELocation, ...]:
    return tuple(
        ELocation(id_type=row["id_type"], value=row["value"], is_valid=row["is_valid"])
        for row in held.rows("elocations", belongs_to=belongs_to)
    )


def _people(held: Held, rows: Iterable[Row], person_list: str) -> tuple[Author, ...]:
    return tuple(_person(held, row, {"person_list": person_list, "person_position": row["position"]}) for row in rows)


def _person(held: Held, row: Row, who: Row) -> Author:
    plain = {f.name: row[f.name] for f in fields(Author) if f.name not in {"identifiers", "affiliations"}}
    affiliations = (
        Affiliation(
            text=place["affiliation"],
            markup=place["markup"],
            identifiers=tuple(_identifiers(held, {**who, "affiliation_position": place["position"]})),
        )
        for place in held.rows("affiliations", **who)
    )
    own = _identifiers(held, {**who, "affiliation_position": None})
    return Author(**plain, identifiers=tuple(own), affiliations=tuple(affiliations))


def _identifiers(held: Held, whose: Row) -> Iterator[Identifier]:
    for row in held.rows("person_identifiers", **whose):
        yield Identifier(source=row["source"], value=row["value"])


def _headings(held: Held) -> Iterator[MeshHeading]:
    for row in held.rows("mesh_headings"):
        qualifiers = (
            Qualifier(name=q["qualifier"], ui=q["qualifier_ui"], major_topic=q["major_topic"], is_auto=q["is_auto"])
            for q in held.rows("mesh_qualifiers", heading_position=row["position"])
        )
        names = {f.name: row[f.name] for f in fields(MeshHeading) if f.name != "qualifiers"}
        yield MeshHeading(**names, qualifiers=tuple(qualifiers))


def _references(held: Held) -> Iterator[Reference]:
    for row in held.rows("article_references"):
        ids = (
            ArticleId(id_type=i["id_type"], value=i["value"])
            for i in held.rows("reference_ids", reference_position=row["position"])
        )
        yield Reference(citation=row["citation"], markup=row["markup"], list_title=row["list_title"], ids=tuple(ids))


def _book(held: Held) -> Book | None:
    for row in held.rows("books"):
        people = {name: held.rows("book_people", person_list=name) for name in _BOOK_PEOPLE.values()}
        plain = {f.name: row[f.name] for f in fields(Book) if f.name in row and f.name not in _BOOK_DATES}
        return Book(
            **plain,
            pub_date=_pub_date(row, "book_pub_date"),
            **{f"{name}_link": _link(row, name) for name in ("title", "collection_title", "chapter")},
            **{field: _people(held, people[name], name) for field, name in _BOOK_PEOPLE.items()},
            **{name: _pub_date(row, name) for name in _BOOK_DATES},
            isbns=held.column("book_isbns", "isbn"),
            elocations=_elocations(held, "book"),
            location_labels=tuple((r["type"], r["label"]) for r in held.rows("book_location_labels")),
            sections=tuple(
                BookSection(
                    title=r["title"],
                    depth=r["depth"],
                    label=r["label"],
                    label_type=r["label_type"],
                    title_markup=r["title_markup"],
                    link=_link(r, "link"),
                )
                for r in held.rows("book_sections")
            ),
            item_lists=_by_number(held, "book_list_items", "list_position", _item_list),
        )
    return None


_BOOK_PEOPLE = {"editors": "book_editor", "authors": "book_author", "investigators": "book_investigator"}
_BOOK_DATES = ("beginning_date", "ending_date", "contribution_date")


def _item_list(rows: list[Row]) -> ItemList:
    return ItemList(type=rows[0]["type"], items=tuple(row["item"] for row in rows if row["position"] > 0))
