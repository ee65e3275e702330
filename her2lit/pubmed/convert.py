"""Files of PubMed records into JSON lines or a folder of Parquet tables, written whole or not at all."""

from __future__ import annotations

import json
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, TypeVar

from her2lit.errors import ParseError, UsageError
from her2lit.pubmed.article_json import article_to_json
from her2lit.pubmed.medline import iter_medline
from her2lit.pubmed.parse import Record, RecordReader
from her2lit.pubmed.xml_cut import read_blocks
from her2lit.records import Article, Deletion, Reject

if TYPE_CHECKING:
    import pyarrow as pa

    from her2lit.pubmed.xml_tables import Batch

T = TypeVar("T")
#: Articles in one row group of a Parquet file, at least.
_ROW_GROUP_RECORDS = 2_000


@dataclass(slots=True)
class Tally:
    """What a conversion met, counted as it goes."""

    n_articles: int = 0
    n_books: int = 0
    n_deletions: int = 0
    rejects: list[tuple[str, Reject]] = field(default_factory=list)
    #: (file, message) of files that could not be read to their end
    failures: list[tuple[str, str]] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def n_records(self) -> int:
        """Return how many records were read or refused."""
        return self.n_articles + self.n_books + self.n_deletions + len(self.rejects)

    def add(self, batch: Batch, source: str) -> None:
        """Count the records of *source* that are now tables."""
        self.n_books += batch.n_books
        self.n_articles += batch.tables["articles"].num_rows - batch.n_books
        self.n_deletions += batch.tables["deletions"].num_rows
        self.rejects.extend((source, reject) for reject in batch.rejects)
        self.unknown.update(batch.unknown)

    def count(self, record: Record, source: str) -> None:
        """Count one record of *source*."""
        if isinstance(record, Reject):
            self.rejects.append((source, record))
        elif isinstance(record, Deletion):
            self.n_deletions += 1
        elif record.kind == "book":
            self.n_books += 1
        else:
            self.n_articles += 1


Progress = Callable[[Tally, str], None] | None
Tables = dict[str, "pa.Table"]


def read_files(
    paths: Iterable[Path], tally: Tally, *, stdin: BinaryIO, progress: Progress = None, references: bool = True
) -> Iterator[Record]:
    """
    Yield the records of each file in turn; "-" is *stdin*. A file that fails is noted and the next one read.

    The form is told by content, not by name: MEDLINE text begins with "PMID-", gzip is unpacked.

    Args:
        references: False leaves out what the records cite.
    """

    def read(name: str, blocks: Iterator[bytes], is_text: bool) -> Iterator[Record]:
        found = iter_medline(_lines(blocks), unknown=tally.unknown) if is_text else None
        for record in found or RecordReader(
            blocks, unknown=tally.unknown, references=references, require_closed_root=True
        ):
            tally.count(record, name)
            yield record

    yield from _read_each(paths, tally, stdin, progress, read)


def read_tables(
    paths: Iterable[Path],
    tally: Tally,
    *,
    stdin: BinaryIO,
    progress: Progress = None,
    n_workers: int = 1,
    references: bool = True,
) -> Iterator[Tables]:
    """
    Yield the records of each file in turn as Arrow tables; else as ``read_files``.

    Args:
        n_workers: Processes that read XML; with 1 this one does. The tables come in the same order.
    """
    # Arrow is heavy; JSON lines do without it.
    from her2lit.pubmed.tables import batches_of  # noqa: PLC0415
    from her2lit.pubmed.xml_processes import Workers  # noqa: PLC0415
    from her2lit.pubmed.xml_tables import cut_blocks  # noqa: PLC0415

    def read(name: str, blocks: Iterator[bytes], is_text: bool) -> Iterator[Tables]:
        if is_text:
            yield from batches_of(_counted(iter_medline(_lines(blocks), unknown=tally.unknown), tally, name))
            return
        for batch in workers.read(cut_blocks(blocks, references=references)):
            tally.add(batch, name)
            yield batch.tables

    with Workers(n_workers) as workers:
        yield from _read_each(paths, tally, stdin, progress, read)


def _counted(records: Iterable[Record], tally: Tally, name: str) -> Iterator[Record]:
    for record in records:
        tally.count(record, name)
        yield record


def _read_each(
    paths: Iterable[Path],
    tally: Tally,
    stdin: BinaryIO,
    progress: Progress,
    read: Callable[[str, Iterator[bytes], bool], Iterator[T]],
) -> Iterator[T]:
    """Yield what *read* makes of (name, blocks of bytes, whether they are MEDLINE text) of each input."""
    for path in paths:
        name = "stdin" if str(path) == "-" else str(path)
        try:
            with nullcontext(stdin) if str(path) == "-" else path.open("rb") as file:
                blocks = read_blocks(file)
                first = next(blocks, b"")
                is_text = first.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"PMID-")
                for found in read(name, chain((first,), blocks), is_text):
                    yield found
                    if progress is not None:
                        progress(tally, name)
        except ParseError as error:
            tally.failures.append((name, str(error)))
        except OSError as error:
            tally.failures.append((name, error.strerror or str(error)))


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines in *blocks*, with their line breaks."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).splitlines(keepends=True) or [b""]
        if rest.endswith(b"\n"):
            lines, rest = [*lines, rest], b""
        yield from lines
    if rest:
        yield rest


def write_json_lines(records: Iterable[Record], out: TextIO) -> None:
    """Write one JSON object a line; a deletion has kind "deletion", rejects are not written."""
    for record in records:
        if isinstance(record, Article):
            out.write(article_to_json(record) + "\n")
        elif isinstance(record, Deletion):
            values = {"pmid": record.pmid, "kind": "deletion", "pmid_version": record.pmid_version}
            out.write(json.dumps(values, separators=(",", ":")) + "\n")


def write_json_file(records: Iterable[Record], target: Path) -> None:
    """
    Write *target* whole, or leave it as it was.

    Raises:
        OSError: It cannot be written.
    """
    scratch = _beside(target, "new")
    try:
        with scratch.open("x", encoding="utf-8") as out:
            write_json_lines(records, out)
        scratch.replace(target)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _beside(target: Path, what: str) -> Path:
    """Return a name nobody has in the folder of *target*: renaming needs one file system."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.{what}")


def write_parquet_folder(batches: Iterable[Tables], target: Path) -> None:
    """
    Write *target* as a folder of one Parquet file per table, whole, or leave it as it was.

    Raises:
        UsageError: *target* holds something that no earlier run of this command wrote.
        OSError: It cannot be written.
    """
    if target.exists() and not _is_ours(target):
        raise UsageError(
            f"{target} exists and holds other things than the tables of an earlier run; choose another folder"
        )
    scratch, old = _beside(target, "new"), _beside(target, "old")
    scratch.mkdir()
    try:
        _write_tables(batches, scratch)
        if target.exists():
            target.replace(old)
        scratch.replace(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.replace(target)
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Return whether *folder* holds nothing but our tables; an older version may have had fewer."""
    from her2lit.pubmed.tables import table_schemas  # noqa: PLC0415

    ours = {f"{name}.parquet" for name in table_schemas()}
    return folder.is_dir() and all(path.name in ours for path in folder.iterdir())


def _write_tables(batches: Iterable[Tables], folder: Path) -> None:
    from pyarrow import parquet  # noqa: PLC0415

    from her2lit.pubmed.tables import table_schemas  # noqa: PLC0415

    with ExitStack() as open_files:
        writers = {
            name: open_files.enter_context(
                parquet.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
            )
            for name, schema in table_schemas().items()
        }
        for tables in _gathered(batches):
            for name, table in tables.items():
                if table.num_rows:
                    writers[name].write_table(table)


def _gathered(batches: Iterable[Tables]) -> Iterator[Tables]:
    """Yield batches of some thousand records each: a row group of a few hundred is slow to read."""
    from pyarrow import concat_tables  # noqa: PLC0415

    waiting: list[Tables] = []
    for batch in batches:
        waiting.append(batch)
        if sum(tables["articles"].num_rows for tables in waiting) >= _ROW_GROUP_RECORDS:
            yield {name: concat_tables([tables[name] for tables in waiting]) for name in batch}
            waiting = []
    if waiting:
        yield {name: concat_tables([tables[name] for tables in waiting]) for name in waiting[0]}
