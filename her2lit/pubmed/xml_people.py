"""Authors, editors, investigators and name subjects with their affiliations and identifiers."""

from __future__ import annotations

from her2lit.pubmed.identifiers import normalise_orcid
from her2lit.pubmed.xml_parts import children_called, read_parts
from her2lit.pubmed.xml_schema import ATTRIBUTES
from her2lit.pubmed.xml_text import Element, Notes, clean, read_leaf, read_mixed
from her2lit.records import Affiliation, Author, Identifier, PersonalNameSubject

#: What a name may consist of; the last two only in files before 2003, e.g. PMID 18439884.
_NAME_PARTS = frozenset({"LastName", "ForeName", "Initials", "Suffix", "FirstName", "MiddleName"})


def read_people(element: Element, notes: Notes, tag: str, group_id: str | None = None) -> tuple[Author, ...]:
    """Read the Author or Investigator children of a list."""
    return tuple([_read_person(child, notes, group_id) for child in children_called(element, notes, tag)])


def read_investigators(element: Element, notes: Notes) -> tuple[Author, ...]:
    """Read InvestigatorList."""
    return read_people(element, notes, "Investigator", notes.attribute(element, "ID"))


def _read_person(element: Element, notes: Notes, group_id: str | None) -> Author:
    names: dict[str, str | None] = {}
    collective = markup = suffix_markup = None
    identifiers: list[Identifier] = []
    affiliations: list[Affiliation] = []
    n_understood = 0
    for child in element:
        tag = child.tag
        if tag in _NAME_PARTS:
            text = child.text
            names[tag] = clean(text) or None if text else None
            if tag == "Suffix" and len(child):
                names[tag], suffix_markup = read_mixed(child, notes)
        elif tag == "AffiliationInfo":
            _read_affiliation_info(child, notes, affiliations)
        elif tag == "Identifier":
            _read_identifier(child, notes, identifiers)
        elif tag == "CollectiveName":
            collective, markup = read_mixed(child, notes)
            group_id = notes.attribute(child, "Investigators") or group_id
        elif tag == "Affiliation":
            _read_affiliation(child, notes, affiliations)
        else:
            n_understood -= 1
        n_understood += 1
    notes.n_elements += n_understood
    says = notes.attributes(element, ATTRIBUTES["Author"])
    return Author(
        last_name=names.get("LastName"),
        fore_name=names.get("ForeName") or _old_fore_name(names),
        initials=names.get("Initials"),
        suffix=names.get("Suffix"),
        collective_name=collective,
        is_valid=says.get("ValidYN") != "N",
        has_equal_contribution=says.get("EqualContrib") == "Y",
        orcid=_find_orcid(identifiers) if identifiers else None,
        identifiers=tuple(identifiers),
        affiliations=tuple(affiliations),
        group_id=group_id,
        collective_name_markup=markup,
        suffix_markup=suffix_markup,
    )


def _old_fore_name(names: dict[str, str | None]) -> str | None:
    parts = (names.get("FirstName"), names.get("MiddleName"))
    return " ".join(part for part in parts if part) or None


def _read_affiliation_info(element: Element, notes: Notes, affiliations: list[Affiliation]) -> None:
    """Add what an AffiliationInfo says; its identifiers belong to its affiliation."""
    found: list[Affiliation] = []
    identifiers: list[Identifier] = []
    for child in element:
        if child.tag == "Affiliation":
            _read_affiliation(child, notes, found)
        elif child.tag == "Identifier":
            _read_identifier(child, notes, identifiers)
        else:
            continue
        notes.n_elements += 1
    if identifiers:
        first = found[0] if found else Affiliation(text="")
        found[:1] = [Affiliation(text=first.text, markup=first.markup, identifiers=tuple(identifiers))]
    affiliations.extend(found)


def _read_affiliation(element: Element, notes: Notes, affiliations: list[Affiliation]) -> None:
    text, markup = read_mixed(element, notes)
    if text is not None:
        affiliations.append(Affiliation(text=text, markup=markup))


def read_first_affiliation(element: Element, notes: Notes) -> tuple[Affiliation, ...]:
    """Read Article/Affiliation, the first author's in files before 2015."""
    affiliations: list[Affiliation] = []
    _read_affiliation(element, notes, affiliations)
    return tuple(affiliations)


def _read_identifier(element: Element, notes: Notes, identifiers: list[Identifier]) -> None:
    source = notes.attribute(element, "Source")
    value = read_leaf(element)
    if value is not None:
        if source in _ORCID:
            value = normalise_orcid(value) or value
        identifiers.append(Identifier(source=source, value=value))


_ORCID = frozenset({"ORCID", "Orcid", "orcid"})


def _find_orcid(identifiers: list[Identifier]) -> str | None:
    """Return the first well-formed ORCID; ``_read_identifier`` has put those into their one form."""
    for identifier in identifiers:
        if identifier.source in _ORCID and normalise_orcid(identifier.value) is not None:
            return identifier.value
    return None


def read_name_subjects(element: Element, notes: Notes) -> tuple[PersonalNameSubject, ...]:
    """Read PersonalNameSubjectList."""
    subjects = []
    for child in children_called(element, notes, "PersonalNameSubject"):
        last, fore, initials = read_parts(child, notes, "LastName", "ForeName", "Initials")
        suffix = markup = None
        for part in children_called(child, notes, "Suffix"):
            suffix, markup = read_mixed(part, notes)
        subjects.append(
            PersonalNameSubject(last_name=last, fore_name=fore, initials=initials, suffix=suffix, suffix_markup=markup)
        )
    return tuple(subjects)
