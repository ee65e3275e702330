"""
Raw replies, kept: compressed, addressed by hash, each with the requests that brought it.

Any night can be parsed, annotated and loaded again from here without asking NCBI.

    <root>/<first 2 hex>/<sha256>.xml.gz     the bytes as received, decompressed, then gzipped by us
    <root>/<first 2 hex>/<sha256>.json       when, for which PMIDs, with which parameters
"""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from her2lit.errors import ArchiveDamaged
from her2lit.records import BatchRef

#: Parameters that say who we are; they are never written down.
_SECRET_PARAMETERS = frozenset({"api_key", "email"})
#: An empty set comes back for many different requests; this many of them are kept.
_MAX_REQUESTS_KEPT = 20
_NAME = re.compile(r"[0-9a-f]{64}\.xml\.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What pruning removed, or would remove."""

    batch_sha256s: tuple[str, ...]
    n_bytes: int


class RawArchive:
    """The raw replies under *root*; several processes may store at once, nothing is ever rewritten."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def store(
        self,
        body: bytes,
        *,
        pmids: Iterable[int],
        request: Mapping[str, str],
        fetched_at: datetime,
        phid: str | None = None,
    ) -> BatchRef:
        """
        Keep *body* and note the request that brought it; storing the same twice changes nothing.

        Args:
            phid: NCBI's handle of the request, for their support.
        """
        digest = sha256(body).hexdigest()
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file():
            # Without name and time inside, the same bytes always make the same file.
            _write_atomically(path, gzip.compress(body, compresslevel=6, mtime=0))
        asked = tuple(pmids)
        self._note(path.with_name(f"{digest}.json"), asked, request, fetched_at, phid)
        return BatchRef(batch_sha256=digest, pmids=asked, fetched_at=fetched_at)

    def read(self, batch_sha256: str) -> bytes:
        """
        Return the bytes stored under *batch_sha256*.

        Raises:
            ArchiveDamaged: Not there, unreadable, or no longer the bytes of that hash.
        """
        path = self._path(batch_sha256)
        try:
            body = gzip.decompress(path.read_bytes())
        except FileNotFoundError as error:
            raise ArchiveDamaged(
                f"Raw batch {batch_sha256} is not in {self._root}: pruned, or another home."
            ) from error
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveDamaged(
                f"Raw batch {batch_sha256} cannot be read ({error}). Restore {path.name} from a backup."
            ) from error
        if sha256(body).hexdigest() != batch_sha256:
            raise ArchiveDamaged(f"Raw batch {batch_sha256} holds other bytes. Restore {path.name} from a backup.")
        return body

    def requests(self, batch_sha256: str) -> tuple[dict[str, Any], ...]:
        """Return the notes on the requests that brought a batch, oldest first; empty when there are none."""
        return _read_notes(self._path(batch_sha256).with_name(f"{batch_sha256}.json"))

    def hashes(self) -> Iterator[str]:
        """Yield the hash of every stored batch, sorted."""
        for path in sorted(self._root.glob("??/*.xml.gz")):
            if _NAME.fullmatch(path.name):
                yield path.name.removesuffix(".xml.gz")

    def size_of(self, batch_sha256: str) -> int:
        """Return the compressed bytes of a stored batch, its notes included; 0 when it is not there."""
        path = self._path(batch_sha256)
        files = (path, path.with_name(f"{batch_sha256}.json"))
        return sum(file.stat().st_size for file in files if file.is_file()) if path.is_file() else 0

    def prune(self, *, older_than: datetime, keep: Iterable[str] = (), dry_run: bool) -> Pruned:
        """
        Remove batches whose every request is older than *older_than*; a batch without notes stays.

        Args:
            keep: Hashes that stay whatever their age, e.g. those that current record versions came from.
            dry_run: Only say what would go.
        """
        kept = frozenset(keep)
        gone: list[str] = []
        n_bytes = 0
        for digest in tuple(self.hashes()):
            times = [datetime.fromisoformat(str(note["fetched_at"])) for note in self.requests(digest)]
            if digest in kept or not times or max(times) >= older_than:
                continue
            path = self._path(digest)
            notes = path.with_name(f"{digest}.json")
            n_bytes += self.size_of(digest)
            gone.append(digest)
            if not dry_run:
                path.unlink()
                notes.unlink()
        return Pruned(batch_sha256s=tuple(gone), n_bytes=n_bytes)

    def _path(self, batch_sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", batch_sha256):
            raise ArchiveDamaged(f"{batch_sha256!r} is no SHA-256 of a raw batch.")
        return self._root / batch_sha256[:2] / f"{batch_sha256}.xml.gz"

    def _note(
        self, path: Path, pmids: tuple[int, ...], request: Mapping[str, str], fetched_at: datetime, phid: str | None
    ) -> None:
        parameters = {name: value for name, value in request.items() if name not in _SECRET_PARAMETERS | {"id"}}
        notes = _read_notes(path)
        if any(note["pmids"] == list(pmids) and note["request"] == parameters for note in notes):
            return
        note = {"fetched_at": fetched_at.isoformat(), "pmids": list(pmids), "request": parameters, "phid": phid}
        text = json.dumps([*notes, note][-_MAX_REQUESTS_KEPT:], sort_keys=True) + "\n"
        _write_atomically(path, text.encode("utf-8"))


def _read_notes(path: Path) -> tuple[dict[str, Any], ...]:
    try:
        return tuple(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except ValueError:
        # The notes are a convenience, the bytes are what counts; a broken note is written anew.
        return ()


def _write_atomically(path: Path, content: bytes) -> None:
    """Write *content* so that the file is either whole or not there, even after a power cut."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
