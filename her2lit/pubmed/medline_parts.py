"""The fields of MEDLINE text that hold several things in one line: people, headings, grants, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from Bio import Medline

from her2lit.pubmed.identifiers import normalise_orcid, read_pmid
from her2lit.records import (
    AbstractSection,
    Affiliation,
    Author,
    CommentCorrection,
    Grant,
    Identifier,
    Keyword,
    MeshHeading,
    OtherAbstract,
    Qualifier,
    Substance,
)

#: Field tag -> RefType of PubMed XML.
REF_TYPES = {
    "CIN": "CommentIn",
    "CON": "CommentOn",
    "CRF": "CorrectedandRepublishedFrom",
    "CRI": "CorrectedandRepublishedIn",
    "DDIN": "AssociatedDataset",
    "DRIN": "AssociatedPublication",
    "ECF": "ExpressionOfConcernFor",
    "ECI": "ExpressionOfConcernIn",
    "EFR": "ErratumFor",
    "EIN": "ErratumIn",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RPF": "RepublishedFrom",
    "RPI": "RepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "RRI": "RetractedandRepublishedIn",
    "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}
_OTHER_TAGS = (
    "PMID OWN STAT DCOM DA LR IS VI IP DP TI PG LID AB CI FAU AU AD AUID CN FIR IR LA PT DEP PL TA JT JID RN NM SB MH "
    "OT OTO EDAT MHDA CRDT PHST PST AID SO PMC PMCR MID GR SI OAB OABL TT GN OID COIS PUBM RF GS SFM BTI PB ED FED "
    "CTDT CDAT ISBN CRF STI"
)
KNOWN_TAGS = frozenset(_OTHER_TAGS.split()) | frozenset(REF_TYPES)
_PMID_AT_END = re.compile(r"\s*PMID:\s*(\d+)\.?\s*$")
_SUFFIX = re.compile(r"Jr|Sr|I{2,3}|IV|2nd|3rd|[4-9]th")
_SUBSTANCE = re.compile(r"(\S.*?) \((.*)\)", re.DOTALL)


def read_people(lines: Sequence[str], full_tag: str, short_tag: str) -> tuple[Author, ...]:
    """
    Return the people named by *full_tag* ("FAU", "FIR") or, in old exports, by *short_tag* alone.

    Bio.Medline gathers all AD and AUID of a record, so whose they are is lost; each person's
    lines are therefore read as a little record of their own. Collective names (CN) are people
    of the authors' list, where they stand.
    """
    # Authors are printed as FAU and AU, investigators as IR and FIR: whichever comes first begins a person.
    begin = min(full_tag, short_tag, key=lambda tag: _first_with(lines, tag))
    people = []
    # Until 2014 a record had one affiliation, the first author's, printed before the authors.
    stray = (
        [line for line in lines[: _first_with(lines, begin)] if line.startswith("AD  -")] if short_tag == "AU" else []
    )
    for person in _split_people(lines, begin, with_groups=short_tag == "AU"):
        record = Medline.read([*person, *stray])  # type: ignore[no-untyped-call]
        stray = []
        found = _read_person(record, full_tag, short_tag)
        if found is not None:
            people.append(found)
    return tuple(people)


def _first_with(lines: Sequence[str], tag: str) -> int:
    """Return the number of the first line of field *tag*, or how many lines there are."""
    return next((number for number, line in enumerate(lines) if line[:4].strip() == tag), len(lines))


def _split_people(lines: Iterable[str], begin: str, *, with_groups: bool) -> Iterator[list[str]]:
    """Yield the lines that belong to one person: from its name to the next field about something else."""
    person: list[str] = []
    about = {"FAU", "AU", "FIR", "IR"} - {begin} | {"AD", "AUID"}
    starts = {begin, "CN"} if with_groups else {begin}
    for line in lines:
        tag = line[:4].strip()
        if tag in starts:
            if person:
                yield person
            person = [line]
        elif person and tag in about:
            person.append(line)
        elif person:
            yield person
            person = []
    if person:
        yield person


def _read_person(record: Mapping[str, Any], full_tag: str, short_tag: str) -> Author | None:
    identifiers = tuple(_read_identifier(text) for text in record.get("AUID", ()))
    affiliations = tuple(Affiliation(text=text) for text in record.get("AD", ()) if text)
    orcids = (normalise_orcid(found.value) for found in identifiers if found.source == "ORCID")
    common: dict[str, Any] = {
        "identifiers": identifiers,
        "affiliations": affiliations,
        "orcid": next((orcid for orcid in orcids if orcid), None),
    }
    if "CN" in record:
        group = " ".join(record["CN"]).strip()
        return Author(collective_name=group, **common) if group else None
    full, short = (next(iter(record.get(tag, ())), "") for tag in (full_tag, short_tag))
    last, _, fore = (full or short.rpartition(" ")[0] or short).partition(", ")
    rest = short.removeprefix(last).split()
    # Initials can be several words ("Mde J"): what ends them is a suffix only where the full name ends so too.
    has_suffix = len(rest) > 1 and (fore.split()[-1:] == rest[-1:] if fore else _SUFFIX.fullmatch(rest[-1]) is not None)
    suffix = rest.pop() if has_suffix else None
    if suffix is not None:
        fore = fore.removesuffix(suffix).rstrip(" ,")
    return Author(
        last_name=last or None, fore_name=fore or None, initials=" ".join(rest) or None, suffix=suffix, **common
    )


def _read_identifier(text: str) -> Identifier:
    """Read "ORCID: 0000-0001-5018-8054"."""
    source, _, value = text.partition(": ")
    if source == "ORCID":
        value = normalise_orcid(value) or value
    return Identifier(source=source, value=value)


def read_mesh_heading(text: str) -> MeshHeading:
    """Read "Breast Neoplasms/*drug therapy/mortality"; a star marks what is a major topic."""
    descriptor, *qualifiers = text.split("/")
    return MeshHeading(
        descriptor=descriptor.removeprefix("*"),
        descriptor_ui=None,
        major_topic=descriptor.startswith("*"),
        qualifiers=tuple(
            Qualifier(name=name.removeprefix("*"), ui=None, major_topic=name.startswith("*")) for name in qualifiers
        ),
    )


def read_substance(text: str) -> Substance | None:
    """Read "EC 2.7.10.1 (Receptor, ErbB-2)"; None where no substance is named."""
    found = _SUBSTANCE.fullmatch(text.strip())
    if found is None:
        return None
    number, name = found.groups()
    return Substance(name=name, ui=None, registry_number=None if number == "0" else number)


def read_keywords(terms: Sequence[str], owners: Sequence[str]) -> tuple[Keyword, ...]:
    """Return the author keywords; with several owners the format does not say whose is which."""
    owner = owners[0] if len(set(owners)) == 1 else None
    return tuple(
        Keyword(term=term.removeprefix("*"), owner=owner, major_topic=term.startswith("*")) for term in terms if term
    )


def read_grant(text: str) -> Grant:
    """Read "R01 EY004395/EY/NEI NIH HHS/United States"; a number may itself hold strokes."""
    parts = [part.strip() or None for part in text.rsplit("/", 3)]
    if len(parts) == 4:
        return Grant(grant_id=parts[0], acronym=parts[1], agency=parts[2], country=parts[3])
    if len(parts) == 3:
        return Grant(grant_id=parts[0], acronym=None, agency=parts[1], country=parts[2])
    return Grant(grant_id=text.strip() or None, acronym=None, agency=None, country=None)


def read_other_abstracts(texts: Sequence[str], languages: Sequence[str]) -> tuple[OtherAbstract, ...]:
    """Read OAB "Publisher: Abstract available ..." with the OABL that follow, one per abstract."""
    abstracts = []
    for number, text in enumerate(texts):
        kind, _, rest = text.partition(": ")
        section = AbstractSection(label=None, nlm_category=None, text=rest or text)
        language = languages[number] if number < len(languages) else "eng"
        abstracts.append(OtherAbstract(type=kind if rest else None, language=language, sections=(section,)))
    return tuple(abstracts)


def read_links(record: Mapping[str, Any]) -> tuple[CommentCorrection, ...]:
    """Read every comment and correction; the PMID at its end may be missing."""
    links = []
    for tag, ref_type in REF_TYPES.items():
        for text in record.get(tag, ()):
            found = _PMID_AT_END.search(text)
            source = text[: found.start()] if found else text
            pmid = read_pmid(found.group(1)) if found else None
            links.append(
                CommentCorrection(ref_type=ref_type, ref_source=source or None, pmid=pmid, pmid_version=None, note=None)
            )
    return tuple(links)
