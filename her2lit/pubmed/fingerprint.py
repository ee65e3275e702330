"""
A hash of what a record says, so that "revised" means a change of meaning and nothing else.

EFetch re-renders records, so the same citation comes in different bytes from EFetch and from a
baseline file: Season against MedlineDate, month "01" against "Jan", dots in the ISO abbreviation,
indentation, StartPage beside MedlinePgn. None of these changes a fingerprint. Nor does NLM's
bookkeeping, which moves on days when nothing was said anew: see ``BOOKKEEPING``.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from her2lit.records import AbstractSection, Article, Author, Book, Fingerprint, PubDate

#: Fields of ``Article`` that no fingerprint looks at, each with its reason.
BOOKKEEPING: dict[str, str] = {
    "kind": "follows from the record's form",
    "pmid": "identity, not content",
    "pmid_version": "identity, not content",
    "version_id": "identity, not content",
    "version_date": "identity, not content",
    "date_revised": "moves whenever NLM touches the record, for whatever reason",
    "date_completed": "says when indexing ended; the headings say what it found",
    "medline_created": "printed until 2018, then dropped everywhere",
    "history": "the steps of processing; publication dates are compared themselves",
    "created_date": "part of the history",
    "entry_date": "part of the history",
    "mesh_date": "moves with the headings, which are compared themselves",
    "owner": "which NLM unit keeps the record",
    "indexing_method": "stamped on old records in bulk without any change to their headings",
    "citation_subsets": "follows the journal",
    "article_ids": "doi and pmcid are compared in their normalised form; pii and mid are bookkeeping",
    "elocations": "doi is compared in its normalised form",
    "start_page": "EFetch adds it beside MedlinePgn",
    "end_page": "EFetch adds it beside MedlinePgn",
    "title_markup": "the plain text is compared",
    "vernacular_title_markup": "the plain text is compared",
    "coi_statement_markup": "the plain text is compared",
    "abstract_copyright": "the publisher's notice, not the paper's content",
    "authors_complete": "follows from the authors",
    "author_list_type": "follows from the kind of record",
    "grants_complete": "follows from the grants",
    "databanks_complete": "follows from the accessions",
    "other_ids": "numbers in other catalogues",
    "number_of_references": "a count",
    "references": "PubMed Central adds links to cited works for years",
    "objects": "links made by machines",
}


def fingerprint(article: Article) -> Fingerprint:
    """Return the hash of the article's normalised content, whole and by field; empty fields are left out."""
    fields = []
    for name, read in sorted(CONTENT.items()):
        content = read(article)
        if content:
            fields.append((name, _hash(content)[:16]))
    return Fingerprint(content_sha256=_hash(fields), fields=tuple(fields))


def changed_fields(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sorted names of the fields that differ between two ``Fingerprint.fields`` as mappings."""
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


def _hash(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(text: str | None) -> str:
    """Return *text* composed (NFC) with every run of blanks, no-break ones too, as one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split()) if text else ""


def _term(name: str, ui: str | None) -> str:
    """Return what stands for a controlled term: its UI, which outlives the yearly renaming, else its name."""
    return ui or _text(name)


def _sections(sections: Iterable[AbstractSection]) -> list[list[str]]:
    return [[_text(section.label).casefold(), _text(section.text)] for section in sections]


def _date(pub_date: PubDate | None) -> list[str]:
    """Return the days a date can mean, so that Jan and 01, Season and MedlineDate are the same."""
    if pub_date is None:
        return []
    if pub_date.start is None or pub_date.end is None:
        return [_text(pub_date.verbatim).casefold()]
    return [pub_date.start.isoformat(), pub_date.end.isoformat()]


def _person(person: Author) -> list[Any]:
    return [
        [_text(part) for part in (person.last_name, person.fore_name, person.suffix, person.collective_name)],
        "" if person.fore_name else _text(person.initials),
        person.orcid or "",
        person.is_valid,
        person.has_equal_contribution,
        [_text(affiliation.text) for affiliation in person.affiliations],
    ]


def _journal(article: Article) -> list[str]:
    """Return the journal's key, volume and issue; titles and their dots are the catalogue's business."""
    journal = article.journal
    if journal is None:
        return []
    title = journal.medline_ta or journal.iso_abbreviation or journal.title
    key = journal.nlm_unique_id or _text(title).replace(".", "").casefold()
    return [key, _text(journal.volume), _text(journal.issue)]


def _pages(article: Article) -> str:
    if article.medline_pgn:
        return _text(article.medline_pgn)
    return "-".join(_text(page) for page in (article.start_page, article.end_page) if page)


def _mesh(article: Article) -> list[Any]:
    return sorted(
        [
            _term(heading.descriptor, heading.descriptor_ui),
            heading.major_topic,
            sorted([_term(qualifier.name, qualifier.ui), qualifier.major_topic] for qualifier in heading.qualifiers),
        ]
        for heading in article.mesh_headings
    )


def _links(article: Article) -> list[Any]:
    """
    Return comments and corrections; the other PMID stands for its source, which NLM words in two ways.

    "Cites" is left out: until 2019 the reference list stood here, and PubMed Central added to it.
    """
    return sorted(
        [link.ref_type, str(link.pmid) if link.pmid else _text(link.ref_source), _text(link.note)]
        for link in article.comments_corrections
        if link.ref_type != "Cites"
    )


def _book(book: Book | None) -> list[Any]:
    if book is None:
        return []
    names = (book.title, book.publisher, book.publisher_location, book.edition, book.volume, book.volume_title)
    more = (book.collection_title, book.medium, book.report_number, *sorted(book.isbns))
    dates = (book.pub_date, book.beginning_date, book.ending_date, book.contribution_date)
    return [
        [_text(name) for name in (*names, *more)],
        [_date(day) for day in dates],
        [_person(person) for person in (*book.authors, *book.editors)],
        [_text(section.title) for section in book.sections],
    ]


#: Field of ``Article`` -> its content in a form that can be written as JSON; falsy when empty.
CONTENT: dict[str, Callable[[Article], Any]] = {
    "title": lambda article: _text(article.title),
    "vernacular_title": lambda article: _text(article.vernacular_title),
    "abstract": lambda article: _sections(article.abstract),
    "other_abstracts": lambda article: sorted(
        [other.type or "", other.language or "", _sections(other.sections)] for other in article.other_abstracts
    ),
    "journal": _journal,
    "book": lambda article: _book(article.book),
    "pub_date": lambda article: _date(article.pub_date),
    "article_dates": lambda article: sorted(
        day.on.isoformat() if day.on else day.verbatim for day in article.article_dates
    ),
    "status": lambda article: article.status,
    "pub_model": lambda article: article.pub_model,
    "publication_status": lambda article: article.publication_status,
    "medline_pgn": _pages,
    "doi": lambda article: article.doi,
    "pmcid": lambda article: article.pmcid,
    "languages": lambda article: [language.casefold() for language in article.languages],
    "authors": lambda article: [_person(person) for person in article.authors],
    "investigators": lambda article: [_person(person) for person in article.investigators],
    "publication_types": lambda article: sorted({_term(kind.name, kind.ui) for kind in article.publication_types}),
    "mesh_headings": _mesh,
    "supplementary_mesh": lambda article: sorted(_term(term.name, term.ui) for term in article.supplementary_mesh),
    "substances": lambda article: sorted(_term(substance.name, substance.ui) for substance in article.substances),
    "keywords": lambda article: sorted(
        [word.owner or "", _text(word.term), word.major_topic] for word in article.keywords
    ),
    "grants": lambda article: sorted(
        [_text(part) for part in (grant.grant_id, grant.agency, grant.country)] for grant in article.grants
    ),
    "databank_accessions": lambda article: sorted(
        [_text(row.databank), _text(row.accession)] for row in article.databank_accessions
    ),
    "comments_corrections": _links,
    "gene_symbols": lambda article: sorted(article.gene_symbols),
    "personal_name_subjects": lambda article: [
        [_text(part) for part in (name.last_name, name.fore_name, name.suffix)]
        for name in article.personal_name_subjects
    ],
    "general_notes": lambda article: sorted([note.source or "", _text(note.text)] for note in article.general_notes),
    "space_flight_missions": lambda article: sorted(article.space_flight_missions),
    "coi_statement": lambda article: _text(article.coi_statement),
}
