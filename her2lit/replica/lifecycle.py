"""The synthetic life-cycle records that ship with her2lit."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def lifecycle_corpus_file() -> Path:
    """
    Return the file of self-written records, each titled "[SYNTHETIC DEMO RECORD]", PMIDs from 990000001.

    They tell, between 2021-06-02 and 2021-06-08, what one update file cannot show: a late indexing, a
    correction, a retraction, a back-dated late addition.
    """
    return Path(str(resources.files("her2lit.replica").joinpath("lifecycle.xml")))


def departures_corpus_file() -> Path:
    """
    Return the self-written records that leave PubMed, PMIDs from 990000011: one for good, one until 9 June 2021.

    A file of its own, because the demo shows what most nights bring, and that is no deletion.
    """
    return Path(str(resources.files("her2lit.replica").joinpath("departures.xml")))
