"""EFetch's text forms: MEDLINE display, abstract, list of PMIDs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

from her2lit.records import Article, HistoryDate
from her2lit.replica.summary import author_name, publication_date, record_status, source

#: Columns of a line, and of the tag with its dash
_WIDTH = 88
_INDENT = 6


def medline_text(article: Article) -> str:
    """Return one record in MEDLINE display format: a tag of four columns, "- ", the value, wrapped at 88."""
    return "\n" + "".join(_line(tag, value) for tag, value in _tags(article) if value)


def abstract_text(number: int, article: Article) -> str:
    """Return one record in abstract format, numbered as in a list."""
    journal = (article.journal.medline_ta or "") if article.journal else ""
    doi = f" doi: {article.doi}." if article.doi else ""
    blocks = [
        f"{number}. {journal}. {source(article)}.{doi}",
        article.title or "",
        ", ".join(author_name(author) for author in article.authors) + ("." if article.authors else ""),
        article.abstract_text,
        "\n".join(
            line
            for line in (
                f"DOI: {article.doi}" if article.doi else "",
                f"PMID: {article.pmid} [{record_status(article).removeprefix('PubMed - ')}]",
            )
            if line
        ),
    ]
    filled = ("\n".join(textwrap.fill(line, _WIDTH) for line in block.split("\n")) if block else "" for block in blocks)
    return "\n\n".join(block for block in filled if block) + "\n\n"


def missing_text(pmid: int) -> str:
    """Return the line that stands for a PMID the service does not have."""
    return f"id: {pmid} Error occurred: The following PMID is not available: {pmid}\n"


def uid_list(pmids: Iterable[int]) -> str:
    """Return PMIDs, one a line."""
    return "".join(f"{pmid}\n" for pmid in pmids)


def _line(tag: str, value: str) -> str:
    return (
        textwrap.fill(
            " ".join(value.split()),
            _WIDTH,
            initial_indent=f"{tag:<4}- ",
            subsequent_indent=" " * _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )


def _tags(article: Article) -> Iterator[tuple[str, str]]:
    """Yield (tag, value) in display order."""
    journal = article.journal
    yield "PMID", str(article.pmid)
    yield "OWN", article.owner or ""
    yield "STAT", article.status or ""
    yield "DCOM", _day(article.date_completed)
    yield "LR", _day(article.date_revised)
    if journal:
        yield "IS", f"{journal.issn} ({journal.issn_type})" if journal.issn else ""
        yield "VI", journal.volume or ""
        yield "IP", journal.issue or ""
    yield "DP", publication_date(article)
    yield "TI", article.title or ""
    yield "PG", article.medline_pgn or ""
    yield from (("LID", f"{each.value} [{each.id_type}]") for each in article.elocations if each.is_valid)
    yield "AB", article.abstract_text.replace("\n", " ")
    yield "CI", article.abstract_copyright or ""
    yield from _people(article)
    yield from (("LA", language) for language in article.languages)
    yield from (("SI", "/".join(p for p in (b.databank, b.accession) if p)) for b in article.databank_accessions)
    yield from (("GR", "/".join(p for p in (g.grant_id, g.acronym, g.agency) if p)) for g in article.grants)
    yield from (("PT", each.name) for each in article.publication_types)
    yield "DEP", _day(next((each.on for each in article.article_dates if each.on), None))
    yield "TT", article.vernacular_title or ""
    if journal:
        yield "PL", journal.country or ""
        yield "TA", journal.medline_ta or ""
        yield "JT", journal.title or ""
        yield "JID", journal.nlm_unique_id or ""
    yield from _subjects(article)
    yield from _ends(article)


def _people(article: Article) -> Iterator[tuple[str, str]]:
    for author in article.authors:
        if author.collective_name:
            yield "CN", author.collective_name
            continue
        yield "FAU", ", ".join(part for part in (author.last_name, author.fore_name) if part)
        yield "AU", author_name(author)
        yield "AUID", f"ORCID: {author.orcid}" if author.orcid else ""
        yield from (("AD", affiliation.text) for affiliation in author.affiliations)


def _subjects(article: Article) -> Iterator[tuple[str, str]]:
    for substance in article.substances:
        yield "RN", f"{substance.registry_number or 0} ({substance.name})"
    yield from (("SB", subset) for subset in article.citation_subsets)
    for link in article.comments_corrections:
        tag = _LINK_TAGS.get(link.ref_type)
        if tag:
            yield tag, f"{link.ref_source or ''}{f' PMID: {link.pmid}' if link.pmid else ''}".strip()
    for heading in article.mesh_headings:
        descriptor = f"{'*' if heading.major_topic else ''}{heading.descriptor}"
        if not heading.qualifiers:
            yield "MH", descriptor
        for qualifier in heading.qualifiers:
            yield "MH", f"{descriptor}/{'*' if qualifier.major_topic else ''}{qualifier.name}"
    owners = dict.fromkeys(keyword.owner for keyword in article.keywords if keyword.owner)
    yield from (("OTO", owner) for owner in owners)
    yield from (("OT", f"{'*' if each.major_topic else ''}{each.term}") for each in article.keywords)
    yield "COIS", article.coi_statement or ""


#: RefType -> tag of the MEDLINE display
_LINK_TAGS = {
    "CommentIn": "CIN",
    "CommentOn": "CON",
    "CorrectedandRepublishedFrom": "CRF",
    "CorrectedandRepublishedIn": "CRI",
    "ErratumFor": "EFR",
    "ErratumIn": "EIN",
    "ExpressionOfConcernFor": "ECF",
    "ExpressionOfConcernIn": "ECI",
    "RepublishedFrom": "RPF",
    "RepublishedIn": "RPI",
    "RetractedandRepublishedFrom": "RRF",
    "RetractedandRepublishedIn": "RRI",
    "RetractionIn": "RIN",
    "RetractionOf": "ROF",
    "UpdateIn": "UIN",
    "UpdateOf": "UOF",
}


def _ends(article: Article) -> Iterator[tuple[str, str]]:
    """Yield dates and ids. EDAT is "pubmed" and CRDT is "entrez": the names are crossed."""
    by_status = {event.status: event for event in article.history if event.on}
    for tag, status in (("EDAT", "pubmed"), ("MHDA", "medline"), ("CRDT", "entrez")):
        if status in by_status:
            yield tag, _moment(by_status[status])
    for event in article.history:
        if event.on and event.status not in ("pubmed", "medline", "entrez"):
            yield "PHST", f"{_moment(event)} [{event.status}]"
    yield from (("AID", f"{each.value} [{each.id_type}]") for each in article.article_ids if each.id_type != "pubmed")
    yield "PST", article.publication_status or ""
    yield "SO", f"{(article.journal.medline_ta or '') if article.journal else ''}. {source(article)}."


def _moment(event: HistoryDate) -> str:
    return f"{event.on:%Y/%m/%d} {event.hour or 0:02d}:{event.minute or 0:02d}" if event.on else ""


def _day(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""
