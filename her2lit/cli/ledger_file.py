"""Where the ledger can be read right now: the writer's file while nobody writes, else the published snapshot."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from her2lit.home import Home


def run_at_work(home: Home) -> dict[str, Any] | None:
    """Return what the run at work says of itself; a file whose process is gone is a killed run's."""
    try:
        state = json.loads((home.root / "run.json").read_text(encoding="utf-8"))
        os.kill(int(state["pid"]), 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, KeyError, TypeError):
        return None
    except PermissionError:
        pass  # somebody else's process, but alive
    return dict(state)


@contextmanager
def ledger_file(home: Home) -> Iterator[tuple[str | None, Path | None]]:
    """
    Yield ("warehouse", file) with the writer's lock held, or ("snapshot", file), or (None, None).

    The writer's file knows runs that failed before they published, but is read only while nobody
    writes; a home that is another user's has only its snapshot for us.
    """
    import filelock

    if home.warehouse.is_file() and os.access(home.warehouse, os.R_OK) and run_at_work(home) is None:
        lock = filelock.FileLock(home.lock)
        try:
            lock.acquire(timeout=0)
        except (filelock.Timeout, OSError):
            pass  # a run is at work, or the lock is not ours to take: the snapshot is for everybody
        else:
            try:
                yield "warehouse", home.warehouse
            finally:
                lock.release()
            return
    if home.published_database.is_file():
        yield "snapshot", home.published_database
    else:
        yield None, None
