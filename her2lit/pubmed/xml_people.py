"""Authors, editors, investigators and name subjects with their affiliations and identifiers."""

from __future__ import annotations

from her2lit.pubmed.identifiers import normalise_orcid
from her2lit.pubmed.xml_parts import Element, Notes, read_parts
from her2lit.pubmed.xml_text import read_leaf, read_mixed
from her2lit.records import Affiliation, Author, Identifier, PersonalNameSubject


def read_people(element: Element, notes: Notes, tag: str, group_id: str | None = None) -> tuple[Author, ...]:
    """Read the Author or Investigator children of a list."""
    people = []
    for child in element:
        if child.tag == tag:
            people.append(_read_person(child, notes, group_id))
        else:
            notes.has_stranger = True
    return tuple(people)


def read_investigators(element: Element, notes: Notes) -> tuple[Author, ...]:
    """Read InvestigatorList."""
    return read_people(element, notes, "Investigator", notes.attributes(element).get("ID"))


def _read_person(element: Element, notes: Notes, group_id: str | None) -> Author:
    attributes = notes.attributes(element)
    names: dict[str, str | None] = {}
    markup = None
    identifiers: list[Identifier] = []
    affiliations: list[Affiliation] = []
    for child in element:
        tag = child.tag
        if tag in _NAME_FIELDS:
            names[_NAME_FIELDS[tag]] = read_leaf(child)
        elif tag == "AffiliationInfo":
            affiliations.extend(_read_affiliation_info(child, notes))
        elif tag == "Identifier":
            identifiers.extend(_read_identifier(child, notes))
        elif tag == "CollectiveName":
            names["collective_name"], markup = read_mixed(child)
            group_id = notes.attributes(child).get("Investigators", group_id)
        elif tag == "Affiliation":
            affiliations.extend(_read_affiliation(child, ()))
        else:
            _read_old_name(child, names, notes)
    return Author(
        **names,
        is_valid=attributes.get("ValidYN") != "N",
        has_equal_contribution=attributes.get("EqualContrib") == "Y",
        orcid=_find_orcid(identifiers),
        identifiers=tuple(identifiers),
        affiliations=tuple(affiliations),
        group_id=group_id,
        collective_name_markup=markup,
    )


_NAME_FIELDS = {"LastName": "last_name", "ForeName": "fore_name", "Initials": "initials", "Suffix": "suffix"}


def _read_old_name(child: Element, names: dict[str, str | None], notes: Notes) -> None:
    """Read FirstName and MiddleName of files before 2003, e.g. PMID 18439884."""
    if child.tag in {"FirstName", "MiddleName"}:
        parts = (names.get("fore_name"), read_leaf(child))
        names["fore_name"] = " ".join(part for part in parts if part) or None
    else:
        notes.has_stranger = True


def _read_affiliation_info(element: Element, notes: Notes) -> tuple[Affiliation, ...]:
    texts: tuple[Affiliation, ...] = ()
    identifiers: list[Identifier] = []
    for child in element:
        if child.tag == "Affiliation":
            texts += _read_affiliation(child, ())
        elif child.tag == "Identifier":
            identifiers.extend(_read_identifier(child, notes))
        else:
            notes.has_stranger = True
    if not identifiers:
        return texts
    first = texts[0] if texts else Affiliation(text="")
    return (Affiliation(text=first.text, markup=first.markup, identifiers=tuple(identifiers)), *texts[1:])


def _read_affiliation(element: Element, identifiers: tuple[Identifier, ...]) -> tuple[Affiliation, ...]:
    text, markup = read_mixed(element)
    return () if text is None else (Affiliation(text=text, markup=markup, identifiers=identifiers),)


def read_first_affiliation(element: Element) -> Affiliation | None:
    """Read Article/Affiliation, the first author's in files before 2015."""
    return next(iter(_read_affiliation(element, ())), None)


def _read_identifier(element: Element, notes: Notes) -> tuple[Identifier, ...]:
    source = notes.attributes(element).get("Source")
    value = read_leaf(element)
    if value is None:
        return ()
    if source is not None and source.upper() == "ORCID":
        value = normalise_orcid(value) or value
    return (Identifier(source=source, value=value),)


def _find_orcid(identifiers: list[Identifier]) -> str | None:
    for identifier in identifiers:
        if identifier.source is not None and identifier.source.upper() == "ORCID":
            orcid = normalise_orcid(identifier.value)
            if orcid is not None:
                return orcid
    return None


def read_name_subjects(element: Element, notes: Notes) -> tuple[PersonalNameSubject, ...]:
    """Read PersonalNameSubjectList."""
    subjects = []
    for child in element:
        if child.tag != "PersonalNameSubject":
            notes.has_stranger = True
            continue
        last, fore, initials, suffix = read_parts(child, notes, "LastName", "ForeName", "Initials", "Suffix")
        subjects.append(PersonalNameSubject(last_name=last, fore_name=fore, initials=initials, suffix=suffix))
    return tuple(subjects)
