"""The parts of a record: one function reads one element and what stands directly under it."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from her2lit.pubmed.dates import read_article_date, read_history_date, read_pub_date
from her2lit.pubmed.identifiers import read_pmid
from her2lit.pubmed.xml_schema import OLD_REF_TYPES
from her2lit.pubmed.xml_text import read_leaf, read_mixed
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

Element = etree._Element  # noqa: SLF001 - lxml's public name for it is only a factory


class Notes:
    """What reading one record met: attributes looked at, and whether something was strange."""

    __slots__ = ("has_stranger", "n_attributes")

    def __init__(self) -> None:
        self.n_attributes = 0
        self.has_stranger = False

    def attributes(self, element: Element) -> dict[str, str]:
        """Return the attributes of *element* and count them as looked at."""
        attributes = dict(element.items())
        self.n_attributes += len(attributes)
        return attributes  # type: ignore[return-value]  # names are text: parsed from UTF-8


def read_parts(element: Element, notes: Notes, *names: str) -> tuple[str | None, ...]:
    """Return the texts of the direct children called *names*, in that order; the last of a name counts."""
    found: dict[str, str | None] = dict.fromkeys(names)
    for child in element:
        if child.tag in found:
            found[child.tag] = read_leaf(child)
        else:
            notes.has_stranger = True
    return tuple(found.values())


def read_list(element: Element, notes: Notes, name: str) -> tuple[str, ...]:
    """Return the texts of the direct children called *name*; empty ones are left out."""
    texts = []
    for child in element:
        if child.tag == name:
            text = read_leaf(child)
            if text is not None:
                texts.append(text)
        else:
            notes.has_stranger = True
    return tuple(texts)


# ---------------------------------------------------------------------------------------------
# Dates
# ---------------------------------------------------------------------------------------------


def read_date_parts(element: Element, notes: Notes) -> PubDate:
    """Read PubDate, BeginningDate, EndingDate or ContributionDate."""
    year, month, day, season, medline = read_parts(element, notes, "Year", "Month", "Day", "Season", "MedlineDate")
    return read_pub_date(year, month, day, season, medline)


def read_full_date(element: Element, notes: Notes) -> tuple[str | None, ...]:
    """Return the printed (year, month, day) of DateCompleted, DateRevised, DateCreated or ArticleDate."""
    return read_parts(element, notes, "Year", "Month", "Day")


def read_article_date_element(element: Element, notes: Notes) -> ArticleDate:
    """Read ArticleDate."""
    date_type = notes.attributes(element).get("DateType")
    return read_article_date(date_type, *read_full_date(element, notes))


def read_history(element: Element, notes: Notes) -> tuple[HistoryDate, ...]:
    """Read History."""
    dates = []
    for child in element:
        if child.tag != "PubMedPubDate":
            notes.has_stranger = True
            continue
        status = notes.attributes(child).get("PubStatus", "")
        parts = read_parts(child, notes, "Year", "Month", "Day", "Hour", "Minute", "Second")
        dates.append(read_history_date(status, *parts))
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
            attributes = notes.attributes(child)
            text, markup = read_mixed(child)
            if text is not None:
                label = attributes.get("Label") or None
                category = attributes.get("NlmCategory") or None
                sections.append(AbstractSection(label=label, nlm_category=category, text=text, markup=markup))
        elif child.tag == "CopyrightInformation":
            copyright_line = read_leaf(child)
        else:
            notes.has_stranger = True
    return tuple(sections), copyright_line


def read_other_abstract(element: Element, notes: Notes) -> OtherAbstract:
    """Read OtherAbstract."""
    attributes = notes.attributes(element)
    sections, copyright_line = read_abstract(element, notes)
    language = attributes.get("Language") or "eng"
    return OtherAbstract(type=attributes.get("Type"), language=language, sections=sections, copyright=copyright_line)


def read_keywords(element: Element, notes: Notes) -> tuple[Keyword, ...]:
    """Read KeywordList."""
    owner = notes.attributes(element).get("Owner") or "NLM"
    keywords = []
    for child in element:
        if child.tag != "Keyword":
            notes.has_stranger = True
            continue
        is_major = notes.attributes(child).get("MajorTopicYN") == "Y"
        term, markup = read_mixed(child)
        if term is not None:
            keywords.append(Keyword(term=term, owner=owner, major_topic=is_major, markup=markup))
    return tuple(keywords)


# ---------------------------------------------------------------------------------------------
# Indexing
# ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _publication_type(name: str, ui: str | None) -> PublicationType:
    return PublicationType(name=name, ui=ui)


def read_publication_type(element: Element, notes: Notes) -> tuple[PublicationType, ...]:
    """Read PublicationType; an empty one is left out."""
    ui = notes.attributes(element).get("UI") or None
    name = read_leaf(element)
    return () if name is None else (_publication_type(name, ui),)


def read_publication_types(element: Element, notes: Notes) -> tuple[PublicationType, ...]:
    """Read PublicationTypeList."""
    types: tuple[PublicationType, ...] = ()
    for child in element:
        if child.tag == "PublicationType":
            types += read_publication_type(child, notes)
        else:
            notes.has_stranger = True
    return types


@lru_cache(maxsize=16384)
def _qualifier(name: str, ui: str | None, is_major: bool, is_auto: bool) -> Qualifier:
    return Qualifier(name=name, ui=ui, major_topic=is_major, is_auto=is_auto)


def read_mesh_headings(element: Element, notes: Notes) -> tuple[MeshHeading, ...]:
    """Read MeshHeadingList."""
    headings = []
    for child in element:
        if child.tag == "MeshHeading":
            heading = _read_mesh_heading(child, notes)
            if heading is not None:
                headings.append(heading)
        else:
            notes.has_stranger = True
    return tuple(headings)


def _read_mesh_heading(element: Element, notes: Notes) -> MeshHeading | None:
    descriptor: str | None = None
    about: dict[str, str] = {}
    qualifiers: list[Qualifier] = []
    for child in element:
        if child.tag == "DescriptorName":
            descriptor, about = read_leaf(child), notes.attributes(child)
        elif child.tag == "QualifierName":
            name, says = read_leaf(child), notes.attributes(child)
            if name is not None:
                is_major, is_auto = says.get("MajorTopicYN") == "Y", says.get("AutoHM") == "Y"
                qualifiers.append(_qualifier(name, says.get("UI") or None, is_major, is_auto))
        else:
            notes.has_stranger = True
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
    for child in element:
        if child.tag != "SupplMeshName":
            notes.has_stranger = True
            continue
        attributes, name = notes.attributes(child), read_leaf(child)
        if name is not None:
            terms.append(SupplementaryMesh(name=name, ui=attributes.get("UI") or None, type=attributes.get("Type")))
    return tuple(terms)


def read_substances(element: Element, notes: Notes) -> tuple[Substance, ...]:
    """Read ChemicalList."""
    substances = []
    for chemical in element:
        if chemical.tag != "Chemical":
            notes.has_stranger = True
            continue
        name = ui = number = None
        for child in chemical:
            if child.tag == "NameOfSubstance":
                name, ui = read_leaf(child), notes.attributes(child).get("UI") or None
            elif child.tag == "RegistryNumber":
                number = read_leaf(child)
            else:
                notes.has_stranger = True
        if name is not None:
            substances.append(Substance(name=name, ui=ui, registry_number=None if number == "0" else number))
    return tuple(substances)


# ---------------------------------------------------------------------------------------------
# Links to other things
# ---------------------------------------------------------------------------------------------


def read_grants(element: Element, notes: Notes) -> tuple[Grant, ...]:
    """Read GrantList."""
    grants = []
    for child in element:
        if child.tag != "Grant":
            notes.has_stranger = True
            continue
        number, acronym, agency, country = read_parts(child, notes, "GrantID", "Acronym", "Agency", "Country")
        grants.append(Grant(grant_id=number, acronym=acronym, agency=agency, country=country))
    return tuple(grants)


def read_databanks(element: Element, notes: Notes) -> tuple[DatabankAccession, ...]:
    """Read DataBankList: one row per accession, one without for a bank that lists none."""
    accessions: list[DatabankAccession] = []
    for bank in element:
        if bank.tag != "DataBank":
            notes.has_stranger = True
            continue
        name = ""
        numbers: tuple[str | None, ...] = ()
        for child in bank:
            if child.tag == "DataBankName":
                name = read_leaf(child) or ""
            elif child.tag == "AccessionNumberList":
                numbers = read_list(child, notes, "AccessionNumber")
            else:
                notes.has_stranger = True
        accessions.extend(DatabankAccession(databank=name, accession=number) for number in numbers or (None,))
    return tuple(accessions)


def read_comments_corrections(element: Element, notes: Notes) -> tuple[CommentCorrection, ...]:
    """Read CommentsCorrectionsList, or the CommentsCorrections of files before 2009 (PMID 17276851)."""
    links = []
    for child in element:
        if child.tag == "CommentsCorrections":
            links.append(_read_link(child, notes, notes.attributes(child).get("RefType", "")))
        elif child.tag in OLD_REF_TYPES:
            links.append(_read_link(child, notes, child.tag))
        else:
            notes.has_stranger = True
    return tuple(links)


def _read_link(element: Element, notes: Notes, ref_type: str) -> CommentCorrection:
    source = note = pmid = version = None
    for child in element:
        if child.tag == "RefSource":
            source = read_leaf(child)
        elif child.tag == "PMID":
            pmid, version = read_pmid_element(child, notes)
        elif child.tag == "Note":
            note = read_leaf(child)
        else:
            notes.has_stranger = True
    return CommentCorrection(ref_type=ref_type, ref_source=source, pmid=pmid, pmid_version=version, note=note)


def read_pmid_element(element: Element, notes: Notes) -> tuple[int | None, int | None]:
    """Return (pmid, version); each None where it is not given or no number."""
    return read_pmid(read_leaf(element)), read_pmid(notes.attributes(element).get("Version"))


def read_article_ids(element: Element, notes: Notes) -> tuple[ArticleId, ...]:
    """Read ArticleIdList; @IdType is "pubmed" by default."""
    ids = []
    for child in element:
        if child.tag != "ArticleId":
            notes.has_stranger = True
            continue
        id_type, value = notes.attributes(child).get("IdType") or "pubmed", read_leaf(child)
        if value is not None:
            ids.append(ArticleId(id_type=id_type, value=value))
    return tuple(ids)


def read_elocation(element: Element, notes: Notes) -> tuple[ELocation, ...]:
    """Read ELocationID; an empty one is left out."""
    attributes, value = notes.attributes(element), read_leaf(element)
    if value is None:
        return ()
    return (ELocation(id_type=attributes.get("EIdType"), value=value, is_valid=attributes.get("ValidYN") != "N"),)


def read_objects(element: Element, notes: Notes) -> tuple[LinkedObject, ...]:
    """Read ObjectList."""
    objects = []
    for child in element:
        if child.tag != "Object":
            notes.has_stranger = True
            continue
        params = []
        for param in child:
            if param.tag == "Param":
                params.append((notes.attributes(param).get("Name"), read_leaf(param)))
            else:
                notes.has_stranger = True
        objects.append(LinkedObject(type=notes.attributes(child).get("Type"), params=tuple(params)))
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
            notes.has_stranger = True
    return tuple(references)


def _read_reference(element: Element, notes: Notes, list_title: str | None) -> Reference:
    citation = markup = None
    ids: tuple[ArticleId, ...] = ()
    for child in element:
        if child.tag == "Citation":
            citation, markup = read_mixed(child)
        elif child.tag == "ArticleIdList":
            ids += read_article_ids(child, notes)
        else:
            notes.has_stranger = True
    return Reference(citation=citation, ids=ids, list_title=list_title, markup=markup)
