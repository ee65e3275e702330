"""Blocks of records read by several processes at once and handed out in the order of the input."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Any, Self

import pyarrow as pa

from her2lit.errors import ParseError
from her2lit.pubmed.tables import table_schemas
from her2lit.pubmed.xml_tables import Batch, Block, read_block

#: Blocks on their way per worker: one being read, one waiting, so that none is idle and memory stays flat.
_IN_FLIGHT = 2
#: What a worker sends back: the tables that have rows, as Arrow streams, and the rest of the batch.
Packed = tuple[dict[str, bytes], Batch]


class Workers:
    """Processes that read blocks; made once, used for one file after the other."""

    def __init__(self, n_workers: int) -> None:
        """Make *n_workers* processes as soon as there is something to read; with 1, read in this process."""
        self._n_workers = n_workers
        self._pool = _make_pool(n_workers) if n_workers > 1 else None
        self._memory_before = pa.default_memory_pool()

    def __enter__(self) -> Self:
        """Return the workers; they end with the block, and until then Arrow gives back the memory it frees."""
        _give_memory_back()
        return self

    def __exit__(self, *_: object) -> None:
        """End them; what they have not begun is left."""
        pa.set_memory_pool(self._memory_before)
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, blocks: Iterable[Block]) -> Iterator[Batch]:
        """
        Yield the tables of each block, in order; what *blocks* raises comes after what it gave before.

        Raises:
            ParseError: A block's head declares an unknown encoding, or a worker was killed; the next
                input gets new workers.
        """
        if self._pool is None:
            yield from map(read_block, blocks)
            return
        try:
            yield from self._read_in_order(self._pool, blocks)
        except BrokenProcessPool as error:
            self._pool.shutdown(cancel_futures=True)
            self._pool = _make_pool(self._n_workers)
            raise ParseError("a reading process was killed, perhaps for want of memory; use fewer workers") from error

    def _read_in_order(self, pool: ProcessPoolExecutor, blocks: Iterable[Block]) -> Iterator[Batch]:
        pending: deque[Future[Packed]] = deque()
        failure: Exception | None = None
        source = iter(blocks)
        while True:
            try:
                block = next(source, None)
            except (ParseError, OSError) as error:
                failure, block = error, None
            if block is None:
                break
            try:
                pending.append(pool.submit(_read_packed, block))
            except BrokenProcessPool as error:
                failure = error
                break
            if len(pending) >= _IN_FLIGHT * self._n_workers:
                yield _result_of(pending.popleft())
        while pending:
            yield _result_of(pending.popleft())
        if failure is not None:
            raise failure


def _make_pool(n_workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(n_workers, mp_context=_context(), initializer=_begin_worker)


def _give_memory_back() -> None:
    """
    Let Arrow ask the system for memory: its own allocator keeps what was freed, some 40 MB for nothing.

    Blocks come one after the other and are large; the system's allocator is no slower for those.
    """
    pa.set_memory_pool(pa.system_memory_pool())


def _begin_worker() -> None:
    """Tie this worker to the process above: that one answers Ctrl-C for both, and takes this one along when it dies."""
    _give_memory_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # Nobody else would tell: the workers hold both ends of the pipe they wait on.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _context() -> BaseContext:
    """
    Return how processes are made: forked from a small server that has read our modules once.

    A plain fork would copy whatever threads this process has; where there is no server, each
    worker starts afresh.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _read_packed(block: Block) -> Packed:
    batch = read_block(block)
    packed = {name: _pack(table) for name, table in batch.tables.items() if table.num_rows}
    batch.tables = {}
    return packed, batch


def _pack(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _result_of(future: Future[Packed]) -> Batch:
    packed, batch = future.result()
    batch.tables = {name: _unpack(packed.get(name), schema) for name, schema in table_schemas().items()}
    return batch


def _unpack(data: bytes | None, schema: pa.Schema) -> Any:
    return schema.empty_table() if data is None else pa.ipc.open_stream(data).read_all()
