"""Keep a built index beside the data it came from, in a format that cannot carry code."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from her2lit import __version__
from her2lit.replica.shard import Shard

#: Raise it whenever what ``terms.py`` or ``shard.py`` writes changes.
INDEX_FORMAT = 2
_TEXTS = ("words", "keys", "first_authors", "journals")
_ARRAYS = (
    "pmids",
    "versions",
    "valid_from",
    "dates",
    "deleted_pmids",
    "deleted_at",
    "word_starts",
    "word_postings",
    "word_places",
    "key_starts",
    "key_docs",
    "cited_pmids",
    "citing_docs",
    "blob",
    "blob_starts",
)
_HASH_CHUNK = 1 << 20


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def cache_path(folder: Path, source_sha256: str) -> Path:
    """Return where the index of the file with this hash lies for this version of the code."""
    return folder / f"replica-{source_sha256[:24]}-f{INDEX_FORMAT}-{__version__}.npz"


def save_shard(shard: Shard, folder: Path, source_sha256: str) -> None:
    """Write the index in one step: a reader sees all of it or none, whoever is killed when."""
    folder.mkdir(parents=True, exist_ok=True)
    members: dict[str, Any] = {name: getattr(shard, name) for name in _ARRAYS}
    members |= {name: _pack(getattr(shard, name)) for name in _TEXTS}
    members["about"] = _pack([json.dumps(_about(shard, source_sha256))])
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".replica-", suffix=".part", delete=False) as stream:
        partial = Path(stream.name)
        try:
            np.savez(stream, **members)
            stream.flush()
            os.fsync(stream.fileno())
            partial.replace(cache_path(folder, source_sha256))
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def load_shard(folder: Path, source_sha256: str) -> Shard | None:
    """Return the kept index, or None when there is none that can be read whole."""
    try:
        # Opened here, because numpy leaves a file open that turns out not to be its own.
        with cache_path(folder, source_sha256).open("rb") as stream, np.load(stream, allow_pickle=False) as members:
            about = json.loads(_unpack(members["about"])[0])
            if about["source_sha256"] != source_sha256 or about["format"] != INDEX_FORMAT:
                return None
            parts: dict[str, Any] = {name: members[name] for name in _ARRAYS}
            parts |= {name: _unpack(members[name]) for name in _TEXTS}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        # Missing, cut or foreign: it is only a cache, so build again.
        return None
    return Shard(**parts, n_rejects=about["n_rejects"])


def _about(shard: Shard, source_sha256: str) -> dict[str, Any]:
    return {"format": INDEX_FORMAT, "source_sha256": source_sha256, "n_rejects": shard.n_rejects}


def _pack(lines: list[str]) -> npt.NDArray[np.uint8]:
    """Return texts without line breaks as one array of UTF-8 bytes, each closed by a line feed."""
    return np.frombuffer("".join(f"{line}\n" for line in lines).encode(), dtype=np.uint8)


def _unpack(data: npt.NDArray[np.uint8]) -> list[str]:
    return data.tobytes().decode().split("\n")[:-1]
