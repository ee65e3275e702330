"""MEDLINE text (.nbib, PubMed's "PubMed" format) into the same ``Article`` records as XML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from Bio import Medline

from her2lit.errors import ParseError
from her2lit.pubmed.dates import read_article_date, read_day, read_history_date, read_pub_date
from her2lit.pubmed.identifiers import normalise_doi, normalise_pmcid, read_pmid
from her2lit.pubmed.medline_parts import (
    KNOWN_TAGS,
    read_grant,
    read_keywords,
    read_links,
    read_mesh_heading,
    read_other_abstracts,
    read_people,
    read_substance,
)
from her2lit.records import (
    AbstractSection,
    Article,
    ArticleId,
    Book,
    DatabankAccession,
    ELocation,
    HistoryDate,
    Journal,
    OwnedText,
    PublicationType,
    Reject,
    SupplementaryMesh,
)

_ID = re.compile(r"(\S+(?: \S+)*?) \[(\w+)\]")
_ISSN = re.compile(r"(\d{4}-\d{3}[\dXx]) \((\w+)\)")
_STAMP = re.compile(r"(\d{4})/(\d\d?)/(\d\d?)(?: (\d\d?):(\d\d?))?(?: \[([\w-]+)\])?")
#: PubMed calls [edat] EDAT, [crdt] CRDT and [mhda] MHDA here; older exports have no PHST beside them.
_STAMPS_ALONE = {"CRDT": "entrez", "EDAT": "pubmed", "MHDA": "medline"}


def iter_medline(source: Path | Iterable[bytes], *, unknown: Counter[str] | None = None) -> Iterator[Article | Reject]:
    """
    Yield the records of MEDLINE text, UTF-8, one by one: a file, or its lines with their line breaks.

    The format carries less than XML: no MeSH or publication-type UIs, no abstract sections (one
    unlabelled section), no markup, no references.

    Args:
        unknown: Filled with the field tags nobody knows, as "medline/TAG", and their counts.

    Raises:
        ParseError: The text holds no record at all.
        OSError: The file cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from iter_medline(file, unknown=unknown)
        return
    is_empty = True
    for offset, lines in _split_records(source):
        is_empty = False
        yield _read_block(offset, lines, Counter() if unknown is None else unknown)
    if is_empty:
        raise ParseError('not MEDLINE text: no line begins with "PMID- "')


def _split_records(lines: Iterable[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """
    Yield (byte offset, lines) of each record; a record runs to the next "PMID- ".

    A blank line is no border: some exports put a last field after it.
    """
    offset, begin = 0, 0
    record: list[bytes] = []
    for line in lines:
        if line.startswith((b"PMID-", b"\xef\xbb\xbfPMID-")):
            if record:
                yield begin, record
            begin, record = offset, []
        if record or b"PMID-" in line[:8]:
            record.append(line.removeprefix(b"\xef\xbb\xbf"))
        offset += len(line)
    if record:
        yield begin, record


def _read_block(offset: int, lines: list[bytes], unknown: Counter[str]) -> Article | Reject:
    pmid = read_pmid(lines[0][6:].decode("ascii", "replace"))
    try:
        text = unfold([line.decode() for line in lines])
    except UnicodeDecodeError as error:
        return Reject(pmid=pmid, offset=offset, reason=f"not UTF-8: {error.reason}")
    if pmid is None:
        return Reject(pmid=None, offset=offset, reason="no PMID that is a number")
    record = Medline.read(text)  # type: ignore[no-untyped-call]
    unknown.update(f"medline/{tag}" for tag in record if tag not in KNOWN_TAGS)
    return _read_record(pmid, record, text)


def unfold(lines: Iterable[str]) -> list[str]:
    """
    Return one line per field: continuation lines joined by a blank, blank lines gone.

    Bio.Medline takes a wrapped line for a second value in most repeated fields (ROF, CIN, GR).
    """
    unfolded: list[str] = []
    for line in lines:
        if line.startswith("      ") and unfolded:
            unfolded[-1] = f"{unfolded[-1].rstrip()} {line.strip()}".rstrip() + "\n"
        elif line.strip():
            unfolded.append(line.rstrip() + "\n")
    return unfolded


def _read_record(pmid: int, record: dict[str, Any], lines: list[str]) -> Article:
    """Turn what Bio.Medline read into an article; *lines* say which affiliation is whose."""
    history = _read_history(record)
    title_of_book = _joined(record, "BTI")
    article_ids = _read_article_ids(pmid, record)
    elocations = tuple(
        ELocation(id_type=kind, value=value) for value, kind in _ID.findall(_joined(record, "LID") or "")
    )
    authors = read_people(lines, "FAU", "AU")
    return Article(
        kind="book" if title_of_book else "article",
        pmid=pmid,
        pmid_version=1,
        title=_joined(record, "TI"),
        vernacular_title=_joined(record, "TT"),
        abstract=_one_section(_joined(record, "AB")),
        abstract_copyright=_joined(record, "CI"),
        other_abstracts=read_other_abstracts(record.get("OAB", ()), record.get("OABL", ())),
        journal=_read_journal(record),
        book=Book(title=title_of_book, publisher=_joined(record, "PB")) if title_of_book else None,
        pub_date=read_pub_date(None, None, None, None, _joined(record, "DP")) if record.get("DP") else None,
        article_dates=tuple(
            read_article_date("Electronic", *_eight(_joined(record, "DEP"))) for _ in record.get("DEP", ())[:1]
        ),
        history=history,
        created_date=_first(history, "entrez"),
        entry_date=_first(history, "pubmed"),
        mesh_date=_first(history, "medline"),
        date_revised=_compact_day(record, "LR"),
        date_completed=_compact_day(record, "DCOM"),
        medline_created=_compact_day(record, "DA"),
        status=_joined(record, "STAT"),
        owner=_joined(record, "OWN"),
        pub_model=_joined(record, "PUBM"),
        publication_status=_joined(record, "PST"),
        medline_pgn=_joined(record, "PG"),
        elocations=elocations,
        article_ids=article_ids,
        doi=_own_doi(article_ids, elocations),
        pmcid=next((normalise_pmcid(found.value) for found in article_ids if found.id_type == "pmc"), None),
        languages=tuple(record.get("LA", ())),
        authors=authors,
        investigators=read_people(lines, "FIR", "IR"),
        publication_types=tuple(PublicationType(name=name, ui=None) for name in record.get("PT", ())),
        mesh_headings=tuple(read_mesh_heading(text) for text in record.get("MH", ())),
        supplementary_mesh=tuple(SupplementaryMesh(name=name, ui=None, type=None) for name in record.get("NM", ())),
        substances=tuple(found for text in record.get("RN", ()) if (found := read_substance(text)) is not None),
        keywords=read_keywords(record.get("OT", ()), record.get("OTO", ())),
        grants=tuple(read_grant(text) for text in record.get("GR", ()) if text),
        databank_accessions=tuple(_read_accession(text) for text in record.get("SI", ())),
        comments_corrections=read_links(record),
        citation_subsets=tuple((_joined(record, "SB") or "").split()),
        gene_symbols=tuple(record.get("GS", ())),
        other_ids=tuple(_read_owned(text) for text in record.get("OID", ())),
        general_notes=tuple(_read_owned(text) for text in record.get("GN", ())),
        space_flight_missions=tuple(record.get("SFM", ())),
        number_of_references=_joined(record, "RF"),
        coi_statement=_joined(record, "COIS"),
    )


def _joined(record: dict[str, Any], tag: str) -> str | None:
    """Return a field that occurs once, None when absent or empty."""
    value = record.get(tag)
    text = " ".join(value) if isinstance(value, list) else value
    return " ".join(text.split()) or None if text else None


def _one_section(text: str | None) -> tuple[AbstractSection, ...]:
    return () if text is None else (AbstractSection(label=None, nlm_category=None, text=text),)


def _eight(text: str | None) -> tuple[str, str, str]:
    """Return the year, month and day of "20150529"."""
    digits = text or ""
    return digits[:4], digits[4:6], digits[6:8]


def _compact_day(record: dict[str, Any], tag: str) -> date | None:
    return read_day(*_eight(_joined(record, tag)))


def _read_journal(record: dict[str, Any]) -> Journal | None:
    """Read TA, JT, JID, IS, PL, VI, IP; the linking ISSN is marked as such, the other one names its medium."""
    issns = _ISSN.findall(_joined(record, "IS") or "")
    own = next(((number, medium) for number, medium in issns if medium != "Linking"), (None, None))
    values = {
        "title": _joined(record, "JT"),
        "medline_ta": _joined(record, "TA"),
        "nlm_unique_id": _joined(record, "JID"),
        "issn": own[0],
        "issn_type": own[1],
        "issn_linking": next((number for number, medium in issns if medium == "Linking"), None),
        "country": _joined(record, "PL"),
        "volume": _joined(record, "VI"),
        "issue": _joined(record, "IP"),
    }
    return Journal(**values) if any(values.values()) else None


def _read_history(record: dict[str, Any]) -> tuple[HistoryDate, ...]:
    stamps = list(record.get("PHST", ()))
    told = {found.group(6) for stamp in stamps if (found := _STAMP.search(stamp))}
    for tag, status in _STAMPS_ALONE.items():
        if status not in told and (text := _joined(record, tag)):
            stamps.append(f"{text} [{status}]")
    dates = []
    for stamp in stamps:
        found = _STAMP.search(stamp)
        if found is not None and found.group(6):
            year, month, day, hour, minute, status = found.groups()
            printed = (year, month.lstrip("0"), day.lstrip("0"))
            dates.append(read_history_date(status, *printed, hour, minute, None))
    return tuple(dates)


def _first(history: tuple[HistoryDate, ...], status: str) -> date | None:
    return next((day.on for day in history if day.status == status and day.on is not None), None)


def _read_article_ids(pmid: int, record: dict[str, Any]) -> tuple[ArticleId, ...]:
    """Return the ids as ArticleIdList has them: the PMID, then MID, PMC and AID."""
    ids = [ArticleId(id_type="pubmed", value=str(pmid))]
    for tag, kind in (("MID", "mid"), ("PMC", "pmc")):
        ids.extend(ArticleId(id_type=kind, value=value) for value in _texts(record, tag))
    found = (_ID.fullmatch(text.strip()) for text in record.get("AID", ()))
    ids.extend(ArticleId(id_type=match.group(2), value=match.group(1)) for match in found if match)
    return tuple(ids)


def _texts(record: dict[str, Any], tag: str) -> list[str]:
    value = record.get(tag, [])
    return value.split() if isinstance(value, str) else list(value)


def _own_doi(article_ids: tuple[ArticleId, ...], elocations: tuple[ELocation, ...]) -> str | None:
    places: list[ArticleId | ELocation] = [*article_ids, *elocations]
    return next((doi for place in places if place.id_type == "doi" and (doi := normalise_doi(place.value))), None)


def _read_accession(text: str) -> DatabankAccession:
    bank, _, accession = text.partition("/")
    return DatabankAccession(databank=bank.strip(), accession=accession.strip() or None)


def _read_owned(text: str) -> OwnedText:
    source, _, rest = text.partition(": ")
    return OwnedText(source=source, text=rest) if rest else OwnedText(source=None, text=text)
