"""One transaction: all of a block's statements, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did; on any error, also one of the COMMIT itself, nothing of it stays."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A COMMIT that failed, e.g. on a full disk, has ended the transaction already: the first error counts.
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
