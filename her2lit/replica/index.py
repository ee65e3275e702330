"""Answer the leaves of a search: which record versions hold a word, a phrase, a key or a date."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
import numpy.typing as npt

from her2lit.replica.corpus import Corpus
from her2lit.replica.shard import DATE_FIELDS, POSITION_BITS, Int64, Shard
from her2lit.replica.terms import Place

Docs = npt.NDArray[np.int64]

#: Leaves kept; the strategies of a watch have some hundreds, asked again every night.
_KEPT_LEAVES = 8_192


class Index:
    """Leaf searches over a corpus; every answer is a sorted array of version numbers, of all times."""

    def __init__(self, corpus: Corpus) -> None:
        """Search *corpus*."""
        self._corpus = corpus
        self._kept: OrderedDict[tuple[object, ...], Docs] = OrderedDict()
        self._lock = threading.Lock()

    def phrase(self, words: tuple[str, ...], places: frozenset[Place], *, is_truncated: bool = False) -> Docs:
        """Return versions that hold *words* side by side; a truncated phrase ends in any longer word."""
        return self._keep(
            ("phrase", words, places, is_truncated),
            lambda shard: _docs(_phrase_positions(shard, words, places, is_truncated=is_truncated)),
        )

    def near(self, words: tuple[str, ...], places: frozenset[Place], distance: int) -> Docs:
        """Return versions that hold all *words*, in any order, with at most *distance* others among them."""
        return self._keep(("near", words, places, distance), lambda shard: _near(shard, words, places, distance))

    def keys(self, keys: Iterable[str]) -> Docs:
        """Return versions that carry any of the exact *keys*."""
        wanted = tuple(keys)
        return self._keep(("keys", wanted), lambda shard: _union([shard.docs_with_key(key) for key in wanted]))

    def key_prefix(self, prefix: str) -> Docs:
        """Return versions that carry an exact key beginning with *prefix*."""
        return self._keep(
            ("prefix", prefix), lambda shard: _union([shard.docs_with_key(k) for k in shard.keys_with_prefix(prefix)])
        )

    def has_key(self, key: str) -> bool:
        """Tell whether any version carries *key*."""
        return any(len(shard.docs_with_key(key)) for shard in self._corpus.shards)

    def dated(self, columns: tuple[str, ...], low: date, high: date) -> Docs:
        """Return versions with any of the date *columns* from *low* to *high*, both included."""
        at = [DATE_FIELDS.index(column) for column in columns]

        def search(shard: Shard) -> Docs:
            dates = shard.dates[:, at]
            return np.flatnonzero(((dates >= low.toordinal()) & (dates <= high.toordinal())).any(axis=1))

        return self._keep(("dated", columns, low, high), search)

    def published_on(self, day: date) -> Docs:
        """Return versions published on *day*; an electronic date later than print does not count."""
        printed, electronic = DATE_FIELDS.index("ppdat"), DATE_FIELDS.index("epdat")
        ordinal = day.toordinal()

        def search(shard: Shard) -> Docs:
            on_paper, online = shard.dates[:, printed], shard.dates[:, electronic]
            counts_online = (online == ordinal) & ((on_paper == 0) | (online <= on_paper))
            return np.flatnonzero((on_paper == ordinal) | counts_online)

        return self._keep(("published", day), search)

    def pmids(self, low: int, high: int) -> Docs:
        """Return versions whose PMID lies from *low* to *high*, both included."""
        return np.flatnonzero((self._corpus.pmids >= low) & (self._corpus.pmids <= high))

    def _keep(self, key: tuple[object, ...], search: Callable[[Shard], Docs]) -> Docs:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        parts = [
            search(shard).astype(np.int64) + offset
            for shard, offset in zip(self._corpus.shards, self._corpus.offsets, strict=False)
        ]
        docs: Docs = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        with self._lock:
            self._kept[key] = docs
            if len(self._kept) > _KEPT_LEAVES:
                self._kept.popitem(last=False)
        return docs


def _positions(shard: Shard, word: str, places: frozenset[Place], *, is_prefix: bool = False) -> Int64:
    """Return the sorted postings of one word at *places*."""
    first, last = shard.word_range(word, is_prefix=is_prefix)
    postings = shard.word_postings[first:last]
    if len(places) < len(Place):
        wanted = np.zeros(256, dtype=np.bool_)
        wanted[[int(place) for place in places]] = True
        postings = postings[wanted[shard.word_places[first:last]]]
    return np.sort(postings) if is_prefix else postings


def _phrase_positions(shard: Shard, words: tuple[str, ...], places: frozenset[Place], *, is_truncated: bool) -> Int64:
    """Return the postings of a phrase's first word."""
    last = len(words) - 1
    starts = [_positions(shard, word, places, is_prefix=is_truncated and i == last) - i for i, word in enumerate(words)]
    starts.sort(key=len)
    found = starts[0]
    for other in starts[1:]:
        if not len(found):
            break
        at = np.searchsorted(other, found)
        at[at == len(other)] = 0
        found = found[other[at] == found] if len(other) else other
    return found


def _near(shard: Shard, words: tuple[str, ...], places: frozenset[Place], distance: int) -> Docs:
    """Return docs where one span of len(words) + distance words holds every word."""
    span = len(words) + distance
    found: Docs | None = None
    by_word = [_positions(shard, word, places) for word in dict.fromkeys(words)]
    # Whichever word comes first, all others must follow within the span.
    for first in by_word:
        fits = np.ones(len(first), dtype=np.bool_)
        for other in by_word:
            fits &= np.searchsorted(other, first + span) > np.searchsorted(other, first)
        docs = _docs(first[fits])
        found = docs if found is None else np.union1d(found, docs)
    return np.empty(0, dtype=np.int64) if found is None else found


def _docs(positions: Int64) -> Docs:
    """Return the docs of sorted postings, each once."""
    docs = positions >> POSITION_BITS
    return docs[np.r_[True, docs[1:] != docs[:-1]]] if len(docs) else docs


def _union(parts: list[npt.NDArray[np.int32]]) -> Docs:
    return np.unique(np.concatenate(parts)).astype(np.int64) if parts else np.empty(0, dtype=np.int64)
