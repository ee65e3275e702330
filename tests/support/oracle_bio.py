"""Bio.Entrez.read, with the DTDs in Biopython's wheel and no network, as an oracle: every field of a record."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from unittest import mock

from Bio import Entrez
from Bio.Entrez.Parser import ValidationError
from oracle_tally import FORMULA, SCRIPT_MARKS, Rule, Tally, plain, shape, squeezed

from her2lit.records import Article, Author, Book, BookLink, Journal, PubDate

#: Newest first; the older ones know what has since been dropped (DateCreated, Author/Affiliation, CommentOn …).
_NEW_DTDS = ("pubmed_250101.dtd",)
_OLD_DTDS = ("pubmed_150101.dtd", "pubmed_130501.dtd", "pubmed_110101.dtd", "pubmed_080101.dtd")
_RECORDS_AT_ONCE = 50
#: Bio.Entrez meets something that the DTD does not declare, or not there.
_UNFIT = (ValidationError, ValueError)


# ---------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------


def read(records: Sequence[bytes]) -> Iterator[tuple[bytes, Any, str]]:
    """
    Yield each record, what Bio.Entrez makes of it, and by which DTD; None where it refuses the record.

    Records come in groups, because reading a DTD costs more than reading a record: articles of today,
    articles of before 2018 (they have DateCreated), books.
    """
    groups: dict[str, list[bytes]] = {"today": [], "old": [], "book": []}
    for record in records:
        is_book = record.startswith(b"<PubmedBookArticle>")
        groups["book" if is_book else "old" if b"<DateCreated>" in record else "today"].append(record)
    with mock.patch("Bio.Entrez.Parser.urlopen", side_effect=OSError("no network")):
        for kind, members in groups.items():
            dtds = _OLD_DTDS if kind == "old" else (*_NEW_DTDS, *_OLD_DTDS)
            for at in range(0, len(members), _RECORDS_AT_ONCE):
                yield from _read_some(members[at : at + _RECORDS_AT_ONCE], dtds)


def _read_some(records: Sequence[bytes], dtds: Sequence[str]) -> Iterator[tuple[bytes, Any, str]]:
    """Read *records* by the first DTD that fits them all; where none does, one by one."""
    try:
        yield from (
            (record, found, dtds[0]) for record, found in zip(records, _read_with(records, dtds[0]), strict=True)
        )
    except _UNFIT:
        if len(records) > 1:
            for record in records:
                yield from _read_some([record], dtds)
        elif len(dtds) > 1:
            yield from _read_some(records, dtds[1:])
        else:
            yield from _read_without(records[0])


def _read_without(record: bytes) -> Iterator[tuple[bytes, Any, str]]:
    """Read a record that fits no DTD: what the newest does not know is skipped."""
    try:
        yield record, _read_with([record], _NEW_DTDS[0], validate=False)[0], "none"
    except ValueError as error:
        yield record, None, f"refused: {error}"


def _read_with(records: Sequence[bytes], dtd: str, *, validate: bool = True) -> list[Any]:
    prolog = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/{dtd}">\n<PubmedArticleSet>'
    )
    document = prolog.encode() + b"\n".join(records) + b"</PubmedArticleSet>"
    found = Entrez.read(io.BytesIO(document), validate=validate, escape=True)
    return (
        [*found.get("PubmedArticle", ()), *found.get("PubmedBookArticle", ())]
        if isinstance(found, dict)
        else list(found)
    )


# ---------------------------------------------------------------------------------------------
# Their values in our shapes. A text stays a fragment of XML; plain() and shape() read it.
# ---------------------------------------------------------------------------------------------


def _leaf(element: Any, name: str) -> str | None:
    return plain(element.get(name)) if element else None


def _attribute(element: Any, name: str) -> str | None:
    return getattr(element, "attributes", {}).get(name) or None


def _all(element: Any, name: str) -> list[Any]:
    """Return the children called *name*, however Bio holds them: list elements are the list itself."""
    if element is None:
        return []
    if isinstance(element, dict):
        found = element.get(name, [])
        return list(found) if isinstance(found, list) and not _is_list_element(found) else [found]
    return list(element)


def _is_list_element(found: Any) -> bool:
    return bool(getattr(found, "tag", None))


_MONTHS = {name: str(number) for number, name in enumerate(calendar.month_abbr)}


def _day(element: Any) -> date | None:
    """Return a day; months are printed as numbers, in a few old records as names."""
    try:
        return date(*(int(_MONTHS.get(element[part], element[part])) for part in ("Year", "Month", "Day")))
    except (KeyError, TypeError, ValueError):
        return None


def _verbatim_date(element: Any) -> str | None:
    """Return the printed parts of a PubDate, joined."""
    if element is None:
        return None
    parts = (_leaf(element, name) for name in ("Year", "Month", "Day", "Season", "MedlineDate"))
    return " ".join(part for part in parts if part)


def _dashed(element: Any) -> str:
    return "-".join(_leaf(element, name) for name in ("Year", "Month", "Day") if _leaf(element, name))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


# ---------------------------------------------------------------------------------------------
# Rules
# ---------------------------------------------------------------------------------------------


def _digits(text: object) -> str:
    return re.sub(r"[^0-9X]", "", str(text).upper())


_TEXT_RULES = (SCRIPT_MARKS, FORMULA)
_ORCID = Rule(
    "an ORCID in its one form, 0000-0000-0000-0000",
    "ours, on purpose",
    lambda ours, theirs: (
        isinstance(theirs, str) and len(_digits(ours)) == 16 and _digits(theirs).endswith(_digits(ours))
    ),
)
_OLD_DEFAULT = Rule(
    'a list of authors is Type="authors" by default in the DTDs before 2018, nothing today',
    "both",
    lambda ours, theirs: ours is None and theirs == "authors",
)
_NO_NUMBER = Rule(
    'registry number "0" means that there is none',
    "ours, on purpose",
    lambda ours, theirs: ours is None and theirs == "0",
)
_EMPTY = Rule("an empty element says nothing and is left out", "ours, on purpose", lambda ours, theirs: theirs is None)
_LOWER = Rule(
    "a DOI in lower case, without its resolver",
    "ours, on purpose",
    lambda ours, theirs: isinstance(theirs, str) and isinstance(ours, str) and theirs.lower().strip().endswith(ours),
)
_NOT_IN_DTD = Rule(
    "an element that no DTD of Biopython's knows is skipped",
    "theirs",
    lambda ours, theirs: theirs is None and ours is not None,
)


# ---------------------------------------------------------------------------------------------
# Comparing
# ---------------------------------------------------------------------------------------------


class Comparison:
    """Holds one record of theirs beside ours, field by field."""

    def __init__(self, tally: Tally, article: Article) -> None:
        self._tally, self._pmid = tally, article.pmid

    def value(self, name: str, ours: object, theirs: object, *rules: Rule) -> None:
        self._tally.compare(self._pmid, name, ours, theirs, rules)

    def text(self, name: str, ours: str | None, markup: str | None, theirs: str | None) -> None:
        """Compare a text with markup: its plain form, then its tags."""
        read = plain(theirs)
        if ours == read:
            self.value(name, ours, read)
        else:
            self.value(name, ours, theirs, *_TEXT_RULES)
        self.value(f"{name}: markup", shape(markup), shape(theirs) if read else None)

    def rows(self, name: str, ours: Iterable[Sequence[Any]], theirs: Iterable[Sequence[Any]], *rules: Rule) -> None:
        """Compare lists of plain values, cell by cell where they are equally long."""
        mine, other = [tuple(row) for row in ours], [tuple(row) for row in theirs]
        full = [row for row in other if row[0] is not None]
        if len(full) < len(other) and len(full) == len(mine):
            for _ in range(len(other) - len(full)):
                self.value(name, "left out", None, _EMPTY)
            other = full
        if len(mine) != len(other):
            self.value(name, mine, other)
            return
        for left, right in zip(mine, other, strict=True):
            for a, b in zip(left, right, strict=True):
                self.value(name, a, b, *rules)

    def texts(self, name: str, ours: Iterable[Sequence[Any]], theirs: Iterable[Sequence[Any]]) -> None:
        """Compare lists of (text, markup, more…) with (fragment, more…)."""
        mine, other = list(ours), list(theirs)
        full = [row for row in other if plain(row[0]) is not None]
        if len(full) == len(mine) < len(other):
            for _ in range(len(other) - len(full)):
                self.value(name, "left out", None, _EMPTY)
            other = full
        if len(mine) != len(other):
            self.value(name, mine, other)
            return
        for (text, markup, *more), (fragment, *others) in zip(mine, other, strict=True):
            self.text(name, text, markup, fragment)
            for a, b in zip(more, others, strict=True):
                self.value(f"{name}: attributes", a, b)


def compare(tally: Tally, article: Article, theirs: Any) -> None:
    """Hold one record of Bio.Entrez beside ours."""
    tally.n_records += 1
    c = Comparison(tally, article)
    if article.kind == "book":
        document = theirs["BookDocument"]
        _compare_book(c, article, document)
        _compare_both(c, article, document, document)
        _compare_data(c, article, theirs.get("PubmedBookData"), document.get("ArticleIdList", ()), [document])
        return
    citation = theirs["MedlineCitation"]
    data = theirs.get("PubmedData")
    _compare_citation(c, article, citation)
    _compare_article(c, article, citation["Article"])
    _compare_both(c, article, citation["Article"], citation)
    _compare_data(c, article, data, (), [data] if data else [])


def _compare_citation(c: Comparison, a: Article, m: Any) -> None:
    c.value("pmid_version", a.pmid_version, _number(_attribute(m["PMID"], "Version")) or 1)
    for name, attribute in (
        ("status", "Status"), ("owner", "Owner"), ("indexing_method", "IndexingMethod"),
        ("version_id", "VersionID"), ("version_date", "VersionDate"),
    ):  # fmt: skip
        c.value(name, getattr(a, name), _attribute(m, attribute))
    for name, element in (
        ("date_completed", "DateCompleted"), ("date_revised", "DateRevised"), ("medline_created", "DateCreated"),
    ):  # fmt: skip
        c.value(name, getattr(a, name), _day(m.get(element)), _NOT_IN_DTD)
    info = m.get("MedlineJournalInfo")
    journal = a.journal or Journal()
    for name, element in (
        ("country", "Country"), ("medline_ta", "MedlineTA"), ("nlm_unique_id", "NlmUniqueID"), ("issn_linking", "ISSNLinking"),
    ):  # fmt: skip
        c.value(f"journal.{name}", getattr(journal, name), _leaf(info, element))
    c.rows(
        "substances",
        ((s.name, s.ui, s.registry_number) for s in a.substances),
        (
            (_leaf(s, "NameOfSubstance"), _attribute(s["NameOfSubstance"], "UI"), _leaf(s, "RegistryNumber"))
            for s in _all(m.get("ChemicalList"), "Chemical")
        ),
        _NO_NUMBER,
    )
    c.rows(
        "supplementary_mesh",
        ((s.name, s.ui, s.type) for s in a.supplementary_mesh),
        ((plain(s), _attribute(s, "UI"), _attribute(s, "Type")) for s in _all(m.get("SupplMeshList"), "SupplMeshName")),
    )
    c.rows("citation_subsets", ((s,) for s in a.citation_subsets), ((plain(s),) for s in _all(m, "CitationSubset")))
    c.rows("gene_symbols", ((s,) for s in a.gene_symbols), ((plain(s),) for s in m.get("GeneSymbolList", ())))
    c.rows(
        "comments_corrections",
        ((k.ref_type, k.ref_source, k.pmid, k.pmid_version, k.note) for k in a.comments_corrections),
        _links(m),
    )
    _compare_headings(c, a, m.get("MeshHeadingList", ()))
    c.value("number_of_references", a.number_of_references, _leaf(m, "NumberOfReferences"))
    c.rows(
        "personal_name_subjects",
        ((p.last_name, p.fore_name, p.initials, p.suffix) for p in a.personal_name_subjects),
        (
            tuple(_leaf(p, name) for name in ("LastName", "ForeName", "Initials", "Suffix"))
            for p in m.get("PersonalNameSubjectList", ())
        ),
    )
    c.rows(
        "other_ids",
        ((o.text, o.source) for o in a.other_ids),
        ((plain(o), _attribute(o, "Source")) for o in _all(m, "OtherID")),
    )
    c.rows(
        "general_notes",
        ((n.text, n.source) for n in a.general_notes),
        ((plain(n), _attribute(n, "Owner")) for n in _all(m, "GeneralNote")),
    )
    c.rows(
        "space_flight_missions",
        ((s,) for s in a.space_flight_missions),
        ((plain(s),) for s in _all(m, "SpaceFlightMission")),
    )
    c.text("coi_statement", a.coi_statement, a.coi_statement_markup, m.get("CoiStatement"))
    others = _all(m, "OtherAbstract")
    c.rows(
        "other_abstracts",
        ((o.type, o.language, o.copyright) for o in a.other_abstracts),
        ((_attribute(o, "Type"), _attribute(o, "Language"), _leaf(o, "CopyrightInformation")) for o in others),
    )
    for mine, other in zip(a.other_abstracts, others, strict=False):
        _compare_sections(c, "other_abstracts.sections", mine.sections, other)


def _links(m: Any) -> Iterator[tuple[Any, ...]]:
    for link in m.get("CommentsCorrectionsList", ()):
        number = link.get("PMID")
        yield (
            _attribute(link, "RefType"),
            _leaf(link, "RefSource"),
            _number(plain(number)),
            _number(_attribute(number, "Version")) if number is not None else None,
            _leaf(link, "Note"),
        )
    # Until 2008 the kinds of links were elements.
    for kind, links in (m.get("CommentsCorrections") or {}).items():
        for link in links if isinstance(links, list) else [links]:
            number = link.get("PMID")
            version = _number(_attribute(number, "Version")) if number is not None else None
            yield kind, _leaf(link, "RefSource"), _number(plain(number)), version, _leaf(link, "Note")


def _compare_headings(c: Comparison, a: Article, headings: Iterable[Any]) -> None:
    found = list(headings)
    c.rows(
        "mesh_headings",
        ((h.descriptor, h.descriptor_ui, h.major_topic, h.type, h.is_auto) for h in a.mesh_headings),
        (
            (
                _leaf(h, "DescriptorName"),
                *(_attribute(h["DescriptorName"], name) for name in ("UI",)),
                _attribute(h["DescriptorName"], "MajorTopicYN") == "Y",
                _attribute(h["DescriptorName"], "Type"),
                _attribute(h["DescriptorName"], "AutoHM") == "Y",
            )
            for h in found
        ),
    )
    c.rows(
        "mesh_headings.qualifiers",
        (
            (q.name, number, q.ui, q.major_topic, q.is_auto)
            for number, h in enumerate(a.mesh_headings)
            for q in h.qualifiers
        ),
        (
            (
                plain(q),
                number,
                _attribute(q, "UI"),
                _attribute(q, "MajorTopicYN") == "Y",
                _attribute(q, "AutoHM") == "Y",
            )
            for number, h in enumerate(found)
            for q in _all(h, "QualifierName")
        ),
    )


def _compare_sections(c: Comparison, name: str, ours: Iterable[Any], theirs: Any) -> None:
    c.texts(
        name,
        ((s.text, s.markup, s.label, s.nlm_category) for s in ours),
        ((s, squeezed(_attribute(s, "Label")), _attribute(s, "NlmCategory")) for s in _all(theirs, "AbstractText")),
    )


def _compare_article(c: Comparison, a: Article, article: Any) -> None:
    c.value("pub_model", a.pub_model, _attribute(article, "PubModel"))
    journal, mine = article["Journal"], a.journal or Journal()
    issue = journal["JournalIssue"]
    c.value("journal.issn", mine.issn, _leaf(journal, "ISSN"))
    c.value("journal.issn_type", mine.issn_type, _attribute(journal.get("ISSN"), "IssnType"))
    c.value("journal.title", mine.title, _leaf(journal, "Title"))
    c.value("journal.iso_abbreviation", mine.iso_abbreviation, _leaf(journal, "ISOAbbreviation"))
    c.value("journal.volume", mine.volume, _leaf(issue, "Volume"))
    c.value("journal.issue", mine.issue, _leaf(issue, "Issue"))
    c.value("journal.cited_medium", mine.cited_medium, _attribute(issue, "CitedMedium"))
    c.value("pub_date", _printed(a.pub_date), _verbatim_date(issue.get("PubDate")))
    _compare_elocations(c, "elocations", a.elocations, article)
    c.rows(
        "article_dates",
        ((d.verbatim, d.date_type, d.on) for d in a.article_dates),
        ((_dashed(d), _attribute(d, "DateType"), _day(d)) for d in _all(article, "ArticleDate")),
    )
    banks = article.get("DataBankList")
    c.value(
        "databanks_complete", a.databanks_complete, None if banks is None else _attribute(banks, "CompleteYN") != "N"
    )
    c.rows(
        "databank_accessions",
        ((d.databank, d.accession) for d in a.databank_accessions),
        (
            (_leaf(bank, "DataBankName"), plain(number) if number else None)
            for bank in banks or ()
            for number in bank.get("AccessionNumberList") or (None,)
        ),
    )
    c.rows(
        "publication_types",
        ((p.name, p.ui) for p in a.publication_types),
        ((plain(p), _attribute(p, "UI")) for p in article.get("PublicationTypeList", ())),
    )


def _printed(pub_date: PubDate | None) -> str | None:
    return None if pub_date is None else pub_date.verbatim


def _compare_elocations(c: Comparison, name: str, ours: Iterable[Any], element: Any) -> None:
    c.rows(
        name,
        ((e.value, e.id_type, e.is_valid) for e in ours),
        ((plain(e), _attribute(e, "EIdType"), _attribute(e, "ValidYN") != "N") for e in _all(element, "ELocationID")),
    )


def _compare_both(c: Comparison, a: Article, body: Any, outer: Any) -> None:
    """Compare what articles and books share; keywords and investigators stand in *outer*."""
    c.text("title", a.title, a.title_markup, body.get("ArticleTitle"))
    c.text("vernacular_title", a.vernacular_title, a.vernacular_title_markup, body.get("VernacularTitle"))
    pages = body.get("Pagination")
    for name, element in (("start_page", "StartPage"), ("end_page", "EndPage"), ("medline_pgn", "MedlinePgn")):
        c.value(name, getattr(a, name), _leaf(pages, element))
    abstract = body.get("Abstract")
    _compare_sections(c, "abstract", a.abstract, abstract)
    c.value("abstract_copyright", a.abstract_copyright, _leaf(abstract, "CopyrightInformation"))
    c.rows("languages", ((s,) for s in a.languages), ((plain(s),) for s in _all(body, "Language")))
    # A chapter can have several lists of authors; those of Book are not among them.
    lists = _author_lists(body)
    complete = None if not lists else _attribute(lists[-1], "CompleteYN") != "N"
    c.value("authors_complete", a.authors_complete, complete)
    c.value("author_list_type", a.author_list_type, _attribute(lists[-1], "Type") if lists else None, _OLD_DEFAULT)
    old = [body["Affiliation"]] if a.kind == "article" and body.get("Affiliation") else []
    _compare_people(c, "authors", a.authors, [author for found in lists for author in found], old)
    investigators = [(person, found) for found in _lists(outer, "InvestigatorList") for person in found]
    _compare_people(c, "investigators", a.investigators, [person for person, _ in investigators])
    c.rows(
        "investigators: group",
        ((person.group_id,) for person in a.investigators if person.group_id),
        ((_attribute(found, "ID"),) for _, found in investigators if _attribute(found, "ID")),
    )
    grants = body.get("GrantList")
    c.value("grants_complete", a.grants_complete, None if grants is None else _attribute(grants, "CompleteYN") != "N")
    c.rows(
        "grants",
        ((True, g.grant_id, g.acronym, g.agency, g.country) for g in a.grants),
        ((True, *(_leaf(g, name) for name in ("GrantID", "Acronym", "Agency", "Country"))) for g in grants or ()),
    )
    c.texts(
        "keywords",
        ((k.term, k.markup, k.owner, k.major_topic) for k in a.keywords),
        (
            (word, _attribute(words, "Owner"), _attribute(word, "MajorTopicYN") == "Y")
            for words in _lists(outer, "KeywordList")
            for word in words
        ),
    )


def _lists(element: Any, name: str) -> list[Any]:
    """Return the lists called *name*: one list element, or a list of several."""
    found = element.get(name)
    if found is None:
        return []
    return [found] if _is_list_element(found) else list(found)


def _author_lists(body: Any) -> list[Any]:
    return _lists(body, "AuthorList")


def _compare_people(
    c: Comparison, name: str, ours: Sequence[Author], theirs: Sequence[Any], old: Sequence[Any] = ()
) -> None:
    def fore_name(p: Any) -> str | None:
        return _leaf(p, "ForeName") or squeezed(f"{_leaf(p, 'FirstName') or ''} {_leaf(p, 'MiddleName') or ''}")

    c.rows(
        f"{name}: names",
        ((True, p.last_name, p.fore_name, p.initials, p.is_valid, p.has_equal_contribution) for p in ours),
        (
            (
                True,
                *(_leaf(p, "LastName"), fore_name(p), _leaf(p, "Initials")),
                *(_attribute(p, "ValidYN") != "N", _attribute(p, "EqualContrib") == "Y"),
            )
            for p in theirs
        ),
    )
    for mine, other in zip(ours, theirs, strict=False):
        c.text(f"{name}: suffix", mine.suffix, mine.suffix_markup, other.get("Suffix"))
        c.text(f"{name}: collective", mine.collective_name, mine.collective_name_markup, other.get("CollectiveName"))
        if other.get("CollectiveName"):
            c.value(f"{name}: group", mine.group_id, _attribute(other["CollectiveName"], "Investigators"))
    places = [_places(p) for p in theirs]
    if old and places:
        places[0] += [(text, ()) for text in old]
    c.texts(
        f"{name}: affiliations",
        ((place.text or None, place.markup, number) for number, p in enumerate(ours) for place in p.affiliations),
        ((text, number) for number, found in enumerate(places) for text, _ in found),
    )
    c.rows(
        f"{name}: identifiers",
        ((i.value, i.source, number) for number, p in enumerate(ours) for i in p.identifiers),
        ((plain(i), _attribute(i, "Source"), number) for number, p in enumerate(theirs) for i in _all(p, "Identifier")),
        _ORCID,
    )
    c.rows(
        f"{name}: affiliation identifiers",
        ((i.value, i.source) for p in ours for place in p.affiliations for i in place.identifiers),
        ((plain(i), _attribute(i, "Source")) for found in places for _, identifiers in found for i in identifiers),
    )


def _places(person: Any) -> list[tuple[Any, Sequence[Any]]]:
    found = [(info.get("Affiliation"), info.get("Identifier", ())) for info in person.get("AffiliationInfo", ())]
    return found + ([(person["Affiliation"], ())] if person.get("Affiliation") else [])


def _compare_data(c: Comparison, a: Article, data: Any, own_ids: Iterable[Any], cited_in: Sequence[Any]) -> None:
    """Compare PubmedData; a book's own ids stand in BookDocument as well."""
    data = data or {}
    # Until 2010 there could be several Histories.
    history = [h for found in _lists(data, "History") for h in found]
    c.rows(
        "history",
        ((h.status, h.verbatim, h.on, h.hour, h.minute, h.second) for h in a.history),
        (
            (
                _attribute(h, "PubStatus"),
                _dashed(h),
                _day(h),
                *(_number(_leaf(h, part)) for part in ("Hour", "Minute", "Second")),
            )
            for h in history
        ),
    )
    for name, status in (("created_date", "entrez"), ("entry_date", "pubmed"), ("mesh_date", "medline")):
        days = [day for h in history if _attribute(h, "PubStatus") == status and (day := _day(h))]
        c.value(name, getattr(a, name), days[0] if days else None)
    c.value("publication_status", a.publication_status, _leaf(data, "PublicationStatus"))
    ids = [*own_ids, *data.get("ArticleIdList", ())]
    c.rows(
        "article_ids", ((i.value, i.id_type) for i in a.article_ids), ((plain(i), _attribute(i, "IdType")) for i in ids)
    )
    dois = [plain(i) for i in ids if _attribute(i, "IdType") == "doi" and plain(i)]
    places = [e.value for e in a.elocations if e.id_type == "doi" and e.is_valid]
    c.value("doi", a.doi, next(iter(dois + places), None), _LOWER, _NO_DOI)
    pmcs = [plain(i) for i in ids if _attribute(i, "IdType") == "pmc"]
    c.value("pmcid", a.pmcid, pmcs[0] if pmcs else None, _VERSIONED_PMC)
    c.rows(
        "objects",
        (("object", o.type, tuple(n for n, _ in o.params), tuple(v for _, v in o.params)) for o in a.objects),
        (
            (
                "object",
                _attribute(o, "Type"),
                tuple(_attribute(p, "Name") for p in _all(o, "Param")),
                tuple(plain(p) for p in _all(o, "Param")),
            )
            for o in data.get("ObjectList", ())
        ),
    )
    cited = [row for element in cited_in for found in _lists_of_references(element) for row in _cited(found)]
    c.value("references", len(a.references), len(cited))
    for mine, (citation, title, _) in zip(a.references, cited, strict=False):
        c.text("references", mine.citation, mine.markup, citation)
        c.value("references: list", mine.list_title, title)
    c.rows(
        "references: ids",
        ((i.value, i.id_type, number) for number, r in enumerate(a.references) for i in r.ids),
        ((plain(i), _attribute(i, "IdType"), number) for number, (_, _, ids_) in enumerate(cited) for i in ids_),
    )


_NO_DOI = Rule(
    "what is no DOI (no 10.…) is none",
    "ours, on purpose",
    lambda ours, theirs: ours is None and isinstance(theirs, str) and not re.search(r"10\.\d{4,9}/\S", theirs),
)
_VERSIONED_PMC = Rule(
    "a PMC id without its version",
    "ours, on purpose",
    lambda ours, theirs: isinstance(theirs, str) and isinstance(ours, str) and theirs.startswith(ours + "."),
)


def _lists_of_references(element: Any) -> list[Any]:
    return _all(element, "ReferenceList") if element.get("ReferenceList") is not None else []


def _cited(found: Any, outer_title: str | None = None) -> Iterator[tuple[Any, str | None, Sequence[Any]]]:
    title = _leaf(found, "Title") or outer_title
    for reference in _all(found, "Reference"):
        ids = [i for ids in _lists(reference, "ArticleIdList") for i in ids]
        yield reference.get("Citation"), title, ids
    for inner in found.get("ReferenceList", ()):
        yield from _cited(inner, title)


# ---------------------------------------------------------------------------------------------
# Books
# ---------------------------------------------------------------------------------------------


def _compare_book(c: Comparison, a: Article, document: Any) -> None:
    b, book = a.book or Book(), document["Book"]
    c.value("date_revised", a.date_revised, _day(document.get("DateRevised")))
    c.text("book.title", b.title, b.title_markup, book.get("BookTitle"))
    c.value("book.title_link", b.title_link, _link(book.get("BookTitle")))
    c.value("book.chapter_link", b.chapter_link, _link(document.get("ArticleTitle")))
    c.text("book.publisher", b.publisher, b.publisher_markup, (book.get("Publisher") or {}).get("PublisherName"))
    c.text("book.volume_title", b.volume_title, b.volume_title_markup, book.get("VolumeTitle"))
    c.text("book.collection_title", b.collection_title, b.collection_title_markup, book.get("CollectionTitle"))
    c.value("book.publisher_location", b.publisher_location, _leaf(book.get("Publisher"), "PublisherLocation"))
    for name, element in (("pub_date", "PubDate"), ("beginning_date", "BeginningDate"), ("ending_date", "EndingDate")):
        c.value(f"book.{name}", _printed(getattr(b, name)), _verbatim_date(book.get(element)))
    c.value("book.contribution_date", _printed(b.contribution_date), _verbatim_date(document.get("ContributionDate")))
    for name, element in (
        ("edition", "Edition"), ("volume", "Volume"), ("medium", "Medium"),
        ("report_number", "ReportNumber"),
    ):  # fmt: skip
        c.value(f"book.{name}", getattr(b, name), _leaf(book, element))
    c.value("book.collection_title_link", b.collection_title_link, _link(book.get("CollectionTitle")))
    c.rows("book.isbns", ((s,) for s in b.isbns), ((plain(s),) for s in _all(book, "Isbn")))
    _compare_elocations(c, "book.elocations", b.elocations, book)
    lists = _author_lists(book)
    editors = [p for found in lists if _attribute(found, "Type") == "editors" for p in found]
    authors = [p for found in lists if _attribute(found, "Type") != "editors" for p in found]
    _compare_people(c, "book.editors", b.editors, editors)
    _compare_people(c, "book.authors", b.authors, authors)
    c.rows(
        "publication_types",
        ((p.name, p.ui) for p in a.publication_types),
        ((plain(p), _attribute(p, "UI")) for p in _all(document, "PublicationType")),
    )
    c.rows(
        "book.location_labels",
        ((True, *label) for label in b.location_labels),
        ((True, _attribute(label, "Type"), plain(label)) for label in _all(document, "LocationLabel")),
    )
    c.rows(
        "book.sections",
        ((s.title, shape(s.title_markup), s.depth, s.label, s.label_type, s.link) for s in b.sections),
        _sections(document.get("Sections") or (), 0),
    )
    c.rows(
        "book.item_lists",
        ((i.type, i.items) for i in b.item_lists),
        ((_attribute(i, "ListType"), tuple(plain(item) for item in i)) for i in _lists(document, "ItemList")),
    )


def _link(element: Any) -> BookLink | None:
    found = BookLink(**{name: _attribute(element, name) for name in ("book", "part", "sec")})
    return None if found == BookLink() else found


def _sections(found: Iterable[Any], depth: int) -> Iterator[tuple[Any, ...]]:
    for section in found:
        title, label = section.get("SectionTitle"), section.get("LocationLabel")
        yield plain(title), shape(title), depth, plain(label), _attribute(label, "Type"), _link(title)
        yield from _sections(section.get("Section", ()), depth + 1)
