"""
Publish: audits, checkpoint, copy, check, rename. Analysts never open the writer's file.

The published folder holds the snapshot (her2lit.duckdb, mode 0444), manifest.json, parquet/ and
history/ with the last snapshots. A reader that has the old file open keeps reading it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from her2lit.errors import DiskTooFull, WarehouseDamaged, WarehouseError
from warehouse.arrow import utc
from warehouse.audit import require_clean, run_audits
from warehouse.compact import compact, is_bloated
from warehouse.connection import STORAGE_VERSION, open_writer, sync, translate, translated
from warehouse.contents import TableDigest, content_hash, table_digests
from warehouse.migrate import schema_version

SNAPSHOT = "her2lit.duckdb"
MANIFEST = "manifest.json"
PARQUET = "parquet"
HISTORY = "history"
#: Of no use without DuckDB's own macros: not among the Parquet files.
_NOT_IN_PARQUET = frozenset({"find_documents", "find_postings", "find_index"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What manifest.json says about the snapshot beside it."""

    #: Label of the last run in it
    label: date
    #: UTC
    published_at: datetime
    data_as_of: datetime
    schema_version: int
    storage_version: str
    duckdb_version: str
    #: Over all tables but the ledger's: equal content, equal hash
    content_sha256: str
    #: Of the file itself
    file_sha256: str
    file_bytes: int
    #: (table, rows), by name
    row_counts: tuple[tuple[str, int], ...]
    #: (table, SHA-256 of its Parquet file), by name; empty in a manifest of her2lit 0.1
    parquet_sha256: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What publishing did."""

    #: False when the snapshot already said the same and its label was published
    is_replaced: bool
    content_sha256: str
    manifest: Manifest
    #: The writer's file was rewritten without its dead space first
    is_compacted: bool = False


def publish(
    warehouse_path: Path,
    published_dir: Path,
    *,
    label: date,
    published_at: datetime,
    data_as_of: datetime,
    keep: int = 3,
) -> Publication:
    """
    Put a checked copy of the warehouse into *published_dir*, by one rename, unless it is there already.

    Args:
        label: Label of the last run.
        published_at, data_as_of: UTC, without a zone.
        keep: Earlier snapshots kept in history/.

    Raises:
        AuditRefused: An audit failed; the old snapshot stays.
        WarehouseError: The copy failed or differs from its source; the old snapshot stays.
    """
    with translated(warehouse_path), open_writer(warehouse_path) as connection:
        require_clean(run_audits(connection))
        digests = table_digests(connection)
        connection.execute("CHECKPOINT")
        is_too_big = is_bloated(connection)
    content_sha256 = content_hash(digests)
    held = readable_manifest(published_dir)
    if held and held.content_sha256 == content_sha256 and held.label == label and _is_whole(published_dir, held):
        return Publication(is_replaced=False, content_sha256=content_sha256, manifest=held)
    wal = warehouse_path.with_name(warehouse_path.name + ".wal")
    if wal.exists():
        raise WarehouseError(f"{wal} is still there after a checkpoint: another process writes. Nothing was published.")
    try:
        rewritten = compact(warehouse_path, digests) if is_too_big else None
        manifest = _replace_snapshot(
            warehouse_path, published_dir, rewritten or digests, content_sha256,
            label=label, published_at=utc(published_at), data_as_of=utc(data_as_of), keep=keep,
        )  # fmt: skip
    except duckdb.Error as error:
        raise translate(error, published_dir / SNAPSHOT) from error
    except OSError as error:
        kind = DiskTooFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else WarehouseError
        raise kind(
            f"{published_dir} cannot be written: {error.strerror}. The old snapshot stays; free space or fix the folder,"
            " then run again."
        ) from error
    return Publication(
        is_replaced=True, content_sha256=content_sha256, manifest=manifest, is_compacted=rewritten is not None
    )


def readable_manifest(published_dir: Path) -> Manifest | None:
    """Return what *published_dir*'s manifest says; None when there is none, or none that can be read: publish again."""
    try:
        return read_manifest(published_dir)
    except WarehouseDamaged:
        return None


def read_manifest(published_dir: Path) -> Manifest | None:
    """
    Return what *published_dir*'s manifest says; None when nothing has been published.

    Raises:
        WarehouseDamaged: manifest.json is not one of ours.
        WarehouseError: It may not be read.
    """
    try:
        data = json.loads((published_dir / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WarehouseError(
            f"{published_dir / MANIFEST} cannot be read: {error.strerror}. Check its owner and mode."
        ) from error
    except ValueError as error:
        raise WarehouseDamaged(
            f"{published_dir / MANIFEST} is no JSON. The next run publishes again and replaces it."
        ) from error
    try:
        data["label"] = date.fromisoformat(data["label"])
        for key in ("published_at", "data_as_of"):
            data[key] = datetime.fromisoformat(data[key]).replace(tzinfo=None)
        data["row_counts"] = tuple(sorted(data["row_counts"].items()))
        data["parquet_sha256"] = tuple(sorted(data.get("parquet_sha256", {}).items()))
        return Manifest(**data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WarehouseDamaged(
            f"{published_dir / MANIFEST} is not a manifest of her2lit. The next run publishes again and replaces it."
        ) from error


# ---------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------


def _replace_snapshot(
    source: Path,
    folder: Path,
    digests: tuple[TableDigest, ...],
    content_sha256: str,
    *,
    label: date,
    published_at: datetime,
    data_as_of: datetime,
    keep: int,
) -> Manifest:
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    copy = folder / f".{SNAPSHOT}.new"
    parquet = folder / f".{PARQUET}.new"
    try:
        file_sha256 = _copy(source, copy)
        _verify_and_export(copy, digests, parquet)
        copy.chmod(0o444)
        manifest = Manifest(
            label=label, published_at=published_at, data_as_of=data_as_of,
            schema_version=schema_version(), storage_version=STORAGE_VERSION, duckdb_version=duckdb.__version__,
            content_sha256=content_sha256, file_sha256=file_sha256, file_bytes=copy.stat().st_size,
            row_counts=tuple((d.table, d.n_rows) for d in digests),
            parquet_sha256=tuple(sorted((file.stem, _sha256(file)) for file in parquet.iterdir())),
        )  # fmt: skip
        _keep_old(folder, keep)
        # A foreign write-ahead log would be replayed into the new file by DuckDB 1.5.
        (folder / f"{SNAPSHOT}.wal").unlink(missing_ok=True)
        copy.replace(folder / SNAPSHOT)
        _swap_folder(parquet, folder / PARQUET)
        # The manifest comes last: a kill before it makes the next run publish again.
        _write_manifest(folder, manifest)
        sync(folder)
        return manifest
    finally:
        copy.unlink(missing_ok=True)
        shutil.rmtree(parquet, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed publication left behind."""
    for entry in folder.glob(".*.new"):
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for entry in folder.glob(f".{PARQUET}.old*"):
        shutil.rmtree(entry)


def _copy(source: Path, copy: Path) -> str:
    """Copy *source* to *copy*, flushed to disk; return the SHA-256 of what was written."""
    shutil.copyfile(source, copy)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
    return _sha256(copy)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify_and_export(copy: Path, digests: tuple[TableDigest, ...], parquet: Path) -> None:
    """Read the whole copy, compare it with its source, and write each table as a Parquet file."""
    with duckdb.connect(str(copy), read_only=True) as connection:
        if table_digests(connection) != digests:
            raise WarehouseDamaged(
                f"The copy at {copy.parent} does not say what the warehouse says. Nothing was published; check the disk."
            )
        parquet.mkdir()
        for table in _in_parquet(digest.table for digest in digests):
            target = str(parquet / f"{table}.parquet").replace("'", "''")
            connection.execute(f"""COPY main."{table}" TO '{target}' (FORMAT parquet, COMPRESSION zstd)""")


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    """Return whether the snapshot and its Parquet files are byte by byte those that were checked."""
    snapshot = folder / SNAPSHOT
    return (
        snapshot.is_file()
        and snapshot.stat().st_size == manifest.file_bytes
        and _sha256(snapshot) == manifest.file_sha256
        and all(
            (folder / PARQUET / f"{table}.parquet").is_file()
            for table in _in_parquet(t for t, _ in manifest.row_counts)
        )
        and all(_sha256(folder / PARQUET / f"{table}.parquet") == sha256 for table, sha256 in manifest.parquet_sha256)
    )


def _in_parquet(tables: Iterable[str]) -> tuple[str, ...]:
    return tuple(table for table in tables if table not in _NOT_IN_PARQUET)


def _keep_old(folder: Path, keep: int) -> None:
    """Move the snapshot that is being replaced into history/, and drop the oldest beyond *keep*."""
    history = folder / HISTORY
    held = readable_manifest(folder)
    if held and _is_whole(folder, held) and keep > 0:
        stamp = f"{held.label}-{held.published_at:%Y%m%dT%H%M%S}-{held.content_sha256[:8]}"
        history.mkdir(exist_ok=True)
        kept = history / f"{stamp}.duckdb"
        if not kept.exists():
            # A second name for the same file: the published name itself is never absent.
            os.link(folder / SNAPSHOT, kept)
        shutil.copyfile(folder / MANIFEST, history / f"{stamp}.json")
    snapshots = sorted(history.glob("*.duckdb")) if history.is_dir() else []
    for old in snapshots[: max(0, len(snapshots) - keep)]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)


def _swap_folder(new: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.old")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    data = asdict(manifest)
    data["label"] = str(manifest.label)
    for key in ("published_at", "data_as_of"):
        data[key] = f"{data[key].isoformat()}Z"
    data["row_counts"] = dict(manifest.row_counts)
    data["parquet_sha256"] = dict(manifest.parquet_sha256)
    temporary = folder / f".{MANIFEST}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(data, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / MANIFEST)
