"""
The parts of a record: one function reads one element and what stands directly under it.

Every function counts the child elements it understands in ``Notes``; the element itself was
counted by whoever called.
"""

from __future__ import annotations

from itertools import chain

from her2lit.pubmed.dates import read_article_date, read_history_date, read_pub_date
from her2lit.pubmed.identifiers import read_pmid
from her2lit.pubmed.xml_schema import ATTRIBUTES, CHILDREN, OLD_REF_TYPES
from her2lit.pubmed.xml_text import Element, Notes, clean, read_leaf, read_mixed, remember
from her2lit.records import (
    AbstractSection,
    ArticleDate,
    ArticleId,
    CommentCorrection,
    DatabankAccession,
    ELocation,
    Grant,
    HistoryDate,
    Keyword,
    LinkedObject,
    MeshHeading,
    OtherAbstract,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    SupplementaryMesh,
)


def children_called(element: Element, notes: Notes, name: str) -> list[Element]:
    """Return the direct children called *name*, counted."""
    children = [child for child in element if child.tag == name]
    notes.n_elements += len(children)
    return children


def read_parts(element: Element, notes: Notes, *names: str) -> list[str | None]:
    """Return the texts of the direct children called *names*, in that order; the last of a name counts."""
    found = {child.tag: child.text for child in element}
    values = []
    for name in names:
        text = found.get(name)
        if name in found:
            notes.n_elements += 1
        values.append(clean(text) or None if text else None)
    return values


def read_list(element: Element, notes: Notes, name: str) -> tuple[str, ...]:
    """Return the texts of the direct children called *name*; empty ones are left out."""
    texts = map(read_leaf, children_called(element, notes, name))
    return tuple(text for text in texts if text is not None)


# ---------------------------------------------------------------------------------------------
# Dates
# ---------------------------------------------------------------------------------------------


def _read_date_texts(element: Element, notes: Notes) -> dict[str, str | None]:
    """Return the parts of a date as they stand; those who read dates clean them, once per distinct date."""
    parts = {child.tag: child.text for child in element}
    if CHILDREN[element.tag].issuperset(parts):
        notes.n_elements += len(parts)
    return parts


def read_date_parts(element: Element, notes: Notes) -> PubDate:
    """Read PubDate, BeginningDate, EndingDate or ContributionDate."""
    part = _read_date_texts(element, notes).get
    return read_pub_date(part("Year"), part("Month"), part("Day"), part("Season"), part("MedlineDate"))


def read_full_date(element: Element, notes: Notes) -> tuple[str | None, ...]:
    """Return the printed (year, month, day) of DateCompleted, DateRevised, DateCreated or ArticleDate."""
    part = _read_date_texts(element, notes).get
    return part("Year"), part("Month"), part("Day")


def read_article_date_element(element: Element, notes: Notes) -> tuple[ArticleDate, ...]:
    """Read ArticleDate."""
    return (read_article_date(notes.attribute(element, "DateType"), *read_full_date(element, notes)),)


def read_history(element: Element, notes: Notes) -> tuple[HistoryDate, ...]:
    """Read History."""
    dates = []
    for child in children_called(element, notes, "PubMedPubDate"):
        part = _read_date_texts(child, notes).get
        clock = part("Hour"), part("Minute"), part("Second")
        status = notes.attribute(child, "PubStatus") or ""
        dates.append(read_history_date(status, part("Year"), part("Month"), part("Day"), *clock))
    return tuple(dates)


# ---------------------------------------------------------------------------------------------
# Text
# ---------------------------------------------------------------------------------------------


def read_abstract(element: Element, notes: Notes) -> tuple[tuple[AbstractSection, ...], str | None]:
    """Return the sections and the copyright line of Abstract or OtherAbstract; empty sections are left out."""
    sections: list[AbstractSection] = []
    copyright_line = None
    for child in element:
        if child.tag == "AbstractText":
            attributes = notes.attributes(child, ATTRIBUTES["AbstractText"])
            text, markup = read_mixed(child, notes)
            notes.n_elements += 1
            if text is not None:
                label = attributes.get("Label") or None
                category = attributes.get("NlmCategory") or None
                sections.append(AbstractSection(label=label, nlm_category=category, text=text, markup=markup))
        elif child.tag == "CopyrightInformation":
            notes.n_elements += 1
            copyright_line = read_leaf(child)
    return tuple(sections), copyright_line


def read_other_abstract(element: Element, notes: Notes) -> tuple[OtherAbstract, ...]:
    """Read OtherAbstract; its @Language is "eng" by default."""
    attributes = notes.attributes(element, ATTRIBUTES["OtherAbstract"])
    sections, copyright_line = read_abstract(element, notes)
    kind, language = attributes.get("Type"), attributes.get("Language") or "eng"
    return (OtherAbstract(type=kind, language=language, sections=sections, copyright=copyright_line),)


def read_keywords(element: Element, notes: Notes) -> tuple[Keyword, ...]:
    """Read KeywordList; its @Owner is "NLM" by default."""
    owner = notes.attribute(element, "Owner") or "NLM"
    keywords = []
    for child in children_called(element, notes, "Keyword"):
        is_major = notes.attribute(child, "MajorTopicYN") == "Y"
        term, markup = read_mixed(child, notes)
        if term is not None:
            keywords.append(Keyword(term=term, owner=owner, major_topic=is_major, markup=markup))
    return tuple(keywords)


# ---------------------------------------------------------------------------------------------
# Indexing
# ---------------------------------------------------------------------------------------------


@remember(4_096)
def _publication_type(name: str, ui: str | None) -> PublicationType:
    return PublicationType(name=name, ui=ui)


def read_publication_type(element: Element, notes: Notes) -> tuple[PublicationType, ...]:
    """Read PublicationType; an empty one is left out."""
    ui = notes.attribute(element, "UI") or None
    name = read_leaf(element)
    return () if name is None else (_publication_type(name, ui),)


def read_publication_types(element: Element, notes: Notes) -> tuple[PublicationType, ...]:
    """Read PublicationTypeList."""
    types = (read_publication_type(child, notes) for child in children_called(element, notes, "PublicationType"))
    return tuple(chain.from_iterable(types))


@remember(16_384)
def _qualifier(name: str, ui: str | None, is_major: bool, is_auto: bool) -> Qualifier:
    return Qualifier(name=name, ui=ui, major_topic=is_major, is_auto=is_auto)


def read_mesh_headings(element: Element, notes: Notes) -> tuple[MeshHeading, ...]:
    """Read MeshHeadingList; a heading without a descriptor is left out."""
    headings = (_read_mesh_heading(child, notes) for child in children_called(element, notes, "MeshHeading"))
    return tuple(heading for heading in headings if heading is not None)


def _read_mesh_heading(element: Element, notes: Notes) -> MeshHeading | None:
    descriptor: str | None = None
    about: dict[str, str] = {}
    qualifiers: list[Qualifier] = []
    for child in element:
        if child.tag == "QualifierName":
            name, says = read_leaf(child), notes.attributes(child, ATTRIBUTES["QualifierName"])
            notes.n_elements += 1
            if name is not None:
                is_major, is_auto = says.get("MajorTopicYN") == "Y", says.get("AutoHM") == "Y"
                qualifiers.append(_qualifier(name, says.get("UI") or None, is_major, is_auto))
        elif child.tag == "DescriptorName":
            notes.n_elements += 1
            descriptor, about = read_leaf(child), notes.attributes(child, ATTRIBUTES["DescriptorName"])
    if descriptor is None:
        return None
    return MeshHeading(
        descriptor=descriptor,
        descriptor_ui=about.get("UI") or None,
        major_topic=about.get("MajorTopicYN") == "Y",
        type=about.get("Type"),
        is_auto=about.get("AutoHM") == "Y",
        qualifiers=tuple(qualifiers),
    )


def read_supplementary_mesh(element: Element, notes: Notes) -> tuple[SupplementaryMesh, ...]:
    """Read SupplMeshList."""
    terms = []
    for child in children_called(element, notes, "SupplMeshName"):
        attributes, name = notes.attributes(child, ATTRIBUTES["SupplMeshName"]), read_leaf(child)
        if name is not None:
            terms.append(SupplementaryMesh(name=name, ui=attributes.get("UI") or None, type=attributes.get("Type")))
    return tuple(terms)


def read_substances(element: Element, notes: Notes) -> tuple[Substance, ...]:
    """Read ChemicalList; registry number "0" means that there is none."""
    substances = []
    for chemical in children_called(element, notes, "Chemical"):
        name = ui = number = None
        for child in chemical:
            if child.tag == "NameOfSubstance":
                name, ui = read_leaf(child), notes.attribute(child, "UI") or None
                notes.n_elements += 1
            elif child.tag == "RegistryNumber":
                number = read_leaf(child)
                notes.n_elements += 1
        if name is not None:
            substances.append(Substance(name=name, ui=ui, registry_number=None if number == "0" else number))
    return tuple(substances)


# ---------------------------------------------------------------------------------------------
# Links to other things
# ---------------------------------------------------------------------------------------------


def read_grants(element: Element, notes: Notes) -> tuple[Grant, ...]:
    """Read GrantList."""
    grants = []
    for child in children_called(element, notes, "Grant"):
        number, acronym, agency, country = read_parts(child, notes, "GrantID", "Acronym", "Agency", "Country")
        grants.append(Grant(grant_id=number, acronym=acronym, agency=agency, country=country))
    return tuple(grants)


def read_databanks(element: Element, notes: Notes) -> tuple[DatabankAccession, ...]:
    """Read DataBankList: one row per accession, one without for a bank that lists none."""
    accessions: list[DatabankAccession] = []
    for bank in children_called(element, notes, "DataBank"):
        name = ""
        numbers: tuple[str | None, ...] = ()
        for child in bank:
            if child.tag == "DataBankName":
                name = read_leaf(child) or ""
                notes.n_elements += 1
            elif child.tag == "AccessionNumberList":
                numbers = read_list(child, notes, "AccessionNumber")
                notes.n_elements += 1
        accessions.extend(DatabankAccession(databank=name, accession=number) for number in numbers or (None,))
    return tuple(accessions)


def read_comments_corrections(element: Element, notes: Notes) -> tuple[CommentCorrection, ...]:
    """Read CommentsCorrectionsList, or the CommentsCorrections of files before 2009 (PMID 17276851)."""
    links = []
    for child in element:
        if child.tag == "CommentsCorrections":
            links.append(_read_link(child, notes, notes.attribute(child, "RefType") or ""))
        elif child.tag in OLD_REF_TYPES:
            links.append(_read_link(child, notes, child.tag))
    return tuple(links)


def _read_link(element: Element, notes: Notes, ref_type: str) -> CommentCorrection:
    source = note = pmid = version = None
    notes.n_elements += 1
    for child in element:
        if child.tag == "RefSource":
            source = read_leaf(child)
        elif child.tag == "PMID":
            pmid, version = read_pmid_element(child, notes)
        elif child.tag == "Note":
            note = read_leaf(child)
        else:
            continue
        notes.n_elements += 1
    return CommentCorrection(ref_type=ref_type, ref_source=source, pmid=pmid, pmid_version=version, note=note)


def read_pmid_element(element: Element, notes: Notes) -> tuple[int | None, int | None]:
    """Return (pmid, version); each None where it is not given or no number."""
    return read_pmid(element.text), read_pmid(notes.attribute(element, "Version"))


def read_article_ids(element: Element, notes: Notes) -> tuple[ArticleId, ...]:
    """Read ArticleIdList; @IdType is "pubmed" by default."""
    ids = []
    for child in children_called(element, notes, "ArticleId"):
        value = read_leaf(child)
        id_type = notes.attribute(child, "IdType") or "pubmed"
        if value is not None:
            ids.append(ArticleId(id_type=id_type, value=value))
    return tuple(ids)


def read_elocation(element: Element, notes: Notes) -> tuple[ELocation, ...]:
    """Read ELocationID; an empty one is left out."""
    attributes, value = notes.attributes(element, ATTRIBUTES["ELocationID"]), read_leaf(element)
    if value is None:
        return ()
    return (ELocation(id_type=attributes.get("EIdType"), value=value, is_valid=attributes.get("ValidYN") != "N"),)


def read_objects(element: Element, notes: Notes) -> tuple[LinkedObject, ...]:
    """Read ObjectList."""
    objects = []
    for child in children_called(element, notes, "Object"):
        params = children_called(child, notes, "Param")
        values = tuple((notes.attribute(param, "Name"), read_mixed(param, notes)[0]) for param in params)
        objects.append(LinkedObject(type=notes.attribute(child, "Type"), params=values))
    return tuple(objects)


def read_references(element: Element, notes: Notes, list_title: str | None = None) -> tuple[Reference, ...]:
    """Read ReferenceList with the lists inside it, in document order, each under its own list's title."""
    references: list[Reference] = []
    for child in element:
        if child.tag == "Reference":
            references.append(_read_reference(child, notes, list_title))
        elif child.tag == "ReferenceList":
            references.extend(read_references(child, notes, list_title))
        elif child.tag == "Title":
            list_title = read_leaf(child)
        else:
            continue
        notes.n_elements += 1
    return tuple(references)


def _read_reference(element: Element, notes: Notes, list_title: str | None) -> Reference:
    citation = markup = None
    ids: list[ArticleId] = []
    for child in element:
        if child.tag == "Citation":
            citation, markup = read_mixed(child, notes)
        elif child.tag == "ArticleIdList":
            ids.extend(read_article_ids(child, notes))
        else:
            continue
        notes.n_elements += 1
    return Reference(citation=citation, ids=tuple(ids), list_title=list_title, markup=markup)
