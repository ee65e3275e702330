"""
Rewrite the writer's file without its dead space.

Updates scattered over a file, and texts that were replaced in the full-text index, leave room behind that
DuckDB reuses but never gives back. A new file is filled beside the old one, compared with it, and put in
its place by one rename: killed at any moment, either the old or the new file is there, whole.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from her2lit.errors import WarehouseDamaged
from warehouse.arrow import one_row
from warehouse.connection import open_unmigrated, sync
from warehouse.contents import TableDigest, table_digests
from warehouse.migrate import migrate
from warehouse.transaction import transaction

#: Share of a file that may be free, and share of postings that may be dead, before it is rewritten.
MAX_FREE = 0.12
MAX_DEAD = 0.2
#: Below so many bytes free space costs nothing worth a rewrite.
MIN_BYTES = 64_000_000
#: Filled by migrate() itself.
_OWN = frozenset({"schema_migrations", "schema_views", "data_dictionary"})
#: What is copied of a table where that is not every row in its order.
_WHAT = {
    "find_documents": "WHERE is_current ORDER BY document_id",
    "find_postings": "WHERE document_id IN (SELECT document_id FROM old.main.find_documents WHERE is_current)"
    " ORDER BY term, document_id",
}


def is_bloated(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the checkpointed file of *connection* has so much dead space that it should be rewritten."""
    size = one_row(
        connection,
        "SELECT block_size * total_blocks, free_blocks / greatest(total_blocks, 1) FROM pragma_database_size()"
        " WHERE database_name = current_database()",
    )
    if size is None or size[0] < MIN_BYTES:
        return False
    dead = one_row(
        connection,
        "SELECT coalesce(sum(n_terms) FILTER (WHERE NOT is_current) / nullif(sum(n_terms), 0), 0) FROM main.find_documents",
    )
    return bool(size[1] > MAX_FREE or (dead is not None and dead[0] > MAX_DEAD))


def compact(path: Path, digests: tuple[TableDigest, ...]) -> tuple[TableDigest, ...] | None:
    """
    Rewrite the closed and checkpointed file at *path*; return its digests, or None when the disk has no room for a second.

    Args:
        digests: What the file says; the new one must say the same.

    Raises:
        WarehouseDamaged: The new file says something else; the old one stays.
    """
    new = path.with_name(f".{path.name}.compact")
    _remove(new)
    if shutil.disk_usage(path.parent).free < 1.2 * path.stat().st_size:
        return None
    try:
        with open_unmigrated(new) as connection:
            migrate(connection)
            quoted = str(path).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
            with transaction(connection):
                _copy_tables(connection)
            connection.execute("DETACH old")
            rewritten = table_digests(connection)
            if _said(rewritten) != _said(digests):
                raise WarehouseDamaged(
                    f"The compacted copy of {path} does not say what it says. The old file stays; check the disk."
                )
            connection.execute("CHECKPOINT")
        sync(new)
        new.replace(path)
        sync(path.parent)
    finally:
        _remove(new)
    return rewritten


def _copy_tables(connection: duckdb.DuckDBPyConnection) -> None:
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND schema_name = 'main' ORDER BY 1"
    ).fetchall()
    for (table,) in tables:
        if table not in _OWN:
            connection.execute(f'DELETE FROM main."{table}"')
            connection.execute(
                f'INSERT INTO main."{table}" BY NAME SELECT * FROM old.main."{table}" {_WHAT.get(table, "")}'
            )


def _said(digests: tuple[TableDigest, ...]) -> dict[str, str]:
    """Return table -> digest: the number of rows may fall, by dead ones."""
    return {d.table: d.digest for d in digests}


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_name(file.name + ".wal").unlink(missing_ok=True)
