"""What the raw archive holds, which run needs it, and what can go. Plain functions, no Prefect."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.lock import writer_lock
from her2lit.clock import Clock, night_label
from her2lit.home import Home
from her2lit.journal import journal_paths, read_journal
from her2lit.pubmed.archive import Pruned, RawArchive
from her2lit.records import NightLoad

#: Batches that no journal names come from runs that were killed; they are kept so long in case somebody looks.
UNCLAIMED_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRun:
    """One journaled run and its raw replies."""

    run_id: str
    n_batches: int
    n_pmids: int
    #: Compressed, of the batches that no earlier run brought
    n_bytes: int
    #: Batches that are not there any more: the run cannot be replayed
    n_lacking: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RawListing:
    """The raw archive by run."""

    #: Oldest first
    runs: tuple[RawRun, ...]
    #: Batches that no journal names, and their compressed bytes
    n_unclaimed: int
    n_unclaimed_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What pruning removes, and what can no longer be replayed afterwards."""

    pruned: Pruned
    #: Runs that lose batches, oldest first
    lost_runs: tuple[str, ...]


def list_raw(home: Home) -> RawListing:
    """
    Return what the raw archive holds for each journaled run.

    Raises:
        HomeError: A journal is damaged.
    """
    archive = RawArchive(home.raw)
    sizes = {digest: archive.size_of(digest) for digest in archive.hashes()}
    seen: set[str] = set()
    runs = []
    for night in _nights(home):
        named = {batch.batch_sha256 for batch in night.batches}
        runs.append(
            RawRun(
                run_id=night.run_id,
                n_batches=len(night.batches),
                n_pmids=sum(len(batch.pmids) for batch in night.batches),
                n_bytes=sum(sizes.get(digest, 0) for digest in named - seen),
                n_lacking=len(named - sizes.keys()),
            )
        )
        seen |= named
    unclaimed = sizes.keys() - seen
    return RawListing(
        runs=tuple(runs), n_unclaimed=len(unclaimed), n_unclaimed_bytes=sum(sizes[digest] for digest in unclaimed)
    )


def prune_raw(home: Home, clock: Clock, *, keep_days: int | None, dry_run: bool) -> Pruning:
    """
    Remove raw replies: those that no run needs, and with *keep_days* those that only older runs need.

    Args:
        keep_days: Runs of the last so many days keep theirs; None keeps whatever a replay needs.
        dry_run: Only say what would go.

    Raises:
        WarehouseLocked: A run is at work, whose batches no journal names yet.
        HomeError: A journal is damaged: what it needs cannot be known.
    """
    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(writer_lock(home))
        nights = tuple(_nights(home))
        now = clock.now()
        kept_nights = nights
        if keep_days is not None:
            first = night_label(now) - timedelta(days=keep_days)
            kept_nights = tuple(night for night in nights if night.label >= first)
        kept = _batches(kept_nights)
        archive = RawArchive(home.raw)
        pruned = archive.prune(older_than=_youngest(now, keep_days), keep=kept, dry_run=dry_run)
        gone = frozenset(pruned.batch_sha256s)
        lost = (night.run_id for night in nights if gone.intersection(_batches((night,))))
        return Pruning(pruned=pruned, lost_runs=tuple(lost))


def lacking_batches(home: Home, nights: Iterable[NightLoad]) -> dict[str, int]:
    """Return, for each run of *nights* that cannot be replayed, how many of its raw batches are not there."""
    there = frozenset(RawArchive(home.raw).hashes())
    lacking = {night.run_id: len(_batches((night,)) - there) for night in nights}
    return {run_id: n for run_id, n in lacking.items() if n}


def _nights(home: Home) -> Iterable[NightLoad]:
    return (read_journal(path) for path in journal_paths(home.journal))


def _batches(nights: Iterable[NightLoad]) -> frozenset[str]:
    return frozenset(batch.batch_sha256 for night in nights for batch in night.batches)


def _youngest(now: datetime, keep_days: int | None) -> datetime:
    days = UNCLAIMED_DAYS if keep_days is None else min(UNCLAIMED_DAYS, keep_days)
    return now - timedelta(days=days)
