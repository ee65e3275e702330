"""
Where each element and attribute of PubMed's DTD stands in ``Article`` and in the warehouse, found out by trying.

Nothing is declared: a document that holds the element is changed at that one place, read again, and what
differs in the record and in the rows of the warehouse is the element's place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from Bio import Entrez
from lxml import etree

from her2lit.pubmed.article_json import article_to_dict
from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.parse import parse_articles
from her2lit.records import Article, Deletion, ParsedArticle
from warehouse.rows import ARTICLE_TABLES, VERSION_COLUMNS, version_row

DTD = Path(Entrez.__path__[0]) / "DTDs" / "pubmed_250101.dtd"
XML = Path(__file__).parent.parent / "pubmed" / "xml"
#: What a document may have as its root.
ROOTS = ("PubmedArticleSet", "PubmedBookArticleSet", "BookDocumentSet")
INLINE = ("b", "i", "sub", "sup", "u")
#: Columns that follow from the record as a whole.
_DERIVED = {"content_sha256", "field_hashes", "batch_sha256"}
#: Texts that only make sense as one of a few.
_OTHER_TEXT = {
    "Year": "1987",
    "Month": "11",
    "Day": "23",
    "Hour": "19",
    "Minute": "47",
    "Second": "31",
    "PMID": "123456",
}
_OTHER_TEXT |= {
    "Season": "Summer",
    "MedlineDate": "1987 Nov-Dec",
    "RegistryNumber": "99-99-9",
    "Identifier": "0000-0002-1694-233X",
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An element under its parent, or one of its attributes."""

    parent: str
    element: str
    attribute: str | None = None

    def __str__(self) -> str:
        name = f"{self.parent}/{self.element}" if self.parent else self.element
        return name if self.attribute is None else f"{name}/@{self.attribute}"


@cache
def declared() -> dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """Return element -> (children, attributes, whether text may stand in it) as the DTD has it; MathML is one element."""
    found = {}
    for element in etree.DTD(str(DTD)).iterelements():
        attributes = tuple(
            a.name for a in element.iterattributes() if a.prefix not in {"xmlns", "xml"} and a.name != "xmlns"
        )
        found[element.name] = (tuple(dict.fromkeys(_children(element.content))), attributes, element.type == "mixed")
    return found


def _children(content: Any) -> Iterator[str]:
    if content is not None and content.type == "element":
        yield content.name
    elif content is not None:
        yield from _children(content.left)
        yield from _children(content.right)


def places_of_the_dtd() -> Iterator[Place]:
    """Yield every element under every parent that the DTD allows, and every attribute there; markup inside markup aside."""
    seen, todo = set(ROOTS), [("", root) for root in ROOTS]
    while todo:
        parent, name = todo.pop()
        children, attributes, _ = declared()[name]
        yield Place(parent, name)
        if name == "math" or name in INLINE:
            continue
        yield from (Place(parent, name, attribute) for attribute in attributes)
        for child in children:
            if (name, child) not in seen:
                seen.add((name, child))
                todo.append((name, child))


# ---------------------------------------------------------------------------------------------
# Trying
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """Where a change shows: paths in the record ("abstract.label"), and table.column of the warehouse."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]


def documents() -> list[etree._Element]:
    """Return self-written documents that together hold every element of the DTD."""
    return [etree.fromstring(path.read_bytes()) for path in sorted(XML.glob("every*.xml"))]


def try_all() -> dict[Place, Found]:
    """Return where a change of each element's text and of each attribute shows, for all that the documents hold."""
    found: dict[Place, Found] = {}
    for document in documents():
        before = _read(document)
        for element in list(document.iter(etree.Element)):
            parent = element.getparent()
            at = ("" if parent is None else _name(parent), _name(element))
            if at[0] in {*INLINE, "math"} or ("Math" in str(element.tag) and at[1] != "math"):
                continue
            for name in element.attrib:
                _merge(found, Place(*at, name), _differences(before, _with_attribute(document, element, name)))
            if at[1] in INLINE or at[1] == "math" or declared().get(at[1], ((), (), False))[2]:
                _merge(found, Place(*at), _differences(before, _with_text(document, element)))
            if at[1] not in {*INLINE, "math"}:
                for name in set(declared().get(at[1], ((),))[0]) & {*INLINE, "math"}:
                    _merge(found, Place(at[1], name), _differences(before, _with_markup(document, element, name)))
    return found


def _merge(found: dict[Place, Found], place: Place, more: Found) -> None:
    old = found.get(place, Found((), ()))
    found[place] = Found(
        tuple(dict.fromkeys((*old.fields, *more.fields))), tuple(dict.fromkeys((*old.columns, *more.columns)))
    )


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _with_attribute(document: etree._Element, element: etree._Element, name: str) -> Any:
    old = element.get(name)
    element.set(name, {"Y": "N", "N": "Y"}.get(old, "9" if old.isdecimal() else f"{old}-changed"))
    changed = _read(document)
    element.set(name, old)
    return changed


def _with_text(document: etree._Element, element: etree._Element) -> Any:
    target = next(iter(element.iter("{*}mi", "{*}mn")), element)
    old = target.text
    target.text = _other_text(element, old)
    changed = _read(document)
    target.text = old
    return changed


def _with_markup(document: etree._Element, element: etree._Element, name: str) -> Any:
    """Put marked text into a copy of *element*, in the document for as long as it is read."""
    changed = etree.fromstring(etree.tostring(element, with_tail=False))
    for child in list(changed):
        changed.remove(child)
    inside = "<mml:mi xmlns:mml='http://www.w3.org/1998/Math/MathML'>marked</mml:mi>" if name == "math" else "marked"
    namespace = "{http://www.w3.org/1998/Math/MathML}" if name == "math" else ""
    child = etree.SubElement(changed, f"{namespace}{name}")
    if name == "math":
        child.append(etree.fromstring(inside))
    else:
        child.text = inside
    parent = element.getparent()
    changed.tail = element.tail
    parent.replace(element, changed)
    found = _read(document)
    parent.replace(changed, element)
    return found


def _other_text(element: etree._Element, old: str | None) -> str:
    name = _name(element)
    if name == "Identifier" and element.get("Source") != "ORCID":
        return f"{old}-changed"
    if name == "ArticleId" and element.get("IdType") in {"doi", "pmc", "pubmed"}:
        return {"doi": "10.1234/changed", "pmc": "PMC987654", "pubmed": "987654"}[element.get("IdType")]
    if name == "ELocationID":
        return "10.1234/changed"
    return _OTHER_TEXT.get(name, f"{old or ''} changed")


def _read(document: etree._Element) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Deletion]]:
    result = parse_articles(etree.tostring(document))
    return [article_to_dict(a) for a in result.articles], list(map(_rows, result.articles)), list(result.deletions)


def _rows(article: Article) -> dict[str, Any]:
    parsed = ParsedArticle(article=article, fingerprint=fingerprint(article), batch_sha256="b")
    row = dict(zip(VERSION_COLUMNS, version_row(parsed), strict=True))
    found = {f"article_versions.{name}": value for name, value in row.items() if name not in _DERIVED}
    for table in ARTICLE_TABLES:
        rows = list(table.rows(article))
        for number, name in enumerate(table.columns):
            found[f"{table.name}.{name}"] = [row[number] for row in rows]
    return found


def _differences(before: Any, after: Any) -> Found:
    fields: dict[str, None] = {}
    columns: dict[str, None] = {}
    for old, new in zip(before[0], after[0], strict=False):
        fields.update(dict.fromkeys(_paths(old, new)))
    for old, new in zip(before[1], after[1], strict=False):
        columns.update((name, None) for name in old if old[name] != new[name])
    if len(before[0]) != len(after[0]):
        raise AssertionError("a change of one value has cost a record")
    if before[2] != after[2]:
        fields["Deletion"] = None
        columns["article_versions.seen_to"] = None
    return Found(tuple(fields), tuple(columns))


def _paths(old: Any, new: Any, path: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old:
            yield from _paths(old[name], new[name], f"{path}.{name}" if path else name)
    elif (
        isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
        and any(isinstance(v, dict) for v in old)
    ):
        for one, other in zip(old, new, strict=True):
            yield from _paths(one, other, path)
    elif json.dumps(old) != json.dumps(new):
        yield path


# ---------------------------------------------------------------------------------------------
# The page
# ---------------------------------------------------------------------------------------------

#: Places of the DTD that have none in a record, and why.
WITHOUT = {
    **{
        Place(
            "Article", "ArticleTitle", name
        ): "a link to Bookshelf, which an article has not; counted as unknown and reported"
        for name in ("book", "part", "sec")
    },
}
#: Markup that is kept as text only, and why.
TEXT_ONLY = {"Param": "a value for programs"}


def holds_only_elements(place: Place) -> bool:
    """Return whether *place* is an element without text and attributes of its own: its children say it all."""
    children, _, is_text = declared()[place.element]
    return place.attribute is None and bool(children) and not is_text


def page() -> str:
    """Return docs/elements.md."""
    found = try_all()
    groups: dict[tuple[str, ...], list[str]] = {}
    for place in sorted(found, key=str):
        is_markup = place.element in {*INLINE, "math"} and place.attribute is None
        key = (
            place.parent if is_markup else str(place),
            ", ".join(found[place].fields),
            ", ".join(found[place].columns),
        )
        groups.setdefault(key, []).append(place.element)
    lines = []
    for (name, fields, columns), elements in groups.items():
        is_markup = {*elements} <= {*INLINE, "math"}
        shown = f"{name}/ {', '.join(elements)}" if is_markup else name
        lines.append(f"| {shown} | {fields} | {columns} |")
    reasons = [f"| {place} | {why} |" for place, why in WITHOUT.items()]
    reasons += [f"| markup in {name} | text only: {why} |" for name, why in TEXT_ONLY.items()]
    return _PAGE.format(rows="\n".join(lines), reasons="\n".join(reasons))


_PAGE = """# Every element and attribute, and its place

Made by `python tests/support/places.py` and held by a test: each element and attribute that NLM's DTD of 2025
allows is changed in a self-written document, and what then differs in the record and in the rows of the
warehouse is its place. Elements that only hold others are left out. `DateCreated` was in the DTD until 2018.
Fields are those of `her2lit/records.py`; the Arrow tables of `her2lit parse` are named after them.

| element or attribute | field of Article | column of the warehouse |
|---|---|---|
{rows}

Without a place of their own:

| element or attribute | why |
|---|---|
{reasons}
"""


if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "elements.md").write_text(page(), encoding="utf-8")
