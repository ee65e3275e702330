"""Search tags: what may stand in square brackets, what it searches, how PubMed spells it out."""

from __future__ import annotations

from dataclasses import dataclass

from her2lit.replica.terms import Place

TITLE_ABSTRACT = frozenset({Place.TITLE, Place.ABSTRACT, Place.OTHER_ABSTRACT, Place.KEYWORD})
TEXT_WORDS = TITLE_ABSTRACT | {
    Place.MESH,
    Place.PUBLICATION_TYPE,
    Place.SUBSTANCE,
    Place.NOTE,
    Place.DATABANK,
    Place.COLLECTIVE,
}
EVERYWHERE = frozenset(Place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One search field."""

    #: EInfo name, e.g. TIAB
    name: str
    #: As QueryTranslation prints it, e.g. Title/Abstract
    full_name: str
    #: "text" (words at places), "key" (exact), "date", "pmid" or "filter"
    kind: str
    #: Everything accepted in brackets, lower case without blanks
    tags: tuple[str, ...]
    #: Text fields: where a word may stand
    places: frozenset[Place] = frozenset()
    #: Key fields: prefix of the exact key
    key: str = ""
    #: Date fields: column of the dates; "pdat" means print or electronic
    dates: tuple[str, ...] = ()
    #: :noexp is allowed, and the field is exploded without it
    is_exploded: bool = False
    #: :~N is allowed
    has_proximity: bool = False
    #: EInfo names it; [au] and [aid] are served without a field of their own
    is_listed: bool = True


def _text(name: str, full_name: str, tags: tuple[str, ...], *places: Place, proximity: bool = False) -> Field:
    return Field(
        name=name, full_name=full_name, kind="text", tags=tags, places=frozenset(places), has_proximity=proximity
    )


def _key(name: str, full_name: str, key: str, *tags: str, exploded: bool = False, listed: bool = True) -> Field:
    return Field(name=name, full_name=full_name, kind="key", tags=tags, key=key, is_exploded=exploded, is_listed=listed)


def _date(name: str, full_name: str, columns: tuple[str, ...], *tags: str) -> Field:
    return Field(name=name, full_name=full_name, kind="date", tags=tags, dates=columns)


ALL_FIELDS = _text("ALL", "All Fields", ("all", "allfields"), *EVERYWHERE)
MESH_TERMS = _key("MESH", "MeSH Terms", "mh", "mh", "mesh", "meshterms", exploded=True)
SUBSTANCE = _key("SUBS", "Supplementary Concept", "nm", "nm", "substancename", "supplementaryconcept")
UID = Field(name="UID", full_name="UID", kind="pmid", tags=("pmid", "uid"))

#: The fields this replica serves. [author identifier] is no tag at PubMed either.
FIELDS: tuple[Field, ...] = (
    ALL_FIELDS,
    _text("TIAB", "Title/Abstract", ("tiab", "title/abstract"), *TITLE_ABSTRACT, proximity=True),
    _text("TITL", "Title", ("ti", "title"), Place.TITLE, proximity=True),
    _text("TT", "Transliterated Title", ("tt", "transliteratedtitle"), Place.TRANSLITERATED),
    _text("OTRM", "Other Term", ("ot", "otherterm"), Place.KEYWORD),
    _text("WORD", "Text Word", ("tw", "textword", "textwords"), *TEXT_WORDS),
    _text("AFFL", "Affiliation", ("ad", "affiliation"), Place.AFFILIATION, proximity=True),
    _text("COIS", "Conflict of Interest Statements", ("cois",), Place.COI),
    MESH_TERMS,
    _key("MAJR", "MeSH Major Topic", "mj", "majr", "meshmajortopic", exploded=True),
    _key("SUBH", "MeSH Subheading", "sh", "sh", "meshsubheading", "subheading", exploded=True),
    SUBSTANCE,
    _key("ECNO", "EC/RN Number", "rn", "rn", "ec/rnnumber"),
    _key("PTYP", "Publication Type", "pt", "pt", "publicationtype", exploded=True),
    _key("LANG", "Language", "la", "la", "lang", "language"),
    _key("JOUR", "Journal", "ta", "ta", "jour", "jo", "journal"),
    _key("VOL", "Volume", "vi", "vi", "volume"),
    _key("ISS", "Issue", "ip", "ip", "issue"),
    _key("PAGE", "Pagination", "pg", "pg", "page", "pagination"),
    _key("AUTH", "Author", "au", "au", "auth", "author", listed=False),
    _key("FULL", "Author", "fau", "fau", "full", "fullauthorname", "author-full"),
    _key("FAUT", "Author - First", "1au", "1au", "firstauthorname", "author-first"),
    _key("LAUT", "Author - Last", "lastau", "lastau", "lastauthorname", "author-last"),
    _key("COLN", "Author - Corporate", "cn", "cn", "corporateauthor", "author-corporate"),
    _key("AUID", "Author - Identifier", "auid", "auid", "author-identifier"),
    _key("PS", "Subject - Personal Name", "ps", "ps", "personalnameassubject", "subject-personalname"),
    _key("GRNT", "Grants and Funding", "gr", "gr", "grantnumber", "grantsandfunding"),
    _key("SI", "Secondary Source ID", "si", "si", "secondarysourceid"),
    _key("LID", "Location ID", "aid", "lid", "locationid"),
    _key("AID", "Article Identifier", "aid", "aid", "articleidentifier", "doi", listed=False),
    Field(name="FILT", full_name="Filter", kind="filter", tags=("sb", "subset", "filter")),
    UID,
    _date("PDAT", "Date - Publication", ("ppdat", "epdat"), "dp", "pdat", "publicationdate", "date-publication"),
    _date("PPDT", "Print Publication Date", ("ppdat",), "ppdat", "printpublicationdate"),
    _date("EPDT", "Electronic Publication Date", ("epdat",), "epdat", "electronicpublicationdate"),
    _date("EDAT", "Date - Entry", ("edat",), "edat", "entrezdate", "date-entry"),
    _date("CRDT", "Date - Create", ("crdt",), "crdt", "datecreated", "date-create"),
    _date("MHDA", "Date - MeSH", ("mhda",), "mhda", "meshdate", "date-mesh"),
    _date("CDAT", "Date - Completion", ("dcom",), "dcom", "cdat", "completiondate", "date-completion"),
    _date("MDAT", "Date - Modification", ("lr",), "lr", "mdat", "modificationdate", "date-modification"),
)
_BY_TAG = {tag: field for field in FIELDS for tag in field.tags}


def find_field(tag: str) -> Field | None:
    """Return the field a tag names, whatever its case and blanks; None for a tag that does not exist."""
    return _BY_TAG.get("".join(tag.split()).lower())
