"""The lock of a home: one process writes, whatever it writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from her2lit.errors import WarehouseLocked
from her2lit.home import Home

#: `her2lit status` holds the lock for the moment in which it reads the ledger: that must not cost a night.
PATIENCE_S = 3.0


@contextmanager
def writer_lock(home: Home) -> Iterator[None]:
    """
    Hold the writer's lock of *home* for the block; the system lets go of it when a process dies.

    Raises:
        WarehouseLocked: Somebody holds it for longer than a moment: a second run at once is a mistake.
    """
    lock = filelock.FileLock(home.lock)
    try:
        lock.acquire(timeout=PATIENCE_S)
    except filelock.Timeout as error:
        raise WarehouseLocked(
            f"Another her2lit run is writing to {home.root} (see `her2lit status`). Wait for it, or stop it first."
        ) from error
    try:
        yield
    finally:
        lock.release()
