"""A stream of PubMed XML into Arrow tables: plain records column by column, the others one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

import numpy as np
import pyarrow as pa

from her2lit.errors import ParseError
from her2lit.pubmed.parse import PieceReader
from her2lit.pubmed.tables import Integers, Numbered, TableBuilder, table_schemas
from her2lit.pubmed.xml_columns import PATHS, Filled, read_columns
from her2lit.pubmed.xml_cut import Head, Piece, RecordCutter, without_references
from her2lit.pubmed.xml_index import Index, Malformed, arrow
from her2lit.records import Article, Reject

#: Bytes of records taken together: enough for arrays to pay, few enough to stay in the caches and in flat memory.
BLOCK_BYTES = 8 << 20
#: libxml2 refuses texts and attributes of 10 million bytes: what may hold one is left to the reader that asks it.
_MOST_PLAIN_BYTES = 9_000_000
#: In the place of a piece's number: leave its rows out, another reader will bring them.
_DOUBTFUL = -1


@dataclass(slots=True)
class Batch:
    """The tables of some records, those without rows too, and what was met on the way."""

    tables: dict[str, pa.Table]
    #: Records read column by column; the others were read one by one
    n_plain: int = 0
    n_books: int = 0
    rejects: list[Reject] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces of one input that are read together: their bytes, one after the other, and what ``Piece`` says of each."""

    head: Head
    data: bytes
    #: Where each piece begins in ``data``, and where the last one ends
    bounds: tuple[int, ...]
    #: Per piece: tag, offset in the input, whether it is whole
    labels: tuple[tuple[str | None, int, bool], ...]
    #: False: reference lists are to be left out wherever there still are some
    references: bool = True

    @classmethod
    def of(cls, head: Head, pieces: Sequence[Piece], *, references: bool = True) -> Block:
        """Join *pieces*, all of the input under *head*."""
        bounds = tuple(accumulate((len(piece.data) for piece in pieces), initial=0))
        labels = tuple((piece.tag, piece.offset, piece.is_whole) for piece in pieces)
        return cls(head, b"".join(piece.data for piece in pieces), bounds, labels, references)

    def piece(self, number: int) -> Piece:
        """Return one piece as it was."""
        tag, offset, is_whole = self.labels[number]
        return Piece(tag, self.data[self.bounds[number] : self.bounds[number + 1]], offset, is_whole)

    def only(self, numbers: Sequence[int]) -> tuple[bytes, list[int]]:
        """Return the bytes of some pieces, and where each begins in them."""
        if len(numbers) == len(self.labels):
            return self.data, list(self.bounds[:-1])
        data = [self.data[self.bounds[number] : self.bounds[number + 1]] for number in numbers]
        return b"".join(data), list(accumulate(map(len, data[:-1]), initial=0))


def cut_blocks(blocks: Iterable[bytes], *, size: int = BLOCK_BYTES, references: bool = True) -> Iterator[Block]:
    """
    Yield the pieces of an input in groups of about *size* bytes.

    Args:
        references: False leaves the reference lists out, unread.

    Raises:
        ParseError: As ``RecordCutter.pieces``; what came before has been yielded.
    """
    cutter = RecordCutter(blocks)
    pieces: list[Piece] = []
    n_bytes = 0
    try:
        for piece in cutter.pieces():
            pieces.append(piece if references else without_references(piece))
            n_bytes += len(pieces[-1].data)
            if n_bytes >= size:
                yield Block.of(cutter.head, pieces, references=references)
                pieces, n_bytes = [], 0
        cutter.require_closed_root()
    except (ParseError, OSError):
        if pieces:
            yield Block.of(cutter.head, pieces, references=references)
        raise
    if pieces:
        yield Block.of(cutter.head, pieces, references=references)


def read_block(block: Block) -> Batch:
    """Return what *block* holds as tables."""
    plain, numbers = _read_plain(block)
    batch = Batch({}, n_plain=len(numbers))
    try:
        careful = list(_read_others(block, numbers, batch).take_numbered())
    except BaseException:
        # The builder is half full: the next block needs another.
        _builder.cache_clear()
        raise
    for table in careful:
        batch.tables[table.name] = _in_order(plain[table.name], table) if table.name in plain else table.table
    return batch


def _read_others(block: Block, plain: Sequence[int], batch: Batch) -> TableBuilder:
    """Read the pieces that are not among the *plain* ones, one by one."""
    builder = _builder()
    reader = PieceReader(block.head, batch.unknown, references=block.references)
    for number in sorted(set(range(len(block.labels))).difference(plain)):
        for record in reader.read(block.piece(number)):
            builder.add(record, number)
            batch.n_books += isinstance(record, Article) and record.kind == "book"
            if isinstance(record, Reject):
                batch.rejects.append(record)
    return builder


def _read_plain(block: Block) -> tuple[dict[str, Numbered], list[int]]:
    """Return the rows of the pieces that are plain, and the numbers of those pieces."""
    numbers = _promising_pieces(block)
    while numbers:
        data, starts = block.only(numbers)
        try:
            index = Index(data, starts, PATHS)
        except Malformed as error:
            kept = [number for n, number in enumerate(numbers) if n not in error.records]
            numbers = kept if len(kept) < len(numbers) else []
            continue
        filled = read_columns(index)
        piece_numbers = np.where(index.is_doubtful, _DOUBTFUL, np.array(numbers))
        return dict(_with_keys(filled, piece_numbers)), piece_numbers[~index.is_doubtful].tolist()
    return {}, []


@cache
def _builder() -> TableBuilder:
    """Return the one builder, empty between blocks: making one asks the records for all their types."""
    return TableBuilder()


def _promising_pieces(block: Block) -> list[int]:
    """Return the numbers of the pieces that may be read column by column."""
    if block.head.encoding.upper() != "UTF-8" or b"xmlns" in block.head.start_tag:
        return []
    sizes = np.diff(block.bounds)
    return [
        number
        for number, (tag, _, is_whole) in enumerate(block.labels)
        if tag == PATHS.record and is_whole and sizes[number] <= _MOST_PLAIN_BYTES
    ]


def _with_keys(filled: dict[str, Filled], numbers: Integers) -> Iterator[tuple[str, Numbered]]:
    """Yield each table with its key columns, as ``her2lit.pubmed.tables`` lays them out."""
    schemas = table_schemas()
    article_keys = {key: filled["articles"].columns[key] for key in ("pmid", "pmid_version")}
    positions: dict[str, dict[str, Integers]] = {"articles": {}}
    for name, table in filled.items():
        columns = dict(table.columns)
        if table.outer is not None:
            outer_positions = positions[table.outer]
            own = {key: column[table.outer_rows] for key, column in outer_positions.items()}
            position = _positions(table.outer_rows)
            positions[name] = {**own, f"{name}_position": position}
            rows = arrow(table.records)
            columns |= {key: column.take(rows) for key, column in article_keys.items()}
            columns |= {key: arrow(column) for key, column in own.items()} | {"position": arrow(position)}
        n_rows = len(table.records)
        arrays = [columns.get(field.name, None) or pa.nulls(n_rows, field.type) for field in schemas[name]]
        yield name, Numbered(name, pa.table(arrays, schema=schemas[name]), numbers[table.records])


def _positions(outer_rows: Integers) -> Integers:
    """Return the place of each row among those of the same outer row, from 0."""
    counts = np.bincount(outer_rows)
    starts = np.cumsum(counts) - counts
    return np.arange(len(outer_rows)) - starts[outer_rows]


def _in_order(plain: Numbered, careful: Numbered) -> pa.Table:
    """Return the rows of both in document order, without those of doubtful records."""
    if not len(careful.numbers) and np.all(plain.numbers >= 0):
        return plain.table
    numbers = np.concatenate([plain.numbers, careful.numbers])
    wanted = np.flatnonzero(numbers >= 0)
    order = wanted[np.argsort(numbers[wanted], kind="stable")]
    both = pa.concat_tables([plain.table, careful.table])
    # Few are doubtful: what stays together is a slice, not a copy.
    breaks = np.flatnonzero(np.diff(order) != 1) + 1
    runs = zip([0, *breaks], [*breaks, len(order)], strict=True)
    return pa.concat_tables([both.slice(order[a], b - a) for a, b in runs]) if len(order) else both.schema.empty_table()
