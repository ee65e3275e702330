"""Versioned PubMed records from XML files, and what of them is visible at an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from her2lit.clock import NLM_TIME_ZONE
from her2lit.pubmed.parse import parse_articles
from her2lit.records import Article
from her2lit.replica.cache import file_sha256, load_shard, save_shard
from her2lit.replica.files import RawDeletion, RawRecord, cut_records
from her2lit.replica.shard import Int64, Shard, ShardBuilder

#: A version that nothing replaces is visible until then.
FOREVER = 2**62
#: Records handed to the parser at once.
_BATCH = 256
_PROGRESS_EVERY = 2_000

Progress = Callable[[str], object]


class Corpus:
    """
    The record versions of one or more files, numbered through, each visible for a span of time.

    A version counts from its ``valid_from`` until the next version or deletion of its PMID. Plain NLM
    files do not say when a version became visible, so 00:00 America/New_York of DateRevised is taken, or of
    the created date where no revision is given: an approximation the replica declares.
    """

    def __init__(self, shards: Iterable[Shard]) -> None:
        """Join indexes; where two files hold the same PMID from the same instant, the later file wins."""
        self.shards = tuple(shards)
        sizes = [len(shard.pmids) for shard in self.shards]
        #: First number of each shard, and behind the last the total
        self.offsets = tuple(int(n) for n in np.cumsum([0, *sizes]))
        self.pmids: Int64 = _join([shard.pmids for shard in self.shards])
        self.visible_from, self.visible_until = self._lifetimes()

    @classmethod
    def from_files(
        cls, paths: Iterable[Path], *, cache: Path | None = None, progress: Progress | None = None
    ) -> Corpus:
        """
        Index PubMed XML files (.xml or gzip), reusing what *cache* holds by file hash.

        Args:
            paths: Files in the order NLM published them.
            cache: Folder for built indexes; None builds in memory only.
            progress: Called with one line of text as the work goes on.

        Raises:
            ParseError: A file is no PubMed XML, or is cut.
        """
        return cls([_load_or_build(path, cache, progress or (lambda _: None)) for path in paths])

    def __len__(self) -> int:
        """Return the number of record versions, visible or not."""
        return self.offsets[-1]

    @property
    def n_rejects(self) -> int:
        """Return how many records could not be parsed and are not served."""
        return sum(shard.n_rejects for shard in self.shards)

    def visible(self, at: datetime) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which versions make up PubMed at an instant: the newest valid one of each PMID."""
        seconds = at.timestamp()
        mask: np.ndarray[tuple[int], np.dtype[np.bool_]] = (self.visible_from <= seconds) & (
            seconds < self.visible_until
        )
        return mask

    def find(self, pmid: int, at: datetime) -> int | None:
        """Return the number of the version of *pmid* that is visible at an instant, or None."""
        order, sorted_pmids = self._by_pmid
        first, last = np.searchsorted(sorted_pmids, [pmid, pmid + 1])
        seconds = at.timestamp()
        for doc in order[first:last]:
            if self.visible_from[doc] <= seconds < self.visible_until[doc]:
                return int(doc)
        return None

    def docs_of(self, pmid: int) -> Int64:
        """Return every version of *pmid*, visible or not."""
        order, sorted_pmids = self._by_pmid
        first, last = np.searchsorted(sorted_pmids, [pmid, pmid + 1])
        return order[first:last]

    def docs_citing(self, pmid: int) -> Int64:
        """Return every version whose reference list names *pmid*."""
        parts = [
            shard.citing_docs[shard.cited_pmids == pmid].astype(np.int64) + offset
            for shard, offset in zip(self.shards, self.offsets, strict=False)
        ]
        return _join(parts)

    @cached_property
    def first_authors(self) -> tuple[str, ...]:
        """Return what ``sort=Author`` compares, per version."""
        return tuple(chain.from_iterable(shard.first_authors for shard in self.shards))

    @cached_property
    def journals(self) -> tuple[str, ...]:
        """Return what ``sort=JournalName`` compares, per version."""
        return tuple(chain.from_iterable(shard.journals for shard in self.shards))

    def record_bytes(self, doc: int) -> bytes:
        """Return one version exactly as its file holds it."""
        shard = int(np.searchsorted(self.offsets, doc, side="right")) - 1
        return self.shards[shard].record_bytes(doc - self.offsets[shard])

    def article(self, doc: int) -> Article:
        """Return one version parsed."""
        [article] = parse_articles(_as_set([self.record_bytes(doc)])).articles
        return article

    @cached_property
    def _by_pmid(self) -> tuple[Int64, Int64]:
        order = np.argsort(self.pmids, kind="stable")
        return order, self.pmids[order]

    def _lifetimes(self) -> tuple[Int64, Int64]:
        """Return per version from when until when (seconds since 1970) it is the one PubMed shows."""
        starts = _join([shard.valid_from for shard in self.shards])
        versions = _join([shard.versions for shard in self.shards])
        until = np.full(len(starts), FOREVER, dtype=np.int64)
        # Later in the sort = stronger: later instant, then higher @Version, then later in the files.
        order = np.lexsort((np.arange(len(starts)), versions, starts, self.pmids))
        is_same = self.pmids[order][1:] == self.pmids[order][:-1]
        until[order[:-1][is_same]] = starts[order[1:][is_same]]
        for pmid, at in chain.from_iterable(zip(s.deleted_pmids, s.deleted_at, strict=True) for s in self.shards):
            for doc in np.flatnonzero(self.pmids == pmid):
                if starts[doc] <= at < until[doc]:
                    until[doc] = at
        return starts, until


def _join(parts: list[Int64]) -> Int64:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _load_or_build(path: Path, cache: Path | None, progress: Progress) -> Shard:
    """Return the index of one file, from the cache where it is there."""
    if cache is None:
        return _build(path, progress)
    sha256 = file_sha256(path)
    shard = load_shard(cache, sha256)
    if shard is None:
        shard = _build(path, progress)
        save_shard(shard, cache, sha256)
    else:
        progress(f"{path.name}: {len(shard.pmids):,} records, index kept from before")
    return shard


def _build(path: Path, progress: Progress) -> Shard:
    """Parse and index one file; its records pass through a batch at a time."""
    builder = ShardBuilder()
    n_records = 0
    batch: list[RawRecord] = []
    for piece in chain(cut_records(path), [None]):
        if isinstance(piece, RawDeletion):
            builder.delete(piece.pmid, piece.at)
            continue
        if piece is not None:
            batch.append(piece)
        if len(batch) == _BATCH or piece is None:
            _add_batch(builder, batch)
            if (n_records + len(batch)) // _PROGRESS_EVERY > n_records // _PROGRESS_EVERY:
                progress(f"{path.name}: {n_records + len(batch):,} records indexed")
            n_records += len(batch)
            batch = []
    progress(f"{path.name}: {n_records:,} records indexed")
    return builder.build()


def _add_batch(builder: ShardBuilder, batch: list[RawRecord]) -> None:
    for raw, article in zip(batch, _parse(batch), strict=True):
        if article is None:
            builder.reject()
        else:
            builder.add(article, raw.data, raw.valid_from or _first_visible(article))


def _parse(batch: list[RawRecord]) -> Iterator[Article | None]:
    """Yield the article of every record, None for one that cannot be parsed."""
    result = parse_articles(_as_set([raw.data for raw in batch]))
    if len(result.articles) == len(batch):
        yield from result.articles
        return
    for raw in batch:
        yield next(iter(parse_articles(_as_set([raw.data])).articles), None)


def _as_set(records: list[bytes]) -> bytes:
    return b"<PubmedArticleSet>" + b"\n".join(records) + b"</PubmedArticleSet>"


def _first_visible(article: Article) -> datetime | None:
    """Return when a record of a plain NLM file counts from: an approximation, see ``Corpus``."""
    day = article.date_revised or article.created_date
    if day is None:
        return None
    return datetime.combine(day, time(), tzinfo=NLM_TIME_ZONE).astimezone(UTC)
