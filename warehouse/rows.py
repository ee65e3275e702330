"""Records to rows: for every table of a record or an annotation, its columns and how to fill them (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from her2lit.records import (
    Annotation,
    Article,
    Author,
    Book,
    BookLink,
    Evidence,
    Journal,
    ParsedArticle,
    PubDate,
)

Row = tuple[Any, ...]
Source = TypeVar("Source")


@dataclass(frozen=True, slots=True)
class ChildTable(Generic[Source]):
    """A table filled from one *Source*; its keys (version_id, pmid, …) come before ``columns`` and are not listed."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Source], Iterable[Row]]

    @property
    def key(self) -> tuple[str, ...]:
        """Return the columns that tell apart the rows of one source: positions, and the list they count in."""
        return tuple(
            name
            for name in self.columns
            if name == "position" or name.endswith("_position") or name in ("person_list", "belongs_to")
        )


def _numbered(rows: Iterable[Row]) -> Iterator[Row]:
    """Put each row's position, from 1, before it."""
    return ((position, *row) for position, row in enumerate(rows, start=1))


# ---------------------------------------------------------------------------------------------
# The record itself
# ---------------------------------------------------------------------------------------------

#: Columns of article_versions that come from the record, in the order of ``version_row``.
VERSION_COLUMNS = (
    "pmid", "pmid_version", "content_sha256", "field_hashes", "batch_sha256", "kind",
    "title", "title_markup", "vernacular_title", "vernacular_title_markup", "abstract_copyright",
    "journal_title", "iso_abbreviation", "medline_ta", "nlm_unique_id", "issn", "issn_type", "issn_linking",
    "journal_country", "volume", "issue", "cited_medium",
    "pub_date", "pub_date_start", "pub_date_end", "pub_date_precision", "pub_year",
    "created_date", "entry_date", "mesh_date", "date_revised", "date_completed", "medline_created",
    "status", "owner", "indexing_method", "version_date", "medline_version_id", "pub_model", "publication_status",
    "medline_pgn", "start_page", "end_page", "doi", "pmcid",
    "authors_complete", "grants_complete", "databanks_complete",
    "number_of_references", "coi_statement", "coi_statement_markup", "author_list_type",
)  # fmt: skip


def version_row(parsed: ParsedArticle) -> Row:
    """Return the record's own values in the order of VERSION_COLUMNS."""
    a = parsed.article
    return (
        a.pmid, a.pmid_version, parsed.fingerprint.content_sha256, list(parsed.fingerprint.fields), parsed.batch_sha256,
        a.kind, a.title, a.title_markup, a.vernacular_title, a.vernacular_title_markup, a.abstract_copyright,
        *_journal(a.journal or Journal()),
        *_dated(a.pub_date), a.pub_date.start.year if a.pub_date and a.pub_date.start else None,
        a.created_date, a.entry_date, a.mesh_date, a.date_revised, a.date_completed, a.medline_created,
        a.status, a.owner, a.indexing_method, a.version_date, a.version_id, a.pub_model, a.publication_status,
        a.medline_pgn, a.start_page, a.end_page, a.doi, a.pmcid,
        a.authors_complete, a.grants_complete, a.databanks_complete,
        a.number_of_references, a.coi_statement, a.coi_statement_markup, a.author_list_type,
    )  # fmt: skip


def _journal(journal: Journal) -> Row:
    return (
        journal.title, journal.iso_abbreviation, journal.medline_ta, journal.nlm_unique_id,
        journal.issn, journal.issn_type, journal.issn_linking,
        journal.country, journal.volume, journal.issue, journal.cited_medium,
    )  # fmt: skip


def _dated(pub_date: PubDate | None) -> Row:
    if pub_date is None:
        return (None, None, None, None)
    return (pub_date.verbatim, pub_date.start, pub_date.end, pub_date.precision)


def _linked(link: BookLink | None) -> Row:
    return (link.book, link.part, link.sec) if link else (None, None, None)


# ---------------------------------------------------------------------------------------------
# People
# ---------------------------------------------------------------------------------------------

_PERSON = (
    "last_name", "fore_name", "initials", "suffix", "collective_name", "collective_name_markup",
    "is_valid", "has_equal_contribution", "orcid", "group_id", "suffix_markup",
)  # fmt: skip


def _person(author: Author) -> Row:
    return (
        author.last_name, author.fore_name, author.initials, author.suffix,
        author.collective_name, author.collective_name_markup,
        author.is_valid, author.has_equal_contribution, author.orcid, author.group_id, author.suffix_markup,
    )  # fmt: skip


def _book_people(article: Article) -> tuple[tuple[str, tuple[Author, ...]], ...]:
    book = article.book or Book()
    return (("book_editor", book.editors), ("book_author", book.authors), ("book_investigator", book.investigators))


def _people(article: Article) -> Iterator[tuple[str, int, Author]]:
    """Yield every person of the record as (list, position in it, person)."""
    lists = (("author", article.authors), ("investigator", article.investigators), *_book_people(article))
    for person_list, people in lists:
        for position, person in enumerate(people, start=1):
            yield person_list, position, person


def _affiliations(article: Article) -> Iterator[Row]:
    for person_list, person_position, person in _people(article):
        for position, affiliation in enumerate(person.affiliations, start=1):
            yield person_list, person_position, position, affiliation.text, affiliation.markup


def _person_identifiers(article: Article) -> Iterator[Row]:
    for person_list, person_position, person in _people(article):
        for position, identifier in enumerate(person.identifiers, start=1):
            yield person_list, person_position, None, position, identifier.source, identifier.value
        for affiliation_position, affiliation in enumerate(person.affiliations, start=1):
            for position, identifier in enumerate(affiliation.identifiers, start=1):
                yield person_list, person_position, affiliation_position, position, identifier.source, identifier.value


# ---------------------------------------------------------------------------------------------
# Nested parts that take more than a line
# ---------------------------------------------------------------------------------------------


def _other_abstract_sections(article: Article) -> Iterator[Row]:
    for number, other in enumerate(article.other_abstracts, start=1):
        of = (other.type, other.language, other.copyright)
        if not other.sections:
            yield number, 0, *of, None, None, None, None
        for position, s in enumerate(other.sections, start=1):
            yield number, position, *of, s.label, s.nlm_category, s.text, s.markup


def _mesh_qualifiers(article: Article) -> Iterator[Row]:
    for heading_position, heading in enumerate(article.mesh_headings, start=1):
        for position, q in enumerate(heading.qualifiers, start=1):
            yield heading_position, position, q.name, q.ui, q.major_topic, q.is_auto


def _reference_ids(article: Article) -> Iterator[Row]:
    for reference_position, reference in enumerate(article.references, start=1):
        for position, i in enumerate(reference.ids, start=1):
            yield reference_position, position, i.id_type, i.value


def _elocations(article: Article) -> Iterator[Row]:
    for belongs_to, elocations in (("article", article.elocations), ("book", (article.book or Book()).elocations)):
        for position, e in enumerate(elocations, start=1):
            yield belongs_to, position, e.id_type, e.value, e.is_valid


def _linked_object_params(article: Article) -> Iterator[Row]:
    for object_position, linked in enumerate(article.objects, start=1):
        if not linked.params:
            yield object_position, 0, linked.type, None, None
        for position, (name, value) in enumerate(linked.params, start=1):
            yield object_position, position, linked.type, name, value


def _books(article: Article) -> Iterator[Row]:
    if (b := article.book) is not None:
        yield (
            b.title, b.title_markup, *_linked(b.title_link), b.publisher, b.publisher_location,
            *_dated(b.pub_date), *_dated(b.beginning_date), *_dated(b.ending_date), *_dated(b.contribution_date),
            b.edition, b.volume, b.volume_title, b.collection_title, *_linked(b.collection_title_link),
            b.medium, b.report_number, *_linked(b.chapter_link),
            b.publisher_markup, b.collection_title_markup, b.volume_title_markup, b.editors_complete, b.authors_complete,
        )  # fmt: skip


def _book_sections(article: Article) -> Iterable[Row]:
    sections = (article.book or Book()).sections
    return _numbered((s.depth, s.label, s.label_type, s.title, *_linked(s.link), s.title_markup) for s in sections)


def _book_list_items(article: Article) -> Iterator[Row]:
    for list_position, item_list in enumerate((article.book or Book()).item_lists, start=1):
        if not item_list.items:
            yield list_position, 0, item_list.type, None
        for position, item in enumerate(item_list.items, start=1):
            yield list_position, position, item_list.type, item


def _dates(name: str) -> tuple[str, ...]:
    return (name, f"{name}_start", f"{name}_end", f"{name}_precision")


def _link(name: str) -> tuple[str, ...]:
    return (f"{name}_book", f"{name}_part", f"{name}_sec")


_BOOK_COLUMNS = (
    "title", "title_markup", *_link("title"), "publisher", "publisher_location",
    *_dates("book_pub_date"), *_dates("beginning_date"), *_dates("ending_date"), *_dates("contribution_date"),
    "edition", "volume", "volume_title", "collection_title", *_link("collection_title"),
    "medium", "report_number", *_link("chapter"), "publisher_markup", "collection_title_markup", "volume_title_markup",
    "editors_complete", "authors_complete",
)  # fmt: skip


def _simple(name: str, columns: tuple[str, ...], read: Callable[[Article], Iterable[Row]]) -> ChildTable[Article]:
    """Return a table with one numbered row per item that *read* yields."""
    return ChildTable(name, ("position", *columns), lambda article: _numbered(read(article)))


#: Every table of a record beside article_versions; keys: version_id, pmid.
ARTICLE_TABLES: tuple[ChildTable[Article], ...] = (
    _simple("abstract_sections", ("label", "nlm_category", "text", "markup"),
            lambda a: ((s.label, s.nlm_category, s.text, s.markup) for s in a.abstract)),
    ChildTable("other_abstract_sections",
               ("abstract_position", "position", "type", "language", "copyright", "label", "nlm_category", "text", "markup"),
               _other_abstract_sections),
    _simple("authors", _PERSON, lambda a: map(_person, a.authors)),
    _simple("investigators", _PERSON, lambda a: map(_person, a.investigators)),
    ChildTable("book_people", ("person_list", "position", *_PERSON),
               lambda a: ((name, *row) for name, people in _book_people(a) for row in _numbered(map(_person, people)))),
    ChildTable("affiliations", ("person_list", "person_position", "position", "affiliation", "markup"), _affiliations),
    ChildTable("person_identifiers",
               ("person_list", "person_position", "affiliation_position", "position", "source", "value"),
               _person_identifiers),
    _simple("publication_types", ("publication_type", "publication_type_ui"),
            lambda a: ((p.name, p.ui) for p in a.publication_types)),
    _simple("mesh_headings", ("descriptor", "descriptor_ui", "major_topic", "type", "is_auto"),
            lambda a: ((m.descriptor, m.descriptor_ui, m.major_topic, m.type, m.is_auto) for m in a.mesh_headings)),
    ChildTable("mesh_qualifiers",
               ("heading_position", "position", "qualifier", "qualifier_ui", "major_topic", "is_auto"), _mesh_qualifiers),
    _simple("supplementary_mesh", ("supplementary_concept", "supplementary_concept_ui", "type"),
            lambda a: ((s.name, s.ui, s.type) for s in a.supplementary_mesh)),
    _simple("substances", ("substance", "substance_ui", "registry_number"),
            lambda a: ((s.name, s.ui, s.registry_number) for s in a.substances)),
    _simple("keywords", ("keyword", "owner", "major_topic", "markup"),
            lambda a: ((k.term, k.owner, k.major_topic, k.markup) for k in a.keywords)),
    _simple("databank_accessions", ("databank", "accession"),
            lambda a: ((d.databank, d.accession) for d in a.databank_accessions)),
    _simple("comments_corrections", ("ref_type", "ref_source", "ref_pmid", "ref_pmid_version", "note"),
            lambda a: ((c.ref_type, c.ref_source, c.pmid, c.pmid_version, c.note) for c in a.comments_corrections)),
    _simple("article_references", ("list_title", "citation", "markup"),
            lambda a: ((r.list_title, r.citation, r.markup) for r in a.references)),
    ChildTable("reference_ids", ("reference_position", "position", "id_type", "value"), _reference_ids),
    _simple("history_dates", ("status", "history_date", "hour", "minute", "second", "verbatim"),
            lambda a: ((h.status, h.on, h.hour, h.minute, h.second, h.verbatim) for h in a.history)),
    _simple("article_dates", ("date_type", "article_date", "verbatim"),
            lambda a: ((d.date_type, d.on, d.verbatim) for d in a.article_dates)),
    _simple("article_ids", ("id_type", "value"), lambda a: ((i.id_type, i.value) for i in a.article_ids)),
    ChildTable("elocations", ("belongs_to", "position", "id_type", "value", "is_valid"), _elocations),
    _simple("grants", ("grant_id", "acronym", "agency", "country"),
            lambda a: ((g.grant_id, g.acronym, g.agency, g.country) for g in a.grants)),
    _simple("languages", ("language",), lambda a: ((v,) for v in a.languages)),
    _simple("citation_subsets", ("citation_subset",), lambda a: ((v,) for v in a.citation_subsets)),
    _simple("gene_symbols", ("gene_symbol",), lambda a: ((v,) for v in a.gene_symbols)),
    _simple("space_flight_missions", ("space_flight_mission",), lambda a: ((v,) for v in a.space_flight_missions)),
    _simple("personal_name_subjects", ("last_name", "fore_name", "initials", "suffix", "suffix_markup"),
            lambda a: ((p.last_name, p.fore_name, p.initials, p.suffix, p.suffix_markup) for p in a.personal_name_subjects)),
    _simple("other_ids", ("source", "value"), lambda a: ((o.source, o.text) for o in a.other_ids)),
    _simple("general_notes", ("owner", "note"), lambda a: ((n.source, n.text) for n in a.general_notes)),
    ChildTable("linked_object_params", ("object_position", "position", "type", "name", "value"), _linked_object_params),
    ChildTable("books", _BOOK_COLUMNS, _books),
    _simple("book_isbns", ("isbn",), lambda a: ((v,) for v in (a.book or Book()).isbns)),
    _simple("book_location_labels", ("type", "label"), lambda a: (a.book or Book()).location_labels),
    ChildTable("book_sections",
               ("position", "depth", "label", "label_type", "title", "link_book", "link_part", "link_sec", "title_markup"), _book_sections),
    ChildTable("book_list_items", ("list_position", "position", "type", "item"), _book_list_items),
)  # fmt: skip


# ---------------------------------------------------------------------------------------------
# What we say about it
# ---------------------------------------------------------------------------------------------

_EVIDENCE = ("evidence_place", "evidence_sentence", "evidence_start", "evidence_end")
#: Columns of article_evidence that come from the annotation, in the order of ``evidence_row``.
EVIDENCE_COLUMNS = (
    "pmid", "rule_version", "annotation_sha256",
    "design", "design_decided_by", "design_rule", "design_place", "design_sentence", "design_start", "design_end",
    "is_secondary", "phase", "n_patients", "trial_ids", "finding", "evidence_rank", "evidence_rank_parts", "integrity",
)  # fmt: skip


def annotation_sha256(annotation: Annotation) -> str:
    """Return the hash by which an unchanged judgement is recognised; ``repr`` of frozen values is canonical."""
    return hashlib.sha256(repr(annotation).encode()).hexdigest()


def evidence_row(annotation: Annotation) -> Row:
    """Return the judgement's own values in the order of EVIDENCE_COLUMNS."""
    a = annotation
    return (
        a.pmid, a.rule_version, annotation_sha256(a),
        a.design, a.design_decided_by, a.design_rule, *_evidence(a.design_evidence),
        a.is_secondary, a.phase, a.n_patients, list(a.trial_ids), a.finding,
        a.evidence_rank, list(a.evidence_rank_parts), list(a.integrity),
    )  # fmt: skip


def _evidence(evidence: Evidence | None) -> Row:
    if evidence is None:
        return (None, None, None, None)
    return (evidence.place, evidence.sentence, evidence.start, evidence.end)


def _drugs(annotation: Annotation) -> Iterator[Row]:
    return _numbered(
        (d.drug_id, d.role, d.decided_by, d.rule, d.rolls_up_to, d.n_mentions, *_evidence(d.evidence))
        for d in annotation.drugs
    )


def _facets(annotation: Annotation) -> Iterator[Row]:
    return _numbered((f.facet, f.value, f.rule, *_evidence(f.evidence)) for f in annotation.facets)


def _sources(annotation: Annotation) -> Iterator[Row]:
    return _numbered((s.facet, s.value, s.rule, *_evidence(s.evidence)) for s in annotation.sources)


def _outcomes(annotation: Annotation) -> Iterator[Row]:
    return _numbered(
        (o.endpoint, o.measure, o.value, o.ci_low, o.ci_high, o.ci_level, o.p, o.arm, o.timepoint_months, o.quote,
         list(o.flags), *_evidence(o.evidence))
        for o in annotation.outcomes
    )  # fmt: skip


#: Every table of a judgement beside article_evidence; keys: annotation_id, version_id, pmid.
ANNOTATION_TABLES: tuple[ChildTable[Annotation], ...] = (
    ChildTable("article_drugs",
               ("position", "drug_id", "role", "decided_by", "rule", "rolls_up_to", "n_mentions", *_EVIDENCE), _drugs),
    ChildTable("article_facets", ("position", "facet", "value", "rule", *_EVIDENCE), _facets),
    ChildTable("article_outcomes",
               ("position", "endpoint", "measure", "value", "ci_low", "ci_high", "ci_level", "p", "arm",
                "timepoint_months", "quote", "flags", *_EVIDENCE), _outcomes),
    ChildTable("article_sources", ("position", "facet", "value", "rule", *_EVIDENCE), _sources),
)  # fmt: skip
