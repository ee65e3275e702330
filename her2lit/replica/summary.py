"""ESummary: the short form of a record, as the XML of version 1.0 and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from her2lit.records import Article, Author, HistoryDate

#: MedlineCitation/@Status -> RecordStatus
_RECORD_STATUS = {
    "MEDLINE": "PubMed - indexed for MEDLINE",
    "OLDMEDLINE": "PubMed - OLDMEDLINE",
    "In-Process": "PubMed - in process",
    "In-Data-Review": "PubMed - in process",
    "Publisher": "PubMed - as supplied by publisher",
    "PubMed-not-MEDLINE": "PubMed",
}
#: ISO 639-2/B -> name, for the languages met most often; others keep their code
_LANGUAGES = {
    "chi": "Chinese",
    "dut": "Dutch",
    "eng": "English",
    "fre": "French",
    "ger": "German",
    "ita": "Italian",
    "jpn": "Japanese",
    "kor": "Korean",
    "pol": "Polish",
    "por": "Portuguese",
    "rus": "Russian",
    "spa": "Spanish",
    "tur": "Turkish",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One Item of a DocSum: a value, or a list of items."""

    name: str
    type: str = "String"
    value: str = ""
    items: tuple[Item, ...] | None = None


def summary_items(article: Article) -> tuple[Item, ...]:
    """Return the items of a DocSum in the order of recorded replies."""
    journal = article.journal
    authors = tuple(author_name(author) for author in article.authors)
    is_print = journal is not None and journal.issn_type == "Print"
    issn = (journal.issn or "") if journal else ""
    doi = article.doi or ""
    return (
        Item(name="PubDate", type="Date", value=publication_date(article)),
        Item(name="EPubDate", type="Date", value=electronic_date(article)),
        Item(name="Source", value=(journal.medline_ta or "") if journal else ""),
        _list("AuthorList", "Author", authors),
        Item(name="LastAuthor", value=authors[-1] if authors else ""),
        Item(name="Title", value=article.title or ""),
        Item(name="Volume", value=(journal.volume or "") if journal else ""),
        Item(name="Issue", value=(journal.issue or "") if journal else ""),
        Item(name="Pages", value=article.medline_pgn or ""),
        _list("LangList", "Lang", tuple(_LANGUAGES.get(code, code) for code in article.languages)),
        Item(name="NlmUniqueID", value=(journal.nlm_unique_id or "") if journal else ""),
        Item(name="ISSN", value=issn if is_print else ""),
        Item(name="ESSN", value="" if is_print else issn),
        _list("PubTypeList", "PubType", tuple(each.name for each in article.publication_types)),
        Item(name="RecordStatus", value=record_status(article)),
        Item(name="PubStatus", value=article.publication_status or ""),
        Item(
            name="ArticleIds",
            type="List",
            items=tuple(Item(name=each.id_type, value=each.value) for each in article.article_ids),
        ),
        *((Item(name="DOI", value=doi),) if doi else ()),
        Item(
            name="History",
            type="List",
            items=tuple(Item(name=e.status, type="Date", value=_moment(e)) for e in article.history if e.on),
        ),
        Item(name="References", type="List", items=()),
        Item(name="HasAbstract", type="Integer", value=str(int(bool(article.abstract)))),
        Item(name="PmcRefCount", type="Integer", value="0"),
        Item(name="FullJournalName", value=(journal.title or "") if journal else ""),
        Item(name="ELocationID", value=_elocation(article)),
        Item(name="SO", value=source(article)),
    )


def summary_json(article: Article) -> dict[str, Any]:
    """Return the JSON object of one record; keys follow the service's, in lower case."""
    journal = article.journal
    authors = [
        {"name": author_name(a), "authtype": "CollectiveName" if a.collective_name else "Author", "clusterid": ""}
        for a in article.authors
    ]
    is_print = journal is not None and journal.issn_type == "Print"
    issn = (journal.issn or "") if journal else ""
    return {
        "uid": str(article.pmid),
        "pubdate": publication_date(article),
        "epubdate": electronic_date(article),
        "source": (journal.medline_ta or "") if journal else "",
        "authors": authors,
        "lastauthor": authors[-1]["name"] if authors else "",
        "title": article.title or "",
        "sorttitle": (article.title or "").lower().rstrip("."),
        "volume": (journal.volume or "") if journal else "",
        "issue": (journal.issue or "") if journal else "",
        "pages": article.medline_pgn or "",
        "lang": list(article.languages),
        "nlmuniqueid": (journal.nlm_unique_id or "") if journal else "",
        "issn": issn if is_print else "",
        "essn": "" if is_print else issn,
        "pubtype": [each.name for each in article.publication_types],
        "recordstatus": record_status(article),
        "pubstatus": article.publication_status or "",
        "articleids": [{"idtype": each.id_type, "idtypen": 0, "value": each.value} for each in article.article_ids],
        "history": [{"pubstatus": each.status, "date": _moment(each)} for each in article.history if each.on],
        "references": [],
        "attributes": ["Has Abstract"] if article.abstract else [],
        "pmcrefcount": "",
        "fulljournalname": (journal.title or "") if journal else "",
        "elocationid": _elocation(article),
        "doctype": "book" if article.kind == "book" else "citation",
        "sortfirstauthor": authors[0]["name"] if authors else "",
        "vernaculartitle": article.vernacular_title or "",
    }


def author_name(author: Author) -> str:
    """Return an author as citations print it: "Hambrick GW Jr", or the collective's name."""
    if author.collective_name:
        return author.collective_name
    return " ".join(part for part in (author.last_name, author.initials, author.suffix) if part)


def publication_date(article: Article) -> str:
    """Return the printed publication date."""
    printed = article.pub_date or (article.book.pub_date if article.book else None)
    return printed.verbatim if printed else ""


def electronic_date(article: Article) -> str:
    """Return the electronic publication date as "2015 Jul 9"."""
    days = [each.on for each in article.article_dates if each.on]
    return f"{days[0]:%Y %b} {days[0].day}" if days else ""


def record_status(article: Article) -> str:
    """Return the record's status in ESummary's words."""
    return _RECORD_STATUS.get(article.status or "", "PubMed")


def source(article: Article) -> str:
    """Return the bibliographic source: "2016 Apr;9(2):179-84"."""
    journal = article.journal
    volume = (journal.volume or "") if journal else ""
    issue = f"({journal.issue})" if journal and journal.issue else ""
    pages = f":{article.medline_pgn}" if article.medline_pgn else ""
    place = f"{volume}{issue}{pages}"
    return f"{publication_date(article)};{place}" if place else publication_date(article)


def _elocation(article: Article) -> str:
    return " ".join(f"{each.id_type}: {each.value}" for each in article.elocations if each.is_valid)


def _moment(event: HistoryDate) -> str:
    return f"{event.on:%Y/%m/%d} {event.hour or 0:02d}:{event.minute or 0:02d}" if event.on else ""


def _list(name: str, each: str, values: tuple[str, ...]) -> Item:
    return Item(name=name, type="List", items=tuple(Item(name=each, value=value) for value in values))
