"""
The journal: one file per run that says what the run was about to load, so that it can be replayed.

Together with the raw archive it holds everything a warehouse is made of: which searches ran, what
they matched, which batches came back and which watermarks were to move. Articles and annotations
are not in it; they are made again from the raw bytes.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import types
import typing
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from her2lit.errors import HomeError
from her2lit.records import NightLoad

#: Bump when a field is added or changes its meaning; an older her2lit then refuses the file instead of misreading it.
FORMAT = 2
#: 1 lacks absences, comparison and pins: their fields have defaults that say "none".
_READABLE = (1, FORMAT)
_SUFFIX = ".json.gz"
_PENDING = ".json.gz.pending"


def write_journal(folder: Path, night: NightLoad) -> Path:
    """
    Write *night* without its articles and annotations into *folder* as a pending journal, atomically.

    Returns:
        ``<run_id>.json.gz.pending``, to be handed to ``confirm_journal`` once the night is loaded. An existing
        one is replaced: a run writes its journal once, just before it loads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stripped = dataclasses.replace(night, articles=(), annotations=())
    text = json.dumps({"format": FORMAT, "night": dataclasses.asdict(stripped)}, default=_plain, ensure_ascii=False)
    path = folder / f"{night.run_id}{_PENDING}"
    temporary = path.with_suffix(f".{os.getpid()}")
    with temporary.open("wb") as file:
        # No time stamp inside: the same night gives the same bytes.
        file.write(gzip.compress(text.encode(), mtime=0))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return path


def confirm_journal(pending: Path) -> Path:
    """Note that the run of a pending journal was loaded, and return its journal, ``<run_id>.json.gz``."""
    return pending.replace(pending.with_name(f"{run_of(pending)}{_SUFFIX}"))


def settle_journals(folder: Path, loaded_runs: Collection[str]) -> None:
    """
    Confirm the pending journals of runs that were loaded after all, and remove those of runs that never were.

    Only whoever holds the writer's lock may call this: the journal of a run under way is pending too.

    Args:
        loaded_runs: Runs whose load the warehouse holds.
    """
    for path in journal_paths(folder):
        if not is_pending(path):
            continue
        if run_of(path) in loaded_runs:
            confirm_journal(path)
        else:
            path.unlink()


def is_pending(path: Path) -> bool:
    """Return whether *path* is the journal of a run of which nobody noted that it was loaded."""
    return path.name.endswith(_PENDING)


def run_of(path: Path) -> str:
    """Return the run a journal belongs to, e.g. "2021-06-07.1"."""
    return path.name.removesuffix(".pending").removesuffix(_SUFFIX)


def read_journal(path: Path) -> NightLoad:
    """
    Read what ``write_journal`` wrote; articles and annotations are empty.

    Raises:
        HomeError: The file is missing, damaged, or of a newer her2lit.
    """
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
    except FileNotFoundError as error:
        raise HomeError(
            f"There is no journal {path.name} in {path.parent}. `her2lit status` lists the runs."
        ) from error
    except (OSError, EOFError, ValueError) as error:
        raise HomeError(f"The journal {path} is damaged ({error}); restore it from a backup.") from error
    if content.get("format") not in _READABLE:
        raise HomeError(
            f"The journal {path} has format {content.get('format')}; this her2lit reads {FORMAT}. Upgrade it."
        )
    night: NightLoad = _rebuild(NightLoad, content["night"])
    return night


def journal_paths(folder: Path) -> tuple[Path, ...]:
    """Return every run's journal, pending ones too, oldest run first (by label, then by attempt)."""
    paths = [*folder.glob(f"*{_SUFFIX}"), *folder.glob(f"*{_PENDING}")]
    return tuple(sorted(paths, key=lambda path: _run_order(run_of(path))))


def _run_order(run_id: str) -> tuple[str, int]:
    label, _, attempt = run_id.rpartition(".")
    return label, int(attempt) if attempt.isdigit() else 0


def _plain(value: object) -> str:
    if isinstance(value, date):  # and datetime, which is one
        return value.isoformat()
    raise TypeError(f"a journal holds no {type(value).__name__}")


def _rebuild(kind: Any, value: Any) -> Any:
    """Turn plain JSON back into the record, tuple or date that *kind*, a type annotation, asks for."""
    if value is None:
        return None
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (argument for argument in get_args(kind) if argument is not type(None))
    if get_origin(kind) is tuple:
        return _rebuild_tuple(get_args(kind), value)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return typing.cast("type", kind)(**{name: _rebuild(hints[name], item) for name, item in value.items()})
    return kind.fromisoformat(value) if kind in (date, datetime) else value


def _rebuild_tuple(kinds: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(values)
    return tuple(_rebuild(kind, value) for kind, value in zip(kinds, values, strict=True))
