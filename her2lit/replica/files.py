"""Cut PubMed XML files into the bytes of their records, without parsing them."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from her2lit.errors import ParseError

_CHUNK = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
#: What may open next at record level. Comments are skipped whole: they may hold old records.
_OPENING = re.compile(rb"<(PubmedArticle|PubmedBookArticle|DeleteCitation)[\s>]|<\?(her2lit-replica)\s|<(!--)")
#: An opening cut by the end of a chunk is at most this long.
_LONGEST_OPENING = 20
_PMID = re.compile(rb"<PMID(?:\s+Version=\"(\d+)\")?\s*>\s*(\d+)\s*</PMID>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record as it stands in its file."""

    #: PubmedArticle or PubmedBookArticle, from "<" to ">"
    data: bytes
    #: From a her2lit-replica instruction before the record; None where the file says nothing.
    valid_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDeletion:
    """One PMID that the file deletes."""

    pmid: int
    #: From a her2lit-replica instruction; None for a plain DeleteCitation.
    at: datetime | None


def cut_records(path: Path) -> Iterator[RawRecord | RawDeletion]:
    """
    Yield the records and deletions of one PubMed XML file (.xml, or gzip recognised by content), in order.

    A processing instruction ``<?her2lit-replica valid-from="2021-06-06T00:00:00-04:00"?>`` dates the record
    after it; ``<?her2lit-replica delete="990000005" at="2021-06-07T00:00:00-04:00"?>`` deletes one.

    Raises:
        ParseError: No PubMed XML, or a record that is not closed before the file ends.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(_open(path))
        valid_from: datetime | None = None
        for name, data in _cut(stream, path):
            if name == b"her2lit-replica":
                instruction = _read_instruction(data, path)
                if isinstance(instruction, RawDeletion):
                    yield instruction
                else:
                    valid_from = instruction
            elif name == b"DeleteCitation":
                yield from (RawDeletion(pmid=int(match[2]), at=None) for match in _PMID.finditer(data))
            else:
                yield RawRecord(data=data, valid_from=valid_from)
                valid_from = None


def _open(path: Path) -> BinaryIO:
    """Return the decompressed bytes of *path* as a stream the caller closes."""
    with path.open("rb") as probe:
        is_gzip = probe.read(2) == _GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _cut(stream: BinaryIO, path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield (name, bytes) of every record-level piece, holding no more than a chunk and a record."""
    buffer = b""
    is_pubmed = False
    while True:
        try:
            chunk = stream.read(_CHUNK)
        except (EOFError, OSError, zlib.error) as error:
            raise ParseError(f"{path.name} cannot be read to its end ({error}); fetch it again") from error
        buffer += chunk
        is_pubmed = is_pubmed or b"<PubmedArticleSet" in buffer
        position = 0
        while (opening := _OPENING.search(buffer, position)) is not None:
            name = opening[1] or opening[2] or opening[3]
            end = _end_of(name, buffer, opening.end())
            if end is None:
                break
            if name != b"!--":
                yield name, buffer[opening.start() : end]
            position = end
        if not chunk:
            break
        keep = opening.start() if opening else max(position, len(buffer) - _LONGEST_OPENING)
        buffer = buffer[keep:]
    if opening is not None:
        raise ParseError(f"{path.name} ends inside <{name.decode()}>: the file is cut; fetch it again")
    if not is_pubmed:
        raise ParseError(f"{path.name} holds no PubmedArticleSet: give PubMed XML, plain or gzip")


def _end_of(name: bytes, buffer: bytes, start: int) -> int | None:
    """Return the offset behind the piece called *name*, or None when it goes on beyond the buffer."""
    closing = {b"!--": b"-->", b"her2lit-replica": b"?>"}.get(name, b"</" + name + b">")
    found = buffer.find(closing, start)
    return None if found < 0 else found + len(closing)


def _read_instruction(data: bytes, path: Path) -> datetime | RawDeletion:
    """Return what a her2lit-replica instruction says: when the next record counts, or a deletion."""
    values = dict(_ATTRIBUTE.findall(data.decode()))
    try:
        if "delete" in values:
            return RawDeletion(pmid=int(values["delete"]), at=_instant(values["at"]))
        return _instant(values["valid-from"])
    except (KeyError, ValueError) as error:
        raise ParseError(
            f'{path.name}: cannot read {data.decode()}; write valid-from="2021-06-06T00:00:00-04:00" '
            'or delete="PMID" at="…", each with a UTC offset'
        ) from error


def _instant(text: str) -> datetime:
    """Return an ISO instant in UTC; ValueError without an offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no UTC offset")
    return instant.astimezone(UTC)
