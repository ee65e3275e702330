"""
Back up a home into one file, and make a home again from it. Plain functions, no Prefect.

The file is a plain tar, readable without her2lit. Its last member lists every other one with its
SHA-256; a backup counts only after it was read back and every hash agreed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from flows.lock import writer_lock
from her2lit import __version__
from her2lit.errors import BackupDamaged, HomeError, UsageError, WarehouseTooNew
from her2lit.home import MARKER, Home
from warehouse.connection import hold_still, read_schema_version, sync
from warehouse.migrate import schema_version

#: The last member of every backup: what is in it.
LISTING = "her2lit-backup.json"
FORMAT = 1
#: What can be made again, belongs to this machine, or is a copy of what is backed up beside it.
LEFT_OUT = ("cache", "prefect", "published/history", "run.json", ".writer.lock")
#: Files and folders that only their owner may read, whatever a backup says.
PRIVATE = ("private.duckdb", "private.duckdb.wal", "outbox")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds, as its listing says."""

    #: UTC, without a zone
    made_at: datetime
    her2lit_version: str
    schema_version: int
    n_files: int
    #: Sum of the files' sizes
    n_bytes: int


# ---------------------------------------------------------------------------------------------
# Backing up
# ---------------------------------------------------------------------------------------------


def back_up(home: Home, target: Path, *, made_at: datetime, say: Callable[[str], None]) -> Backup:
    """
    Write everything *home* needs into the new file *target*, mode 0600, and read it back.

    No run and no digest can write meanwhile. *target* appears under its name only when it is whole.

    Args:
        made_at: UTC, without a zone.

    Raises:
        UsageError: *target* exists, or lies in the home it would be a backup of.
        WarehouseLocked: A run is at work.
        HomeError: Nothing has been loaded yet, or *target* cannot be written.
        BackupDamaged: What was written cannot be read back.
    """
    if target.exists():
        raise UsageError(f"{target} exists already; a backup is a new file. Choose another name.")
    if target.resolve().is_relative_to(home.root.resolve()):
        raise UsageError(f"{target} lies inside the home: it would be lost with it. Choose a place on another disk.")
    if not home.warehouse.is_file():
        raise HomeError(f"{home.root} holds no warehouse yet: there is nothing to back up.")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with ExitStack() as stack:
            stack.enter_context(writer_lock(home))
            for database in (home.warehouse, home.private):
                if database.is_file():
                    stack.enter_context(hold_still(database))
            version = read_schema_version(home.warehouse)
            paths = tuple(files_of(home))
            say(f"writing {len(paths)} files")
            _write(home, paths, partial, made_at=made_at, version=version)
        say("reading it back")
        backup = read_backup(partial)
        partial.rename(target)
        sync(target.parent)
    except OSError as error:
        raise HomeError(f"{target} cannot be written: {error.strerror}. The home is untouched.") from error
    finally:
        partial.unlink(missing_ok=True)
    return backup


def files_of(home: Home) -> Iterator[PurePosixPath]:
    """Yield the files of *home* that a backup holds, by name, relative to its root."""
    # raw/ may be a link to another disk: its files belong to the home all the same.
    for folder, folders, files in os.walk(home.root, followlinks=True):
        relative = Path(folder).relative_to(home.root)
        folders[:] = sorted(name for name in folders if (relative / name).as_posix() not in LEFT_OUT)
        for name in sorted(files):
            path = PurePosixPath((relative / name).as_posix())
            # Half-written files of a killed run begin with a dot and end in ".new"; the next run removes them.
            if path.as_posix() not in LEFT_OUT and not name.endswith((".new", ".partial")):
                yield path


def _write(home: Home, paths: tuple[PurePosixPath, ...], target: Path, *, made_at: datetime, version: int) -> None:
    held: dict[str, dict[str, Any]] = {}
    with _created(target) as file, tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            with (home.root / path).open("rb") as source:
                info = archive.gettarinfo(arcname=path.as_posix(), fileobj=source)
                info.uid = info.gid = 0
                info.uname = info.gname = ""
                # Two names of one file are two files here: nothing in a backup points anywhere.
                info.type, info.linkname = tarfile.REGTYPE, ""
                info.size = os.fstat(source.fileno()).st_size
                hashing = _Hashing(source)
                archive.addfile(info, hashing)
            held[path.as_posix()] = {"sha256": hashing.sha256.hexdigest(), "bytes": info.size}
        listing = {
            "format": FORMAT,
            "made_at": f"{made_at.isoformat()}Z",
            "her2lit_version": __version__,
            "schema_version": version,
            "files": held,
        }
        data = json.dumps(listing, indent=1).encode()
        info = tarfile.TarInfo(LISTING)
        info.size, info.mode = len(data), 0o600
        archive.addfile(info, io.BytesIO(data))


@contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    """Make *path* anew, readable by its owner only, and flush it to disk at the end."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


class _Hashing(io.RawIOBase):
    """A file that hashes what is read from it."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.sha256.update(data)
        return data


# ---------------------------------------------------------------------------------------------
# Reading back and restoring
# ---------------------------------------------------------------------------------------------


def read_backup(source: Path) -> Backup:
    """
    Read all of *source*, compare every file with its hash and return what it holds; nothing is written.

    Raises:
        BackupDamaged: It is no backup of her2lit, incomplete, or a file in it differs from its hash.
        UsageError: There is no such file.
    """
    return _read(source, into=None)


def restore(source: Path, root: Path) -> Backup:
    """
    Make the home at *root* again from the backup *source*.

    Everything is checked while it is written into a folder beside *root*, which takes the name in the end.

    Raises:
        UsageError: There is no such file.
        HomeError: *root* is not empty, or cannot be written.
        BackupDamaged: The backup is; *root* is untouched.
        WarehouseTooNew: A newer her2lit made it; *root* is untouched.
    """
    root = root.expanduser().absolute()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise HomeError(f"{root} is not empty: a backup is restored into a new folder only. Choose another --home.")
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{root.name}.restoring-", dir=root.parent))
        try:
            backup = _read(source, into=folder)
            if backup.schema_version > schema_version():
                raise WarehouseTooNew(
                    f"{source} has schema version {backup.schema_version}, this her2lit writes {schema_version()}. "
                    "Upgrade her2lit (pip install --upgrade her2lit); nothing was restored."
                )
            for database in (Home(folder).warehouse, Home(folder).private):
                if database.is_file():
                    with hold_still(database):
                        pass
            folder.chmod(0o755)
            if root.exists():
                root.rmdir()
            folder.rename(root)
            sync(root.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise HomeError(f"{root} cannot be written: {error.strerror}. Nothing was restored.") from error
    return backup


def _read(source: Path, *, into: Path | None) -> Backup:
    if not source.is_file():
        raise UsageError(f"{source} is not a file. Name the file that `her2lit backup` made.")
    seen: dict[str, dict[str, Any]] = {}
    listing: dict[str, Any] | None = None
    try:
        with tarfile.open(source, mode="r:") as archive:
            for info in archive:
                member = archive.extractfile(info) if info.isreg() else None
                if member is None or listing is not None:
                    raise BackupDamaged(f"{source} holds {info.name!r}, which no backup of her2lit does.")
                if info.name == LISTING:
                    listing = json.load(member)
                    continue
                target = into / _checked(info.name, source) if into else None
                seen[info.name] = {"sha256": _take(member, target, info.mode), "bytes": info.size}
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise BackupDamaged(f"{source} cannot be read as a backup: {error}. Take another backup.") from error
    return _agreed(source, listing, seen)


def _agreed(source: Path, listing: dict[str, Any] | None, seen: dict[str, dict[str, Any]]) -> Backup:
    """Return what *listing* says when it agrees with what was *seen*."""
    if listing is None:
        raise BackupDamaged(f"{source} ends before its listing: it was cut short. Take another backup.")
    try:
        files, made_at = listing["files"], datetime.fromisoformat(listing["made_at"]).replace(tzinfo=None)
        if listing["format"] != FORMAT:
            raise WarehouseTooNew(
                f"{source} is a backup of format {listing['format']!r}. Upgrade her2lit to restore it."
            )
        backup = Backup(
            made_at=made_at,
            her2lit_version=listing["her2lit_version"],
            schema_version=int(listing["schema_version"]),
            n_files=len(files),
            n_bytes=sum(held["bytes"] for held in files.values()),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupDamaged(f"{source} has a listing that cannot be read. Take another backup.") from error
    differing = sorted(name for name in files.keys() | seen.keys() if files.get(name) != seen.get(name))
    if differing or MARKER not in seen:
        raise BackupDamaged(
            f"{source} is damaged: {differing[:3] or MARKER} differ from its listing. Take another backup."
        )
    return backup


def _checked(name: str, source: Path) -> PurePosixPath:
    """Return *name* as a path below the home; what a stranger's file could aim elsewhere is refused."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name:
        raise BackupDamaged(f"{source} names {name!r}, a place outside the home. It is no backup of her2lit.")
    return path


def _take(member: IO[bytes], target: Path | None, mode: int) -> str:
    """Read *member*, write it to *target* if there is one, and return its SHA-256."""
    sha256 = hashlib.sha256()
    with ExitStack() as stack:
        file = stack.enter_context(_created_below(target)) if target else None
        while chunk := member.read(_CHUNK):
            sha256.update(chunk)
            if file:
                file.write(chunk)
    if target:
        target.chmod(0o600 if target.name in PRIVATE else stat.S_IMODE(mode) & 0o755)
    return sha256.hexdigest()


@contextmanager
def _created_below(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent.name in PRIVATE:
        path.parent.chmod(0o700)
    with _created(path) as file:
        yield file
