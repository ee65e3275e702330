"""Cut a stream of PubMed XML at record borders, so that one broken record harms no other."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO

from her2lit.errors import ParseError

_READ_BYTES = 1 << 18
#: Most uncompressed bytes taken in at one go.
_BLOCK_BYTES = 1 << 20
#: No PubMed record comes near this (the largest known is some 3 MB); beyond it a record is given up.
MOST_RECORD_BYTES = 64 << 20
#: A prolog, or text between two records, of more than this is no PubMed XML.
_MOST_GAP_BYTES = 4 << 20
#: No start tag of a record and no end tag of a root is longer.
_LONGEST_TAG_BYTES = 64
#: Root element -> the elements under it that are records of their own.
_RECORDS_OF = {
    "PubmedArticleSet": ("PubmedArticle", "PubmedBookArticle", "DeleteCitation"),
    "PubmedBookArticleSet": ("PubmedBookArticle",),
    "BookDocumentSet": ("BookDocument", "DeleteDocument"),
    "MedlineCitationSet": ("MedlineCitation", "DeleteCitation"),
}
_RECORDS_OF |= {name: (name,) for names in tuple(_RECORDS_OF.values()) for name in names}
_ROOT = re.compile(rb"<([A-Za-z_][\w.\-]*)((?:\s[^<>]*)?)(/?)>")
_PROLOG_PART = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.\-]+)[\"']")
_END_OF_REFERENCES = b"</ReferenceList>"
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the first record."""

    #: Name of the root element
    root: str
    #: The root's start tag without a closing stroke, for records that need its namespaces
    start_tag: bytes
    #: As declared; UTF-8 when nothing is
    encoding: str
    #: Where the first record can begin
    record_start: int = 0
    #: The root is itself a record
    is_record: bool = False
    #: The root is an empty element: <PubmedArticleSet/>
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes between two cuts: one record (``tag`` is its element) or what stands between records (None)."""

    tag: str | None
    data: bytes
    #: Byte offset in the uncompressed input
    offset: int
    #: False when the input ended, or the record grew absurd, before its end tag
    is_whole: bool = True


def read_blocks(source: BinaryIO) -> Iterator[bytes]:
    """
    Yield the bytes of *source* in blocks, gunzipped where they are gzip by content.

    Raises:
        ParseError: The gzip stream is damaged or cut off; what came before has been yielded.
    """
    block = source.read(_READ_BYTES)
    blocks = chain((block,), iter(lambda: source.read(_READ_BYTES), b""))
    return _gunzip(blocks) if block.startswith(_GZIP_MAGIC) else blocks


def _gunzip(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield at most ``_BLOCK_BYTES`` at a time: a few bytes of gzip can hold gigabytes of zeros."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        for compressed in blocks:
            rest = compressed
            while rest:
                if unzip.eof:
                    rest = rest.lstrip(b"\0")
                    unzip = zlib.decompressobj(wbits=31) if rest else unzip
                    continue
                data = unzip.decompress(rest, _BLOCK_BYTES)
                if data:
                    yield data
                rest = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
        yield unzip.flush()
    except zlib.error as error:
        raise ParseError(f"the gzip data is damaged ({error}); download the file again") from error
    if not unzip.eof:
        raise ParseError("the gzip data ends too early; download the file again")


class RecordCutter:
    """
    Cuts blocks of bytes into records and what stands between them; holds a few records at a time.

    ``head`` is set once the first piece was asked for; ``is_closed`` says after the last piece
    whether every root element was closed.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """Cut what *blocks* yield."""
        self.head = Head(root="", start_tag=b"", encoding="UTF-8")
        self._blocks = iter(blocks)
        self._buffer = b""
        #: Where in the buffer the next piece begins, and where in the input the buffer begins
        self._position = 0
        self._buffer_offset = 0
        self._n_open_roots = 0
        self._is_exhausted = False

    @property
    def is_closed(self) -> bool:
        """Return whether every root element met so far was closed."""
        return self._n_open_roots <= 0

    def require_closed_root(self) -> None:
        """
        Refuse input that ended before its root element: it may have been cut off between two records.

        Raises:
            ParseError: The root is open.
        """
        if not self.is_closed:
            raise ParseError("the input ends before its root element is closed: it was cut off; get it again")

    def pieces(self) -> Iterator[Piece]:
        """
        Yield every record, and every stretch between records that holds more than white space.

        Raises:
            ParseError: The input is not PubMed XML, or its prolog defines entities.
        """
        self.head = self._read_head()
        names = "|".join(_RECORDS_OF[self.head.root]).encode()
        start = re.compile(rb"<(" + names + rb")(?=[\s/>])")
        while not self._is_exhausted or self._position < len(self._buffer):
            found = self._find_start(start)
            gap_end, tag = (found.start(), found.group(1)) if found else (self._safe_end(), b"")
            if gap := self._take(gap_end):
                yield gap
            if tag:
                yield self._take_record(tag)

    def _more(self) -> bool:
        """Append the next block to the buffer and forget what was taken; False when there is none."""
        block = next(self._blocks, None)
        if block is None:
            self._is_exhausted = True
            return False
        self._buffer_offset += self._position
        self._buffer = self._buffer[self._position :] + block
        self._position = 0
        return True

    def _read_head(self) -> Head:
        """Read the prolog and, unless it is itself a record, the root's start tag."""
        while (head := read_head(self._buffer)) is None:
            if len(self._buffer) > _MOST_GAP_BYTES or not self._more():
                raise ParseError(_say_what_it_is(self._buffer))
        if head.root not in _RECORDS_OF:
            raise ParseError(_say_what_it_is(self._buffer, head.root))
        self._position = head.record_start
        self._n_open_roots = 0 if head.is_record or head.is_empty else 1
        return head

    def _find_start(self, start: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Return the next record's start tag that is not inside a comment; None when the gap before it is absurd, or endless."""
        from_here = 0
        while True:
            # What was found holds until a comment turns out to cover it: thousands of comments are passed in one go.
            found = start.search(self._buffer, self._position + from_here)
            limit = found.start() if found else len(self._buffer)
            comment, comment_end = self._pass_comments(self._position + from_here, limit)
            from_here = max(from_here, comment_end - self._position)
            if found is not None and comment < 0 and from_here <= limit - self._position:
                return found
            is_absurd = limit - self._position > _MOST_GAP_BYTES
            if (found is None or comment >= 0) and (is_absurd or not self._more()):
                return found

    def _pass_comments(self, begin: int, limit: int) -> tuple[int, int]:
        """Return where a comment begins before *limit* that does not end (-1: none), and where the last one that does ends."""
        while (comment := self._buffer.find(b"<!--", begin, limit)) >= 0:
            comment_end = self._buffer.find(b"-->", comment + 4)
            if comment_end < 0:
                return comment, begin
            begin = comment_end + 3
        return -1, begin

    def _safe_end(self) -> int:
        """Return how much of a gap can be taken without cutting through a tag that has only begun to come in."""
        end = len(self._buffer)
        begun = -1 if self._is_exhausted else self._buffer.rfind(b"<", end - _LONGEST_TAG_BYTES)
        return begun if begun > self._position else end

    def _take(self, end: int) -> Piece | None:
        """Take what stands between records, up to *end*; None when it is only white space and root tags."""
        data, offset = self._buffer[self._position : end], self._buffer_offset + self._position
        self._position = end
        if not data or data.isspace():
            return None
        root = self.head.root.encode()
        self._n_open_roots += len(re.findall(rb"<" + root + rb"(?=[\s>])", data))
        self._n_open_roots -= len(re.findall(rb"</" + root + rb"\s*>", data))
        rest = re.sub(rb"</?" + root + rb"(?:\s[^<>]*)?>", b"", data)
        return None if _is_prolog(rest) else Piece(tag=None, data=data, offset=offset)

    def _take_record(self, tag: bytes) -> Piece:
        """Take the record that begins here, up to its end tag."""
        end_tag = b"</" + tag + b">"
        is_whole = True
        from_here = 1
        while (found := self._buffer.find(end_tag, self._position + from_here)) < 0:
            from_here = max(len(self._buffer) - self._position - len(end_tag), 1)
            if from_here > MOST_RECORD_BYTES or not self._more():
                is_whole = False
                break
        end = found + len(end_tag) if is_whole else len(self._buffer)
        data, offset = self._buffer[self._position : end], self._buffer_offset + self._position
        self._position = end
        return Piece(tag=tag.decode(), data=data, offset=offset, is_whole=is_whole)


def without_references(piece: Piece) -> Piece:
    """
    Return *piece* without its reference lists, where they stand in plain sight (in no comment).

    A piece that swallowed other records is returned as it is: between its first list and its last
    there may be a whole record.
    """
    begin = piece.data.find(b"<ReferenceList>")
    end = piece.data.rfind(_END_OF_REFERENCES)
    if begin < 0 or end < begin or b"<!" in piece.data or _holds_others(piece):
        return piece
    return replace(piece, data=piece.data[:begin] + piece.data[end + len(_END_OF_REFERENCES) :])


def _holds_others(piece: Piece) -> bool:
    """Return whether the start tag of *piece* comes again in it."""
    return piece.tag is None or re.compile(rb"<" + piece.tag.encode() + rb"[\s/>]").search(piece.data, 1) is not None


def _is_prolog(data: bytes) -> bool:
    """Return whether *data* is nothing but what may stand before a root: blanks, comments, declarations."""
    position = 0
    while part := _PROLOG_PART.match(data, position):
        position = part.end()
    return position == len(data)


def read_head(data: bytes) -> Head | None:
    """
    Read prolog and root start tag at the beginning of *data*; None when they are not complete.

    Raises:
        ParseError: The document type declaration defines entities: PubMed's never does.
    """
    position = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while part := _PROLOG_PART.match(data, position):
        if part.group().startswith(b"<!DOCTYPE") and b"<!ENTITY" in part.group():
            raise ParseError("the document type declaration defines entities, which PubMed XML never does; refused")
        position = part.end()
    root = _ROOT.match(data, position)
    if root is None:
        return None
    name = root.group(1).decode()
    is_record = _RECORDS_OF.get(name) == (name,)
    declaration = data.find(b"<?xml", 0, position)
    encoding = _ENCODING.match(data, declaration, position) if declaration >= 0 else None
    return Head(
        root=name,
        start_tag=b"<" + root.group(1) + root.group(2) + b">",
        encoding=encoding.group(1).decode() if encoding else "UTF-8",
        record_start=position if is_record else root.end(),
        is_record=is_record,
        is_empty=root.group(3) == b"/",
    )


def _say_what_it_is(data: bytes, root: str | None = None) -> str:
    """Return the message for input that is not PubMed XML: what it seems to be, what to do."""
    text = data[:4096].decode("utf-8", "replace").strip()
    if not text:
        return "the input is empty, not PubMed XML"
    error = re.search(r"<ERROR>(.*?)</ERROR>", text, re.DOTALL)
    if error:
        return f"not PubMed XML but an E-utilities error: {' '.join(error.group(1).split())[:300]}"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the input is UTF-16; convert it to UTF-8 first"
    if "<html" in text.lower():
        return "not PubMed XML but an HTML page"
    if root is not None:
        return f"not PubMed XML: the root element is {root}, not PubmedArticleSet"
    return f"not PubMed XML: it begins with {text[:60]!r}"
