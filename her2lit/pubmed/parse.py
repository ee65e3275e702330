"""PubMed XML (EFetch replies, NLM baseline and update files) into complete ``Article`` records."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from her2lit.errors import ParseError
from her2lit.pubmed.identifiers import read_pmid
from her2lit.pubmed.xml_book import read_book_article, read_book_document
from her2lit.pubmed.xml_cut import Head, Piece, RecordCutter, read_blocks, without_references
from her2lit.pubmed.xml_parts import read_pmid_element
from her2lit.pubmed.xml_record import UnreadableRecord, read_medline_citation, read_pubmed_article
from her2lit.pubmed.xml_schema import find_unknown, melt_unknown_markup
from her2lit.pubmed.xml_text import Element, Notes
from her2lit.records import Article, Deletion, ParseResult, Reject

Record = Article | Reject | Deletion
_READERS = {
    "PubmedArticle": read_pubmed_article,
    "MedlineCitation": read_medline_citation,
    "PubmedBookArticle": read_book_article,
    "BookDocument": read_book_document,
}
_DELETIONS = frozenset({"DeleteCitation", "DeleteDocument"})
#: An attribute's value apart from its "="; in text it does no harm.
_VALUE_APART = re.compile(rb"=[ \t\r\n]+[\"']")
_PMID = re.compile(rb"<PMID\b[^<>]*>\s*(\d+)\s*</PMID>")


def parse_articles(data: bytes, *, require_closed_root: bool = False) -> ParseResult:
    """
    Parse one EFetch reply, or a whole file's bytes (.gz by content).

    A record that cannot be read is a ``Reject``; the others are kept. All versions of a PMID are
    returned, in document order: see ``newest_versions``.

    Args:
        require_closed_root: Refuse input whose root element is never closed. EFetch sends no
            Content-Length, so the closing tag is the only sign that a reply is whole.

    Raises:
        ParseError: The input is not PubMed XML, defines entities, is damaged gzip, or its root
            is open although it must not be.
    """
    reader = RecordReader(read_blocks(io.BytesIO(data)), require_closed_root=require_closed_root)
    records = tuple(reader)
    return ParseResult(
        articles=tuple(record for record in records if isinstance(record, Article)),
        rejects=tuple(record for record in records if isinstance(record, Reject)),
        deletions=tuple(record for record in records if isinstance(record, Deletion)),
        unknown=tuple(sorted(reader.unknown.items())),
    )


def iter_records(source: Path | BinaryIO, *, unknown: Counter[str] | None = None) -> Iterator[Record]:
    """
    Yield the records of a file one by one, in flat memory however large it is; .gz by content.

    Args:
        unknown: Filled with the paths of elements and attributes nobody knows, and their counts.

    Raises:
        ParseError: As ``parse_articles``; a file that was cut off, or damaged gzip, raises after
            the records before it.
        OSError: The file cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from iter_records(file, unknown=unknown)
        return
    yield from RecordReader(read_blocks(source), unknown=unknown, require_closed_root=True)


def newest_versions(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Return one article per PMID, its highest version, the later one of equals; in order of first sight."""
    newest: dict[int, Article] = {}
    for article in articles:
        known = newest.get(article.pmid)
        if known is None or article.pmid_version >= known.pmid_version:
            newest[article.pmid] = article
    return tuple(newest.values())


class RecordReader:
    """Iterates over the records in blocks of bytes; afterwards says what was unknown."""

    def __init__(
        self,
        blocks: Iterable[bytes],
        *,
        unknown: Counter[str] | None = None,
        references: bool = True,
        require_closed_root: bool = False,
    ) -> None:
        """
        Read *blocks*, with their *references* or without; count unknown elements and attributes into *unknown*.

        With *require_closed_root* an open root raises ParseError after the last record.
        """
        self._references = references
        self._require_closed_root = require_closed_root
        self.unknown: Counter[str] = Counter() if unknown is None else unknown
        self._cutter = RecordCutter(blocks)

    def __iter__(self) -> Iterator[Record]:
        """Yield articles, rejects and deletions in document order."""
        reader = None
        for piece in self._cutter.pieces():
            if reader is None:
                reader = PieceReader(self._cutter.head, self.unknown, references=self._references)
            yield from reader.read(piece)
        if self._require_closed_root:
            self._cutter.require_closed_root()


class PieceReader:
    """Reads the pieces of one input, each alone."""

    def __init__(self, head: Head, unknown: Counter[str], *, references: bool = True) -> None:
        """
        Read pieces that stand under *head*, with their *references* or without; count strangers into *unknown*.

        Raises:
            ParseError: The head declares an encoding nobody knows.
        """
        self._head = head
        self._unknown = unknown
        self._references = references
        self._parser = _make_parser(head.encoding)

    def read(self, piece: Piece) -> Iterator[Record]:
        """Yield what *piece* holds: a record, a list of deletions, or what is no record at all."""
        if piece.tag is None:
            yield _reject(piece.data, piece.offset, f"unreadable between records: {piece.data[:40]!r}")
            return
        try:
            yield from self._read_whole(piece)
        except (etree.XMLSyntaxError, UnreadableRecord) as error:
            yield from self._read_parts(piece, error)

    def _read_parts(self, piece: Piece, error: Exception) -> Iterator[Record]:
        """Read a piece that is no record one by one: where an end tag was missing it swallowed others."""
        parts = list(_split_at_starts(piece))
        if len(parts) == 1:
            reason = str(error) if piece.is_whole else f"the record is cut off: {error}"
            yield _reject(piece.data, piece.offset, reason)
            return
        for part in parts:
            try:
                yield from self._read_whole(part)
            except (etree.XMLSyntaxError, UnreadableRecord) as inner_error:
                yield _reject(part.data, part.offset, str(inner_error))

    def _read_whole(self, piece: Piece) -> tuple[Record, ...]:
        """Read one record, or one list of deletions; raise where that is not possible."""
        # Only here is a piece surely one record: cut before it is split, a list could take a record with it.
        piece = piece if self._references else without_references(piece)
        element = self._parse(piece.data)
        if element.tag != piece.tag:
            raise UnreadableRecord(f"the element is {element.tag}, not {piece.tag}")
        if piece.tag in _DELETIONS:
            return tuple(self._read_deletions(element, piece))
        return (self._read_record(element, piece),)

    def _parse(self, data: bytes) -> Element:
        """Return the record's element, parsed inside its root's tags where the root declares namespaces."""
        if b"xmlns" in self._head.start_tag and not self._head.is_record:
            wrapped = self._head.start_tag + data + b"</" + self._head.root.encode() + b">"
            elements: list[Element] = list(etree.fromstring(wrapped, self._parser))
            if len(elements) != 1:
                raise UnreadableRecord(f"{len(elements)} elements where one record should be")
            return elements[0]
        return etree.fromstring(data, self._parser)

    def _read_record(self, element: Element, piece: Piece) -> Article:
        read = _READERS[element.tag]
        notes = Notes()
        article = read(element, notes)
        if not _is_all_understood(notes, piece.data):
            unknown = list(find_unknown(element))
            if unknown:
                self._unknown.update(unknown)
                melt_unknown_markup(element)
                article = read(element, Notes())
        return article

    def _read_deletions(self, element: Element, piece: Piece) -> Iterator[Deletion | Reject]:
        notes = Notes()
        for child in element:
            pmid, version = read_pmid_element(child, notes) if child.tag == "PMID" else (None, None)
            if pmid is None:
                yield Reject(pmid=None, offset=piece.offset, reason=f"{element.tag} holds something that is no PMID")
            else:
                yield Deletion(pmid=pmid, pmid_version=version or 1)


def _is_all_understood(notes: Notes, data: bytes) -> bool:
    """
    Return whether *data* holds just the elements and attributes that were understood.

    Text holds no raw "<", so tags can be counted without parsing: two for an element, one for an
    empty one, one for a processing instruction. Whatever else adds to one side of a sum (unknown
    elements, comments, CDATA) takes nothing from the other, so no two of them can cancel out.
    """
    if notes.n_attributes != data.count(b'="') or b"='" in data or _VALUE_APART.search(data):
        return False
    return 2 * notes.n_elements - data.count(b"<") == data.count(b"/>") - data.count(b"<?")


def _split_at_starts(piece: Piece) -> Iterator[Piece]:
    """Cut *piece* wherever its own start tag comes again."""
    start_tag = b"<" + (piece.tag or "").encode() + b">"
    begin = 0
    while begin < len(piece.data):
        end = piece.data.find(start_tag, begin + 1)
        end = len(piece.data) if end < 0 else end
        yield Piece(piece.tag, piece.data[begin:end], piece.offset + begin, is_whole=piece.is_whole)
        begin = end


def _make_parser(encoding: str) -> etree.XMLParser:
    """Return a parser that resolves nothing, fetches nothing and keeps libxml2's limits on depth and size."""
    try:
        return etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            recover=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )
    except LookupError as error:
        raise ParseError(f"the input declares the encoding {encoding!r}, which cannot be read") from error


def _reject(data: bytes, offset: int, reason: str) -> Reject:
    found = _PMID.search(data)
    return Reject(pmid=read_pmid(found.group(1).decode()) if found else None, offset=offset, reason=reason)
