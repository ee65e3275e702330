"""The home folder: one place that holds everything her2lit keeps, and how it is laid out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from her2lit.errors import HomeError

#: A folder is a home when it holds this file; a foreign folder is never written to.
MARKER = ".her2lit-home"
#: Beside it in a home that holds the demo's synthetic records; no real night may join them.
DEMO_MARKER = ".her2lit-demo"
_MARKER_TEXT = "This folder is a her2lit home. Delete the whole folder to remove everything in it.\n"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of one home. Nothing is created until ``open_home`` says so."""

    root: Path

    @property
    def warehouse(self) -> Path:
        """The writer's DuckDB file; analysts read ``published`` instead."""
        return self.root / "warehouse.duckdb"

    @property
    def private(self) -> Path:
        """Subscribers, tokens, delivery claims; mode 0600; never copied anywhere."""
        return self.root / "private.duckdb"

    @property
    def raw(self) -> Path:
        """Raw replies, compressed, by hash."""
        return self.root / "raw"

    @property
    def journal(self) -> Path:
        """One file per run beside the raw replies: what it was about to load."""
        return self.raw / "runs"

    @property
    def published(self) -> Path:
        """The snapshot for analysts: her2lit.duckdb, manifest.json, parquet/."""
        return self.root / "published"

    @property
    def published_database(self) -> Path:
        """The published DuckDB file."""
        return self.published / "her2lit.duckdb"

    @property
    def outbox(self) -> Path:
        """The file mailbox: mails as .eml files."""
        return self.root / "outbox"

    @property
    def site(self) -> Path:
        """Static pages."""
        return self.root / "site"

    @property
    def logs(self) -> Path:
        """One log file per run."""
        return self.root / "logs"

    @property
    def prefect(self) -> Path:
        """PREFECT_HOME; the user's own Prefect profile is never touched."""
        return self.root / "prefect"

    @property
    def cache(self) -> Path:
        """What can be made again, e.g. the replica's index by file hash."""
        return self.root / "cache"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.root / ".writer.lock"


def open_home(root: Path, *, create: bool) -> Home:
    """
    Return the home at *root*, made first when *create* and the folder is empty or absent.

    Raises:
        HomeError: The folder is somebody else's, is missing (without *create*), or cannot be written.
    """
    root = root.expanduser().absolute()
    if (root / MARKER).is_file():
        home = Home(root)
    elif not create:
        raise HomeError(
            f"{root} is not a her2lit home. Start one with `her2lit nightly` or `her2lit demo`, or point --home at one."
        )
    else:
        home = _make_home(root)
    if not create:
        return home
    try:
        for folder in (home.raw, home.published, home.outbox, home.site, home.logs, home.prefect, home.cache):
            folder.mkdir(exist_ok=True)
        # Mails carry addresses; what is published is for everybody on this machine.
        home.outbox.chmod(0o700)
    except OSError as error:
        raise HomeError(f"{root} cannot be written: {error.strerror}. Choose another folder with --home.") from error
    return home


def claim_for_demo(home: Home) -> None:
    """
    Note that *home* is a demo's.

    Raises:
        HomeError: It holds real nights, which synthetic records must not join.
    """
    marker = home.root / DEMO_MARKER
    if home.warehouse.exists() and not marker.exists():
        raise HomeError(f"{home.root} holds real nights; the demo's synthetic records do not belong there. Use --out.")
    marker.touch()


def refuse_demo_home(home: Home) -> None:
    """
    Return when *home* is no demo's.

    Raises:
        HomeError: It holds the demo's synthetic records.
    """
    if (home.root / DEMO_MARKER).exists():
        raise HomeError(f"{home.root} is the demo's and holds synthetic records. Choose another home for real nights.")


def _make_home(root: Path) -> Home:
    if root.exists() and not root.is_dir():
        raise HomeError(f"{root} is a file, not a folder. Choose another folder.")
    # A start that was killed may have left its half-written marker behind; that is still ours.
    if root.exists() and any(not entry.name.startswith(MARKER) for entry in root.iterdir()):
        raise HomeError(
            f"{root} holds files that are not her2lit's, so it is left alone. Choose an empty or a new folder."
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        marker = root / MARKER
        temporary = root / (MARKER + f".{os.getpid()}")
        temporary.write_text(_MARKER_TEXT, encoding="utf-8")
        temporary.replace(marker)
    except OSError as error:
        raise HomeError(f"{root} cannot be made: {error.strerror}. Choose another folder.") from error
    return Home(root)
