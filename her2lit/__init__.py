"""her2lit: new evidence on systemic therapy of metastatic HER2-positive breast cancer, by drug."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    import duckdb

try:
    __version__ = version("her2lit")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"


def open(home: str | PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:  # noqa: A001 - reads as her2lit.open()
    """
    Return a read-only DuckDB connection to the published snapshot, for notebooks.

    Views are found by their bare name: ``her2lit.open().sql("FROM new_evidence").df()``. The
    connection keeps the snapshot it was opened on; open again to see a newer one. Close it when done.

    Args:
        home: A home folder, or a published .duckdb file. Default: HER2LIT_HOME, else the platform's
            user data folder, as on the command line.

    Raises:
        WarehouseError: Nothing has been published there, or the file cannot be opened.
    """
    import os  # noqa: PLC0415 - importing her2lit must stay free of charge
    from pathlib import Path  # noqa: PLC0415

    from her2lit.cli import default_home  # noqa: PLC0415
    from her2lit.home import Home  # noqa: PLC0415
    from warehouse.connection import open_snapshot  # noqa: PLC0415

    chosen = Path(home or os.environ.get("HER2LIT_HOME") or default_home()).expanduser()
    return open_snapshot(chosen if chosen.is_file() else Home(chosen).published_database)
