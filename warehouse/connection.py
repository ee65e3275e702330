"""Open a warehouse: one writer, or a locked-down snapshot; DuckDB's errors become ours here."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from her2lit.errors import (
    DiskTooFull,
    WarehouseDamaged,
    WarehouseError,
    WarehouseLocked,
    WarehouseTooNew,
)
from warehouse.migrate import migrate, schema_version
from warehouse.postings import bring_up_to_date

#: Read by DuckDB 1.4 and later; it sticks to the file, also when 2.0 writes to it.
STORAGE_VERSION = "v1.4.0"
#: Extensions are never fetched: everything needed is linked into the wheel.
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_WRITER_CONFIG = {**_OFFLINE, "storage_compatibility_version": STORAGE_VERSION}

#: Words of DuckDB's messages -> our error and what to do; first match wins (wording of 1.5.6 and 2.0.0).
_TRANSLATIONS: tuple[tuple[str, type[WarehouseError], str], ...] = (
    (
        "could not set lock",
        WarehouseLocked,
        "Another process has {path} open. Wait for it (see `her2lit status`) or stop it.",
    ),
    (
        "no space left",
        DiskTooFull,
        "The disk of {path} is full. Free some space, then run again; what was stored is intact.",
    ),
    (
        "version number",
        WarehouseTooNew,
        "{path} was written by a newer DuckDB. Upgrade her2lit, or publish it again from there.",
    ),
    (
        "not a valid duckdb",
        WarehouseDamaged,
        "{path} is not a DuckDB file. Restore it from a backup or a published snapshot.",
    ),
    (
        "corrupt",
        WarehouseDamaged,
        "{path} is damaged. Restore it from a backup or a published snapshot, or load again from raw/.",
    ),
    (
        "checksum",
        WarehouseDamaged,
        "{path} is damaged. Restore it from a backup or a published snapshot, or load again from raw/.",
    ),
    (
        "could not read enough",
        WarehouseDamaged,
        "{path} was cut short. Restore it from a backup or a published snapshot.",
    ),
    (
        "deserialize",
        WarehouseDamaged,
        "{path} is damaged. Restore it from a backup or a published snapshot, or load again from raw/.",
    ),
    (
        "replaying wal",
        WarehouseDamaged,
        "{path} has a write-ahead log that does not belong to it. Move {path}.wal away, then try again.",
    ),
    (
        "permission denied",
        WarehouseError,
        "{path} cannot be written here. Check the owner and the mode of the file and its folder.",
    ),
    ("read-only file system", WarehouseError, "{path} lies on a read-only disk. Choose another folder with --home."),
)


def translate(error: duckdb.Error, path: Path | None) -> WarehouseError:
    """Return our error for DuckDB's *error* about *path*: what is wrong, and what to do."""
    text = str(error)
    for words, kind, advice in _TRANSLATIONS:
        if words in text.lower():
            return kind(advice.format(path=path or "the warehouse") + f"\n(DuckDB: {text.splitlines()[0]})")
    return WarehouseError(f"DuckDB refused work on {path or 'the warehouse'}: {text}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an error of DuckDB about *path* inside the block into one of ours."""
    try:
        yield
    except duckdb.Error as error:
        raise translate(error, path) from error


@contextmanager
def open_unmigrated(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the writer's file at *path* as it is, made empty when needed, and close it at the end; errors as open_writer."""
    with translated(path):
        connection = duckdb.connect(str(path), config=dict(_WRITER_CONFIG))
    try:
        yield connection
    finally:
        connection.close()


def require_current_schema(path: Path) -> None:
    """
    Make sure that opening the file at *path* for writing would change nothing, for whoever must leave it as it is.

    Raises:
        WarehouseError: Its schema is older than ours, or it cannot be read; the message says what to do.
    """
    with translated(path), duckdb.connect(str(path), read_only=True, config=dict(_OFFLINE)) as connection:
        [(held,)] = connection.execute("SELECT max(version) FROM schema_migrations").fetchall()
    if held < schema_version():
        raise WarehouseError(
            f"{path} has schema {held}, this her2lit writes schema {schema_version()}. The next run brings it up to date; "
            "a dry run changes nothing, so run `her2lit nightly` or `her2lit reconcile` first."
        )


@contextmanager
def open_writer(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open the writer's file at *path*, made and migrated when needed, and close it at the end.

    Raises:
        WarehouseLocked: Another process has it open.
        WarehouseTooNew: A newer her2lit or DuckDB wrote it; nothing was changed.
        WarehouseDamaged: It cannot be read.
        DiskTooFull: It has to be migrated and there is no room.
        WarehouseError: The folder cannot be written.
    """
    with open_unmigrated(path) as connection:
        with translated(path):
            migrate(connection)
            bring_up_to_date(connection)
        yield connection


def open_snapshot(path: Path) -> duckdb.DuckDBPyConnection:
    """
    Open the published file at *path* for questions only; the caller closes it.

    The file is attached read-only to a database in memory, so each call sees the newest file and
    nothing of this machine can be read or written by SQL. Names are looked up in out, core, main.

    Raises:
        WarehouseError: There is no such file, or it cannot be opened.
    """
    if not path.is_file():
        raise WarehouseError(
            f"Nothing has been published yet: {path} does not exist. Run `her2lit nightly`, or `her2lit demo` to try it offline."
        )
    connection = duckdb.connect(":memory:", config=dict(_OFFLINE))
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{quoted}' AS her2lit (READ_ONLY)")
        connection.execute("USE her2lit")
        connection.execute("SET search_path = 'her2lit.out,her2lit.core,her2lit.main'")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise translate(error, path) from error
    return connection


@contextmanager
def hold_still(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open the writer's file at *path* for reading only, so that nobody can write to it inside the block.

    Nothing is migrated: file and write-ahead log can be copied together meanwhile.

    Raises:
        WarehouseLocked: A writer has it open.
        WarehouseDamaged: It cannot be read.
    """
    try:
        connection = duckdb.connect(str(path), read_only=True, config=dict(_OFFLINE))
    except duckdb.Error as error:
        raise translate(error, path) from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def open_copy(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open a copy of the writer's file at *path*, migrated when needed; the file itself is only read.

    It is held still no longer than the copying takes: whoever asks long questions of the copy stops no run.

    Raises:
        WarehouseError: There is no such file.
        WarehouseLocked: A writer has it open.
        WarehouseTooNew, WarehouseDamaged: It cannot be read.
        DiskTooFull: There is no room for the copy.
    """
    if not path.is_file():
        raise WarehouseError(f"There is no warehouse {path}. Restore it from a backup, or load again from raw/.")
    with tempfile.TemporaryDirectory(prefix="her2lit-copy-") as folder:
        copy = Path(folder) / path.name
        wal = path.with_name(f"{path.name}.wal")
        try:
            with hold_still(path):
                # The file itself last: closing it lets go of the lock that this process has on it.
                if wal.exists():
                    shutil.copyfile(wal, copy.with_name(wal.name))
                shutil.copyfile(path, copy)
        except OSError as error:
            kind = DiskTooFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else WarehouseError
            raise kind(
                f"{path} cannot be copied to {folder}: {error.strerror}. The file itself is untouched."
            ) from error
        with translated(path), open_writer(copy) as connection:
            yield connection


def read_schema_version(path: Path) -> int:
    """Return the schema version of the warehouse at *path*, as it is; 0 before its first migration."""
    with hold_still(path) as connection:
        try:
            rows = connection.execute("SELECT coalesce(max(version), 0) FROM main.schema_migrations").fetchall()
        except duckdb.CatalogException:
            return 0
    return int(rows[0][0])


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
