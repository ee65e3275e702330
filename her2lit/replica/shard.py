"""The index of one corpus file: built once, kept as plain numpy arrays, loaded in a moment."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import count

import numpy as np
import numpy.typing as npt

from her2lit.records import Article
from her2lit.replica.terms import SearchDates, cited_pmids, exact_keys, search_dates, text_segments
from her2lit.replica.tokens import key_text, words

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]

#: A posting is (doc << POSITION_BITS) | position.
POSITION_BITS = 24
#: Words between two segments, so that neither phrase nor proximity runs across.
SEGMENT_GAP = 1000
#: The names of ``SearchDates``, in the order of the columns of ``Shard.dates``.
DATE_FIELDS = tuple(field.name for field in fields(SearchDates))
#: valid_from of a record that says nothing: it was always there.
ALWAYS = -(2**62)
_COMPRESSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shard:
    """
    One file's records, index and bytes. ``doc`` numbers its record versions from 0.

    Vocabularies are sorted; the postings of term i are ``[starts[i]:starts[i + 1]]``.
    """

    #: Per doc: PMID, version, seconds since 1970 from which it counts (ALWAYS when unknown)
    pmids: Int64
    versions: Int64
    valid_from: Int64
    #: Per doc and date field: proleptic ordinal, 0 for none
    dates: Int32
    #: PMIDs the file deletes, and when
    deleted_pmids: Int64
    deleted_at: Int64
    words: list[str]
    word_starts: Int64
    word_postings: Int64
    word_places: UInt8
    keys: list[str]
    key_starts: Int64
    key_docs: Int32
    #: Reference lists: doc ``citing_docs[i]`` cites ``cited_pmids[i]``
    cited_pmids: Int64
    citing_docs: Int32
    #: Per doc: what ``sort=Author`` and ``sort=JournalName`` compare
    first_authors: list[str]
    journals: list[str]
    #: zlib-compressed record bytes, back to back; doc i is ``[blob_starts[i]:blob_starts[i + 1]]``
    blob: UInt8
    blob_starts: Int64
    #: Records that could not be parsed and are therefore not served
    n_rejects: int

    def record_bytes(self, doc: int) -> bytes:
        """Return one record exactly as its file holds it."""
        compressed = self.blob[self.blob_starts[doc] : self.blob_starts[doc + 1]]
        return zlib.decompress(compressed.tobytes())

    def word_range(self, word: str, *, is_prefix: bool) -> tuple[int, int]:
        """Return the half-open range of postings of *word*, or of every word that begins with it."""
        first = bisect_left(self.words, word)
        if is_prefix:
            # U+10FFFF sorts behind every letter, so it closes the prefix's neighbourhood.
            last = bisect_left(self.words, word + "\U0010ffff")
        else:
            last = first + (first < len(self.words) and self.words[first] == word)
        return int(self.word_starts[first]), int(self.word_starts[last])

    def docs_with_key(self, key: str) -> Int32:
        """Return the docs that carry one exact key."""
        at = bisect_left(self.keys, key)
        if at == len(self.keys) or self.keys[at] != key:
            return np.empty(0, dtype=np.int32)
        return self.key_docs[self.key_starts[at] : self.key_starts[at + 1]]

    def keys_with_prefix(self, prefix: str) -> list[str]:
        """Return the exact keys that begin with *prefix*."""
        return self.keys[bisect_left(self.keys, prefix) : bisect_left(self.keys, prefix + "\U0010ffff")]


class ShardBuilder:
    """Collect records one by one, then ``build`` the index."""

    def __init__(self) -> None:
        """Start empty."""
        self._pmids = array("q")
        self._versions = array("q")
        self._valid_from = array("q")
        self._dates = array("l")
        self._deleted_pmids = array("q")
        self._deleted_at = array("q")
        self._word_ids: defaultdict[str, int] = defaultdict(count().__next__)
        self._tokens = array("i")
        # One entry per segment: its first posting, its length and its place.
        self._segment_starts = array("q")
        self._segment_lengths = array("q")
        self._segment_places = array("B")
        self._key_ids: defaultdict[str, int] = defaultdict(count().__next__)
        self._key_of = array("i")
        self._key_docs = array("i")
        self._cited_pmids = array("q")
        self._citing_docs = array("i")
        self._first_authors: list[str] = []
        self._journals: list[str] = []
        self._blob = bytearray()
        self._blob_starts = array("q", [0])
        self._n_rejects = 0
        self._latest = ALWAYS

    def add(self, article: Article, data: bytes, valid_from: datetime | None) -> None:
        """Add one record version with its bytes."""
        doc = len(self._pmids)
        seconds = ALWAYS if valid_from is None else int(valid_from.timestamp())
        self._latest = max(self._latest, seconds)
        self._pmids.append(article.pmid)
        self._versions.append(article.pmid_version)
        self._valid_from.append(seconds)
        dates = search_dates(article)
        self._dates.extend(_ordinal(getattr(dates, name)) for name in DATE_FIELDS)
        self._add_words(doc, article)
        for key in dict.fromkeys(exact_keys(article)):
            self._key_of.append(self._key_ids[key])
            self._key_docs.append(doc)
        for cited in cited_pmids(article):
            self._cited_pmids.append(cited)
            self._citing_docs.append(doc)
        first = article.authors[0] if article.authors else None
        self._first_authors.append(key_text((first.last_name or first.collective_name or "") if first else ""))
        self._journals.append(key_text(article.journal.medline_ta or "") if article.journal else "")
        self._blob += zlib.compress(data, _COMPRESSION)
        self._blob_starts.append(len(self._blob))

    def delete(self, pmid: int, at: datetime | None) -> None:
        """Note that *pmid* is deleted, at an instant or (None) with the newest record of the file."""
        self._deleted_pmids.append(pmid)
        self._deleted_at.append(ALWAYS if at is None else int(at.timestamp()))

    def reject(self) -> None:
        """Count a record that could not be parsed."""
        self._n_rejects += 1

    def _add_words(self, doc: int, article: Article) -> None:
        position = 0
        for place, text in text_segments(article):
            tokens = words(text)
            self._tokens.extend(map(self._word_ids.__getitem__, tokens))
            self._segment_starts.append((doc << POSITION_BITS) | position)
            self._segment_lengths.append(len(tokens))
            self._segment_places.append(place)
            position += len(tokens) + SEGMENT_GAP

    def build(self) -> Shard:
        """Return the finished index; the builder is spent afterwards."""
        word_list, word_starts, order = _invert(self._word_ids, _int32(self._tokens))
        lengths = _int64(self._segment_lengths)
        postings = _expand(_int64(self._segment_starts), lengths)[order]
        places = np.repeat(_uint8(self._segment_places), lengths)[order]
        key_list, key_starts, key_order = _invert(self._key_ids, _int32(self._key_of))
        deleted_at = _int64(self._deleted_at).copy()
        # A plain DeleteCitation names no day: it counts from the file's newest record on.
        deleted_at[deleted_at == ALWAYS] = self._latest
        return Shard(
            pmids=_int64(self._pmids),
            versions=_int64(self._versions),
            valid_from=_int64(self._valid_from),
            dates=np.array(self._dates, dtype=np.int32).reshape(-1, len(DATE_FIELDS)),
            deleted_pmids=_int64(self._deleted_pmids),
            deleted_at=deleted_at,
            words=word_list,
            word_starts=word_starts,
            word_postings=postings,
            word_places=places,
            keys=key_list,
            key_starts=key_starts,
            key_docs=_int32(self._key_docs)[key_order],
            cited_pmids=_int64(self._cited_pmids),
            citing_docs=_int32(self._citing_docs),
            first_authors=self._first_authors,
            journals=self._journals,
            blob=np.frombuffer(bytes(self._blob), dtype=np.uint8),
            blob_starts=_int64(self._blob_starts),
            n_rejects=self._n_rejects,
        )


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _int64(values: array[int]) -> Int64:
    return np.frombuffer(values.tobytes(), dtype=np.int64) if len(values) else np.empty(0, dtype=np.int64)


def _int32(values: array[int]) -> Int32:
    return np.frombuffer(values.tobytes(), dtype=np.int32) if len(values) else np.empty(0, dtype=np.int32)


def _uint8(values: array[int]) -> UInt8:
    return np.frombuffer(values.tobytes(), dtype=np.uint8) if len(values) else np.empty(0, dtype=np.uint8)


def _expand(starts: Int64, lengths: Int64) -> Int64:
    """Return start, start + 1, … for every segment, *lengths* of them, back to back."""
    total = int(lengths.sum())
    firsts = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return firsts + np.arange(total, dtype=np.int64)


def _invert(ids: dict[str, int], tokens: Int32) -> tuple[list[str], Int64, Int64]:
    """
    Return the sorted vocabulary, where each term's postings start, and the order that groups them.

    The order is stable, so postings stay ascending within a term.
    """
    vocabulary = sorted(ids)
    rank = np.empty(len(vocabulary), dtype=np.int32)
    rank[[ids[term] for term in vocabulary]] = np.arange(len(vocabulary), dtype=np.int32)
    ranked = rank[tokens]
    starts = np.zeros(len(vocabulary) + 1, dtype=np.int64)
    np.cumsum(np.bincount(ranked, minlength=len(vocabulary)), out=starts[1:])
    return vocabulary, starts, np.argsort(ranked, kind="stable")
