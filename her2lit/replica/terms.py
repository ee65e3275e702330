"""What of a record is searchable, and under which field: words with positions, exact keys, dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from her2lit.records import AbstractSection, Article, Author, PubDate
from her2lit.replica.tokens import fold, key_text


class Place(IntEnum):
    """Where a word stands. The fields of a search are sets of places."""

    TITLE = 0
    ABSTRACT = 1
    OTHER_ABSTRACT = 2
    KEYWORD = 3
    TRANSLITERATED = 4
    MESH = 5
    PUBLICATION_TYPE = 6
    SUBSTANCE = 7
    NOTE = 8
    DATABANK = 9
    COLLECTIVE = 10
    AFFILIATION = 11
    AUTHOR = 12
    JOURNAL = 13
    GRANT = 14
    COI = 15


#: Owner of author keywords
_AUTHOR_KEYWORDS = "NOTNLM"
#: RefType -> the word PubMed searches it by, where lower case with "has" before it is not enough
_REF_WORDS = {
    "CorrectedandRepublishedIn": "hascorrectedrepublishedin",
    "CorrectedandRepublishedFrom": "hascorrectedrepublishedfrom",
}
#: MedlineCitation/@Status -> status subset (PubMed User Guide, "Status subsets")
_STATUS_SUBSETS = {
    "MEDLINE": "medline",
    "OLDMEDLINE": "oldmedline",
    "PubMed-not-MEDLINE": "pubmednotmedline",
    "Publisher": "publisher",
    "In-Process": "inprocess",
    "In-Data-Review": "inprocess",
    "Completed": "inprocess",
}
#: A search by season counts from these months (PubMed User Guide, "Searching by date").
_SEASON_MONTHS = {"winter": 1, "spring": 4, "summer": 7, "fall": 10, "autumn": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDates:
    """The dates a record is searched by. [edat] and [crdt] have crossed names in the XML."""

    crdt: date | None
    edat: date | None
    mhda: date | None
    dcom: date | None
    lr: date | None
    #: Print publication; missing month or day counts as 1
    ppdat: date | None
    #: Electronic publication
    epdat: date | None


def search_dates(article: Article) -> SearchDates:
    """Return the dates of *article* by field."""
    electronic = [a.on for a in article.article_dates if a.on is not None]
    return SearchDates(
        crdt=article.created_date,
        edat=article.entry_date,
        # [mhda] equals [edat] until MeSH is attached.
        mhda=article.mesh_date or article.entry_date,
        dcom=article.date_completed,
        lr=article.date_revised,
        ppdat=_print_date(article),
        epdat=min(electronic) if electronic else None,
    )


def _print_date(article: Article) -> date | None:
    """Return the first day of the printed date, seasons by PubMed's own months."""
    printed: PubDate | None = article.pub_date
    if printed is None and article.book is not None:
        printed = article.book.pub_date
    if printed is None or printed.start is None:
        return None
    if printed.precision == "season":
        for season, month in _SEASON_MONTHS.items():
            if season in printed.verbatim.lower():
                return (
                    date(int(printed.verbatim.split()[0]), month, 1)
                    if printed.verbatim[:4].isdigit()
                    else printed.start
                )
    return printed.start


def text_segments(article: Article) -> Iterator[tuple[Place, str]]:
    """Yield every searchable text with its place; a phrase never runs from one segment into the next."""
    if article.title:
        yield Place.TITLE, article.title
    if article.book and article.book.collection_title:
        yield Place.TITLE, article.book.collection_title
    yield from _abstract_segments(Place.ABSTRACT, article.abstract)
    for other in article.other_abstracts:
        yield from _abstract_segments(Place.OTHER_ABSTRACT, other.sections)
    for keyword in article.keywords:
        yield (Place.KEYWORD if keyword.owner == _AUTHOR_KEYWORDS else Place.MESH), keyword.term
    if article.vernacular_title:
        yield Place.TRANSLITERATED, article.vernacular_title
    for heading in article.mesh_headings:
        yield Place.MESH, heading.descriptor
        for qualifier in heading.qualifiers:
            yield Place.MESH, qualifier.name
    yield from _name_segments(article)


def _abstract_segments(place: Place, sections: tuple[AbstractSection, ...]) -> Iterator[tuple[Place, str]]:
    for section in sections:
        yield place, f"{section.label}: {section.text}" if section.label else section.text


def _name_segments(article: Article) -> Iterator[tuple[Place, str]]:
    """Yield the texts of the outer fields: types, substances, notes, people, journal, grants."""
    yield from ((Place.PUBLICATION_TYPE, each.name) for each in article.publication_types)
    yield from ((Place.SUBSTANCE, each.name) for each in article.substances)
    yield from ((Place.SUBSTANCE, each.name) for each in article.supplementary_mesh)
    yield from ((Place.NOTE, link.note) for link in article.comments_corrections if link.note)
    yield from ((Place.DATABANK, f"{b.databank} {b.accession or ''}") for b in article.databank_accessions)
    yield from _people_segments(article)
    if article.journal:
        names = dict.fromkeys((article.journal.title, article.journal.medline_ta))
        yield from ((Place.JOURNAL, name) for name in names if name)
    for grant in article.grants:
        yield Place.GRANT, " ".join(part for part in (grant.grant_id, grant.acronym, grant.agency) if part)
    if article.coi_statement:
        yield Place.COI, article.coi_statement


def _people_segments(article: Article) -> Iterator[tuple[Place, str]]:
    people = (*article.authors, *article.investigators)
    for person in people:
        if person.collective_name:
            yield Place.COLLECTIVE, person.collective_name
        elif person.last_name:
            yield Place.AUTHOR, f"{person.last_name} {person.fore_name or person.initials or ''}"
    # One hospital is often printed under every author.
    for text in dict.fromkeys(a.text for person in people for a in person.affiliations):
        yield Place.AFFILIATION, text


def exact_keys(article: Article) -> Iterator[str]:
    """
    Yield every exact key, as "field=value".

    Fields: mh mj (major) nm rn sh pt la ta au 1au lastau fau cn auid si aid vi ip pg gr ps sb has.
    A heading with a qualifier is also there as "mh=heading/qualifier".
    """
    yield from _mesh_keys(article)
    yield from _substance_keys(article)
    yield from (f"pt={key_text(each.name)}" for each in article.publication_types)
    yield from (f"la={key_text(language)}" for language in article.languages)
    yield from _databank_keys(article)
    yield from (f"aid={fold(each.value)}" for each in article.article_ids)
    yield from (f"aid={fold(each.value)}" for each in article.elocations)
    yield from ("ps=" + _joined(name.last_name, name.initials) for name in article.personal_name_subjects)
    yield from (f"gr={key_text(grant.grant_id)}" for grant in article.grants if grant.grant_id)
    yield from _journal_keys(article)
    yield from _people_keys(article)
    yield from (f"sb={word}" for word in _subsets(article))
    yield from (f"has={word}" for word in has_words(article))


def _substance_keys(article: Article) -> Iterator[str]:
    for substance in article.substances:
        yield f"nm={key_text(substance.name)}"
        if substance.registry_number:
            yield f"rn={key_text(substance.registry_number)}"
    yield from (f"nm={key_text(each.name)}" for each in article.supplementary_mesh)


def _databank_keys(article: Article) -> Iterator[str]:
    for bank in article.databank_accessions:
        yield f"si={key_text(bank.databank)}"
        if bank.accession:
            yield f"si={key_text(bank.accession)}"
            yield f"si={key_text(bank.databank)}/{key_text(bank.accession)}"


def _mesh_keys(article: Article) -> Iterator[str]:
    for heading in article.mesh_headings:
        name = key_text(heading.descriptor)
        yield f"mh={name}"
        if heading.major_topic or any(q.major_topic for q in heading.qualifiers):
            yield f"mj={name}"
        for qualifier in heading.qualifiers:
            pair = f"{name}/{key_text(qualifier.name)}"
            yield f"sh={key_text(qualifier.name)}"
            yield f"mh={pair}"
            if qualifier.major_topic:
                yield f"mj={pair}"


def _journal_keys(article: Article) -> Iterator[str]:
    journal = article.journal
    if journal is None:
        return
    for name in (
        journal.title,
        journal.medline_ta,
        journal.iso_abbreviation,
        journal.nlm_unique_id,
        journal.issn,
        journal.issn_linking,
    ):
        if name:
            yield f"ta={key_text(name)}"
    for field, value in (
        ("vi", journal.volume),
        ("ip", journal.issue),
        ("pg", article.start_page or article.medline_pgn),
    ):
        if value:
            yield f"{field}={key_text(value)}"


def _people_keys(article: Article) -> Iterator[str]:
    authors = [a for a in article.authors if a.last_name]
    for author in authors:
        yield from (f"au={name}" for name in author_names(author))
        yield "fau=" + _joined(author.last_name, author.fore_name)
        if author.orcid:
            yield f"auid={key_text(author.orcid)}"
    if authors:
        yield from (f"1au={name}" for name in author_names(authors[0]))
        yield from (f"lastau={name}" for name in author_names(authors[-1]))
    for author in article.authors:
        if author.collective_name:
            yield f"cn={key_text(author.collective_name)}"


def author_names(author: Author) -> tuple[str, ...]:
    """Return the forms an author is found by: "smith ja", "smith j" and "smith"."""
    last = key_text(author.last_name or "")
    initials = key_text(author.initials or "").replace(" ", "")
    return tuple(dict.fromkeys((f"{last} {initials}".strip(), f"{last} {initials[:1]}".strip(), last)))


def _joined(*parts: str | None) -> str:
    return key_text(" ".join(part for part in parts if part))


def _subsets(article: Article) -> Iterator[str]:
    """Yield the filter words ([sb], [filter]) a record is in."""
    if article.status in _STATUS_SUBSETS:
        yield _STATUS_SUBSETS[article.status]
    if article.pmcid:
        yield "pubmed pmc"
    for subset in article.citation_subsets:
        yield key_text(subset)


def has_words(article: Article) -> Iterator[str]:
    """Yield the untagged words PubMed knows a record by, such as hasretractionin and hasabstract."""
    facts = (
        ("hasabstract", bool(article.abstract)),
        ("hasstructuredabstract", any(section.label for section in article.abstract)),
        ("hasdatabanklist", bool(article.databank_accessions)),
        ("hasnonenglishabstract", any(other.language not in (None, "eng") for other in article.other_abstracts)),
        ("hasplainlanguagesummary", any(other.type == "plain-language-summary" for other in article.other_abstracts)),
        ("hasconflictofinterest", bool(article.coi_statement)),
        ("pmcbook", article.kind == "book"),
    )
    yield from (word for word, is_so in facts if is_so)
    yield from (_REF_WORDS.get(link.ref_type, f"has{link.ref_type.lower()}") for link in article.comments_corrections)
    if article.publication_status:
        yield f"pubstatus{article.publication_status.lower()}"
    if article.indexing_method:
        yield f"indexingmethod_{article.indexing_method.lower()}"


def cited_pmids(article: Article) -> Iterator[int]:
    """Yield the PMIDs a record cites in its reference list."""
    for reference in article.references:
        for each in reference.ids:
            if each.id_type == "pubmed" and each.value.isdecimal():
                yield int(each.value)
