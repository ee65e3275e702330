"""Every element and attribute we know, by name, so that what NLM adds later is seen and counted."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from her2lit.pubmed.xml_text import INLINE, MATHML, Element

_INLINE = " ".join(sorted(INLINE))
_DAY = "Year Month Day"
_PERSON = "LastName ForeName Initials Suffix Identifier AffiliationInfo"
_LINK = "book part sec"

#: Element -> (children, attributes): DTD 250101, after the stroke what only older files hold.
_DECLARED: dict[str, tuple[str, str]] = {
    "PubmedArticle": ("MedlineCitation PubmedData", ""),
    "PubmedBookArticle": ("BookDocument PubmedBookData", ""),
    "MedlineCitation": (
        (
            "PMID DateCompleted DateRevised Article MedlineJournalInfo ChemicalList SupplMeshList CitationSubset "
            "CommentsCorrectionsList GeneSymbolList MeshHeadingList NumberOfReferences PersonalNameSubjectList OtherID "
            "OtherAbstract KeywordList CoiStatement SpaceFlightMission InvestigatorList GeneralNote "
            "DateCreated CommentsCorrections"
        ),
        "Owner Status VersionID VersionDate IndexingMethod",
    ),
    "PMID": ("", "Version"),
    "DateCompleted": (_DAY, ""),
    "DateRevised": (_DAY, ""),
    "DateCreated": (_DAY, ""),
    "Article": (
        (
            "Journal ArticleTitle Pagination ELocationID Abstract AuthorList Language DataBankList GrantList "
            "PublicationTypeList VernacularTitle ArticleDate Affiliation"
        ),
        "PubModel",
    ),
    "Journal": ("ISSN JournalIssue Title ISOAbbreviation", ""),
    "ISSN": ("", "IssnType"),
    "JournalIssue": ("Volume Issue PubDate", "CitedMedium"),
    "PubDate": (f"{_DAY} Season MedlineDate", ""),
    "BeginningDate": (f"{_DAY} Season MedlineDate", ""),
    "EndingDate": (f"{_DAY} Season MedlineDate", ""),
    "ContributionDate": (f"{_DAY} Season MedlineDate", ""),
    "ArticleTitle": (f"{_INLINE} {MATHML}math", _LINK),
    "VernacularTitle": (f"{_INLINE} {MATHML}math", ""),
    "Pagination": ("StartPage EndPage MedlinePgn", ""),
    "ELocationID": ("", "EIdType ValidYN"),
    "Abstract": ("AbstractText CopyrightInformation", ""),
    "OtherAbstract": ("AbstractText CopyrightInformation", "Type Language"),
    "AbstractText": (f"{_INLINE} {MATHML}math DispFormula", "Label NlmCategory"),
    "DispFormula": (f"{MATHML}math", ""),
    "AuthorList": ("Author", "CompleteYN Type"),
    "Author": (f"{_PERSON} CollectiveName Affiliation FirstName MiddleName", "ValidYN EqualContrib"),
    "Investigator": (f"{_PERSON} Affiliation", "ValidYN"),
    "InvestigatorList": ("Investigator", "ID"),
    "CollectiveName": (_INLINE, "Investigators"),
    "Identifier": ("", "Source"),
    "AffiliationInfo": ("Affiliation Identifier", ""),
    "Affiliation": (_INLINE, ""),
    "Suffix": (_INLINE, ""),
    "DataBankList": ("DataBank", "CompleteYN"),
    "DataBank": ("DataBankName AccessionNumberList", ""),
    "AccessionNumberList": ("AccessionNumber", ""),
    "GrantList": ("Grant", "CompleteYN"),
    "Grant": ("GrantID Acronym Agency Country", ""),
    "PublicationTypeList": ("PublicationType", ""),
    "PublicationType": ("", "UI"),
    "ArticleDate": (_DAY, "DateType"),
    "MedlineJournalInfo": ("Country MedlineTA NlmUniqueID ISSNLinking", ""),
    "ChemicalList": ("Chemical", ""),
    "Chemical": ("RegistryNumber NameOfSubstance", ""),
    "NameOfSubstance": ("", "UI"),
    "SupplMeshList": ("SupplMeshName", ""),
    "SupplMeshName": ("", "Type UI"),
    "CommentsCorrectionsList": ("CommentsCorrections", ""),
    "CommentsCorrections": ("RefSource PMID Note", "RefType"),
    "GeneSymbolList": ("GeneSymbol", ""),
    "MeshHeadingList": ("MeshHeading", ""),
    "MeshHeading": ("DescriptorName QualifierName", ""),
    "DescriptorName": ("", "MajorTopicYN AutoHM Type UI"),
    "QualifierName": ("", "MajorTopicYN AutoHM UI"),
    "PersonalNameSubjectList": ("PersonalNameSubject", ""),
    "PersonalNameSubject": ("LastName ForeName Initials Suffix", ""),
    "OtherID": ("", "Source"),
    "KeywordList": ("Keyword", "Owner"),
    "Keyword": (f"{_INLINE} {MATHML}math", "MajorTopicYN"),
    "CoiStatement": (_INLINE, ""),
    "GeneralNote": ("", "Owner"),
    "PubmedData": ("History PublicationStatus ArticleIdList ObjectList ReferenceList", ""),
    "PubmedBookData": ("History PublicationStatus ArticleIdList ObjectList", ""),
    "History": ("PubMedPubDate", ""),
    "PubMedPubDate": (f"{_DAY} Hour Minute Second", "PubStatus"),
    "ArticleIdList": ("ArticleId", ""),
    "ArticleId": ("", "IdType"),
    "ObjectList": ("Object", ""),
    "Object": ("Param", "Type"),
    "Param": (_INLINE, "Name"),
    "ReferenceList": ("Title Reference ReferenceList", ""),
    "Reference": ("Citation ArticleIdList", ""),
    "Citation": (f"{_INLINE} {MATHML}math", ""),
    "BookDocument": (
        (
            "PMID ArticleIdList Book LocationLabel ArticleTitle VernacularTitle Pagination Language AuthorList "
            "InvestigatorList PublicationType Abstract Sections KeywordList ContributionDate DateRevised GrantList "
            "ItemList ReferenceList"
        ),
        "",
    ),
    "Book": (
        (
            "Publisher BookTitle PubDate BeginningDate EndingDate AuthorList InvestigatorList Volume VolumeTitle Edition "
            "CollectionTitle Isbn ELocationID Medium ReportNumber"
        ),
        "",
    ),
    "Publisher": ("PublisherName PublisherLocation", ""),
    "PublisherName": (_INLINE, ""),
    "BookTitle": (f"{_INLINE} {MATHML}math", _LINK),
    "CollectionTitle": (f"{_INLINE} {MATHML}math", _LINK),
    "VolumeTitle": (_INLINE, ""),
    "LocationLabel": ("", "Type"),
    "Sections": ("Section", ""),
    "Section": ("LocationLabel SectionTitle Section", ""),
    "SectionTitle": (_INLINE, _LINK),
    "ItemList": ("Item", "ListType"),
    **dict.fromkeys(INLINE, (_INLINE, "")),
}
#: RefTypes that were elements of their own inside MedlineCitation/CommentsCorrections until 2008.
OLD_REF_TYPES = frozenset(
    {
        *("CommentOn", "CommentIn", "ErratumIn", "ErratumFor", "PartialRetractionIn", "PartialRetractionOf"),
        *("RepublishedFrom", "RepublishedIn", "RetractionOf", "RetractionIn", "UpdateIn", "UpdateOf"),
        *("SummaryForPatientsIn", "OriginalReportIn", "ReprintOf", "ReprintIn"),
    }
)
_NOTHING: frozenset[str] = frozenset()
CHILDREN: dict[str, frozenset[str]] = {name: frozenset(children.split()) for name, (children, _) in _DECLARED.items()}
CHILDREN["CommentsCorrections"] |= OLD_REF_TYPES
CHILDREN.update(dict.fromkeys(OLD_REF_TYPES, frozenset({"RefSource", "PMID", "Note"})))
#: Every name that occurs above; those without children of their own hold plain text.
_KNOWN = frozenset().union(*CHILDREN.values())
ATTRIBUTES: dict[str, frozenset[str]] = {name: frozenset(known.split()) for name, (_, known) in _DECLARED.items()}


def find_unknown(record: Element) -> Iterator[str]:
    """
    Yield the path of every element and attribute under *record* that no table above names.

    An unknown element is named once, without what it holds. MathML is markup, kept whole, and
    not looked into. Paths begin at the record: "PubmedArticle/MedlineCitation/NewThing@Kind".
    """
    yield from _find_in(record, record.tag)


def _find_in(element: Element, path: str) -> Iterator[str]:
    attributes = ATTRIBUTES.get(element.tag, _NOTHING)
    if path.endswith("/Article/ArticleTitle"):
        # The DTD allows links to Bookshelf on any title; only those of book chapters have a place.
        attributes = _NOTHING
    for name in map(str, element.keys()):
        if name not in attributes:
            yield f"{path}@{name}"
    children = CHILDREN.get(element.tag, _NOTHING)
    for child in element:
        if child.tag not in children:
            yield f"{path}/{child.tag}"
        elif not child.tag.startswith(MATHML):
            yield from _find_in(child, f"{path}/{child.tag}")


def melt_unknown_markup(record: Element) -> None:
    """Turn elements inside what should be plain text into their text, so that no word is lost."""
    for element in list(record.iter()):
        if len(element) and element.tag in _KNOWN and not CHILDREN.get(element.tag):
            etree.strip_tags(element, "*")
