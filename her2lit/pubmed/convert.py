"""Files of PubMed records into JSON lines or a folder of Parquet tables, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from her2lit.errors import ParseError, UsageError
from her2lit.pubmed.article_json import article_to_json
from her2lit.pubmed.medline import iter_medline
from her2lit.pubmed.parse import Record, RecordReader
from her2lit.pubmed.xml_cut import read_blocks
from her2lit.records import Article, Deletion, Reject


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


def read_files(
    paths: Iterable[Path],
    tally: Tally,
    *,
    stdin: BinaryIO,
    progress: Callable[[Tally, str], None] | None = None,
) -> Iterator[Record]:
    """
    Yield the records of each file in turn; "-" is *stdin*. A file that fails is noted and the next one read.

    The form is told by content, not by name: MEDLINE text begins with "PMID-", gzip is unpacked.
    """
    for path in paths:
        name = "stdin" if str(path) == "-" else str(path)
        try:
            for record in _read_source(stdin if name == "stdin" else path, tally.unknown):
                tally.count(record, name)
                yield record
                if progress is not None:
                    progress(tally, name)
        except ParseError as error:
            tally.failures.append((name, str(error)))
        except OSError as error:
            tally.failures.append((name, error.strerror or str(error)))


def _read_source(source: Path | BinaryIO, unknown: Counter[str]) -> Iterator[Record]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from _read_source(file, unknown)
        return
    blocks = iter(read_blocks(source))
    first = next(blocks, b"")
    whole = chain((first,), blocks)
    if first.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"PMID-"):
        yield from iter_medline(_lines(whole), unknown=unknown)
    else:
        yield from RecordReader(whole, unknown=unknown)


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
    """Return a name of this process's own in the folder of *target*: renaming needs one file system."""
    return target.with_name(f".{target.name}.{os.getpid()}.{what}")


def write_parquet_folder(records: Iterable[Record], target: Path) -> None:
    """
    Write *target* as a folder of one Parquet file per table, whole, or leave it as it was.

    Raises:
        UsageError: *target* holds something that no earlier run of this command wrote.
        OSError: It cannot be written.
    """
    if target.exists() and not _is_ours(target):
        raise UsageError(f"{target} exists and holds other things than Parquet files; choose another folder")
    scratch, old = _beside(target, "new"), _beside(target, "old")
    scratch.mkdir()
    try:
        _write_tables(records, scratch)
        if target.exists():
            target.replace(old)
        scratch.replace(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and all(path.suffix == ".parquet" for path in folder.iterdir())


def _write_tables(records: Iterable[Record], folder: Path) -> None:
    # Arrow is heavy; JSON lines do without it.
    from pyarrow import parquet  # noqa: PLC0415

    from her2lit.pubmed.tables import batches_of  # noqa: PLC0415

    writers: dict[str, parquet.ParquetWriter] = {}
    with ExitStack() as open_files:
        for tables in batches_of(records):
            for name, table in tables.items():
                if name not in writers:
                    writer = parquet.ParquetWriter(folder / f"{name}.parquet", table.schema, compression="zstd")
                    writers[name] = open_files.enter_context(writer)
                if table.num_rows:
                    writers[name].write_table(table)
