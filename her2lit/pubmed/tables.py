"""
Articles as Arrow tables, every value in its column: what analysts and bulk loaders read.

The layout follows from the records. ``articles`` has one row per record version: its plain
fields, its lists of strings as list columns, and journal and publication date spread out as
``journal_*`` and ``pub_date_*``. Every tuple of records is a table of its own, named after the
field, keyed by pmid, pmid_version and ``position`` (from 0, document order); tuples inside those
are tables named ``<field>_<inner field>`` with the outer row's position as ``<field>_position``.
A book is a row of ``book``. Values of a record that are themselves called pmid are ``ref_pmid``.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from her2lit.records import Article, Book, BookLink, Deletion, Journal, PubDate, Reject

Row = tuple[Any, ...]
#: Records turned into Arrow at a time: enough to be quick, few enough for flat memory.
BATCH_RECORDS = 2_000
Integers = npt.NDArray[np.int64]

_ARROW_TYPES: dict[Any, pa.DataType] = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), date: pa.date32()}
#: Records that stand where they are at most once: spread over columns of the row that holds them.
_SPREAD = frozenset({Journal, PubDate, BookLink})
_KEY = ("pmid", "pmid_version")


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the attributes that lead to its value."""

    name: str
    path: str
    type: pa.DataType


def _plain(hint: Any) -> Any:
    """Return an optional type without its None."""
    if get_origin(hint) in {Union, types.UnionType}:
        [hint] = [part for part in get_args(hint) if part is not types.NoneType]
    return hint


def _columns_of(record: type, prefix: str = "", path: str = "") -> Iterator[Column]:
    """Yield a column for every field of *record* that is no table of its own."""
    hints = get_type_hints(record)
    for field in fields(record):
        hint = _plain(hints[field.name])
        name, where = prefix + field.name, path + field.name
        if hint in _ARROW_TYPES:
            yield Column(name, where, _ARROW_TYPES[hint])
        elif hint in _SPREAD:
            yield from _columns_of(hint, f"{name}_", f"{where}.")
        elif hint == tuple[str, ...]:
            yield Column(name, where, pa.list_(pa.string()))
        elif _item_type(hint) is tuple:
            yield Column(name, where, pa.list_(pa.list_(pa.string())))


def _item_type(hint: Any) -> Any:
    """Return what a tuple type repeats (``tuple`` for pairs), None where it is no tuple."""
    if get_origin(hint) is not tuple:
        return None
    item = get_args(hint)[0]
    return get_origin(item) or item


def _reader(columns: Sequence[Column]) -> Callable[[Any], Row]:
    """Return a function from a record to its column values; an absent spread record gives None throughout."""
    groups: dict[str, list[str]] = {}
    for column in columns:
        head, _, tail = column.path.rpartition(".")
        groups.setdefault(head, []).append(tail)
    if list(groups) == [""] and len(columns) > 1:
        return attrgetter(*groups[""])
    readers = [_group_reader(head, tails) for head, tails in groups.items()]
    return lambda record: tuple(chain.from_iterable(reader(record) for reader in readers))


def _group_reader(head: str, tails: list[str]) -> Callable[[Any], Row]:
    one = attrgetter(tails[0])
    read = attrgetter(*tails) if len(tails) > 1 else lambda record: (one(record),)
    if not head:
        return read
    find, nothing = attrgetter(head), (None,) * len(tails)
    return lambda record: nothing if (found := find(record)) is None else read(found)


def _in_reading_order(columns: Iterable[Column]) -> list[Column]:
    """Return the columns as ``_reader`` gives their values: plain ones first, then each spread record's."""
    ordered = list(columns)
    heads = list(dict.fromkeys(column.path.rpartition(".")[0] for column in ordered))
    return sorted(ordered, key=lambda column: heads.index(column.path.rpartition(".")[0]))


def _fields_of(names: Iterable[str], columns: Iterable[Column]) -> list[pa.Field[Any]]:
    return [pa.field(name, column.type) for name, column in zip(names, columns, strict=True)]


_NO_NUMBERS: Integers = np.empty(0, dtype=np.int64)


class Numbered(NamedTuple):
    """A table and, for each row, the number of the record it comes from."""

    name: str
    table: pa.Table
    numbers: Integers


class Table:
    """The rows of one table so far, beside how many each outer row has."""

    def __init__(self, name: str, record: type, outer_positions: tuple[str, ...], find: Callable[[Any], Any]) -> None:
        """Gather rows of *record*; *find* gets them from the outer record."""
        self.name = name
        self._find = find
        columns = _in_reading_order(_columns_of(record))
        self._read = _reader(columns)
        names = [f"ref_{column.name}" if column.name in _KEY else column.name for column in columns]
        keys = [Column(key, "", pa.int64()) for key in (*_KEY, *outer_positions, "position")]
        self.schema = pa.schema(_fields_of([*(key.name for key in keys), *names], [*keys, *columns]))
        self.inner = tuple(_tables_of(record, (*outer_positions, f"{name}_position"), f"{name}_"))
        self._rows: list[Row] = []
        self._counts: list[int] = []

    def add(self, outers: Iterable[Any]) -> None:
        """Add the rows of each outer record in turn."""
        groups = list(map(self._find, outers))
        self._counts.extend(map(len, groups))
        records = list(chain.from_iterable(groups)) if len(groups) > 1 else groups[0]
        if records:
            self._rows.extend(map(self._read, records))
            for table in self.inner:
                table.add(records)

    def take(self, outer_keys: tuple[Integers, ...], outer_numbers: Integers) -> Iterator[Numbered]:
        """Yield this table and the inner ones; *outer_keys* are the key columns of the outer rows."""
        counts = np.array(self._counts, dtype=np.int64)
        self._counts = []
        if not self._rows:
            yield from (Numbered(table.name, table.schema.empty_table(), _NO_NUMBERS) for table in self._all())
            return
        keys = tuple(np.repeat(key, counts) for key in outer_keys)
        numbers = np.repeat(outer_numbers, counts)
        starts = np.repeat(np.cumsum(counts) - counts, counts)
        keys = (*keys, np.arange(len(starts)) - starts)
        yield Numbered(self.name, _to_table([pa.array(key) for key in keys], self._rows, self.schema), numbers)
        self._rows = []
        for table in self.inner:
            yield from table.take(keys, numbers)

    def _all(self) -> Iterator[Table]:
        """Yield this table and those inside it."""
        yield self
        for table in self.inner:
            yield from table._all()  # noqa: SLF001 - its own kind


def _to_table(key_columns: list[Any], rows: list[Row], schema: pa.Schema) -> pa.Table:
    if not rows:
        return schema.empty_table()
    types_left = list(schema.types)[len(key_columns) :]
    # zip(*rows) would make an iterator per row, and the garbage collector would walk them all.
    columns = [pa.array(list(map(itemgetter(i), rows)), kind) for i, kind in enumerate(types_left)]
    return pa.table([*key_columns, *columns], schema=schema)


def _tables_of(record: type, outer_positions: tuple[str, ...], prefix: str = "") -> Iterator[Table]:
    """Yield a table for every tuple of records in *record*, and one for a book."""
    hints = get_type_hints(record)
    for field in fields(record):
        hint = _plain(hints[field.name])
        item = _item_type(hint)
        if hint is Book:
            yield Table(prefix + field.name, Book, outer_positions, lambda outer: (outer.book,) if outer.book else ())
        elif isinstance(item, type) and item not in {str, tuple}:
            yield Table(prefix + field.name, item, outer_positions, attrgetter(field.name))


class TableBuilder:
    """Gathers records and hands them out as Arrow tables, a batch at a time."""

    def __init__(self) -> None:
        """Begin with no rows."""
        columns = _in_reading_order(_columns_of(Article))
        self._read = _reader(columns)
        self._articles = pa.schema(_fields_of([column.name for column in columns], columns))
        self._tables = tuple(_tables_of(Article, ()))
        self._rows: list[Row] = []
        self._deletions: list[Row] = []
        self._rejects: list[Row] = []
        self._numbers: dict[str, list[int]] = {"articles": [], "deletions": [], "rejects": []}

    def add(self, record: Article | Reject | Deletion, number: int = 0) -> None:
        """Add one record's rows; *number* is handed out with them by ``take_numbered``."""
        if isinstance(record, Article):
            self._numbers["articles"].append(number)
            self._rows.append(self._read(record))
            outer = (record,)
            for table in self._tables:
                table.add(outer)
        elif isinstance(record, Deletion):
            self._numbers["deletions"].append(number)
            self._deletions.append((record.pmid, record.pmid_version))
        else:
            self._numbers["rejects"].append(number)
            self._rejects.append((record.pmid, record.offset, record.reason))

    def take(self) -> dict[str, pa.Table]:
        """Return what was added as tables, those without rows too, and begin anew."""
        return {name: table for name, table, _ in self.take_numbered()}

    def take_numbered(self) -> Iterator[Numbered]:
        """Yield what ``take`` returns, with the number of the record that each row comes from."""
        numbers = {name: np.array(values, dtype=np.int64) for name, values in self._numbers.items()}
        articles = _to_table([], self._rows, self._articles)
        yield Numbered("articles", articles, numbers["articles"])
        keys = tuple(np.array(articles[name], dtype=np.int64) for name in _KEY)
        for table in self._tables:
            yield from table.take(keys, numbers["articles"])
        yield Numbered("deletions", _to_table([], self._deletions, _DELETIONS), numbers["deletions"])
        yield Numbered("rejects", _to_table([], self._rejects, _REJECTS), numbers["rejects"])
        self._rows, self._deletions, self._rejects = [], [], []
        self._numbers = {name: [] for name in self._numbers}


_DELETIONS = pa.schema({"pmid": pa.int64(), "pmid_version": pa.int64()})
_REJECTS = pa.schema(
    _fields_of(("pmid", "offset", "reason"), [Column("", "", kind) for kind in (pa.int64(), pa.int64(), pa.string())])
)


@cache
def table_schemas() -> dict[str, pa.Schema]:
    """Return the columns of every table, by its name."""
    return {name: table.schema for name, table in TableBuilder().take().items()}


def batches_of(
    records: Iterable[Article | Reject | Deletion], *, size: int = BATCH_RECORDS
) -> Iterator[dict[str, pa.Table]]:
    """
    Yield the tables of *size* records at a time, at least once; memory stays flat.

    Records are let go as soon as their rows are taken: thousands of them alive would also keep
    the garbage collector busy for longer than the parsing takes.
    """
    builder, n_records = TableBuilder(), 0
    for record in records:
        builder.add(record)
        n_records += 1
        if n_records % size == 0:
            yield builder.take()
    if n_records == 0 or n_records % size:
        yield builder.take()
