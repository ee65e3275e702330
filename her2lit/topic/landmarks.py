"""The landmark trials of ``landmarks.toml``: acronyms, drugs and papers, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.lexicon import Drug

_PHASES = (None, "1", "1/2", "2", "2/3", "3", "4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A paper of a landmark trial, by its verified PMID: a sentinel a working search must find."""

    pmid: int
    title: str
    journal: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A landmark trial."""

    name: str
    #: Acronyms and study numbers, matched as written
    names: tuple[str, ...]
    is_randomised: bool
    phase: str | None
    drugs: tuple[str, ...]
    nct: str | None
    reports: tuple[Report, ...]


def read_trials(data: Mapping[str, Any], drugs: tuple[Drug, ...], file: str) -> tuple[Trial, ...]:
    """
    Read and check the trials of *file*.

    Raises:
        TopicError: A drug is unknown, an id is malformed, or two trials share a name.
    """
    known = {drug.drug_id for drug in drugs}
    trials = tuple(_read_trial(block, known, file) for block in data.get("trial", ()))
    owner: dict[str, str] = {}
    for trial in trials:
        for name in trial.names:
            if owner.setdefault(name, trial.name) != trial.name:
                raise TopicError(f"{file}, trial {trial.name!r}: {name!r} already names {owner[name]!r}")
    return trials


def _read_trial(block: Mapping[str, Any], known: set[str], file: str) -> Trial:
    where = f"{file}, trial {block.get('name')!r}"
    for key in ("name", "names", "is_randomised", "drugs"):
        if key not in block:
            raise TopicError(f"{where}: the key {key!r} is missing")
    if unknown := sorted(set(block["drugs"]) - known):
        raise TopicError(f"{where}: there is no drug {unknown[0]!r}")
    if block.get("phase") not in _PHASES:
        raise TopicError(f"{where}: phases are {', '.join(str(phase) for phase in _PHASES[1:])}")
    if block.get("nct") and not re.fullmatch(r"NCT\d{8}", block["nct"]):
        raise TopicError(f"{where}: {block['nct']!r} is no ClinicalTrials.gov id")
    return Trial(
        name=block["name"],
        names=tuple(block["names"]),
        is_randomised=block["is_randomised"],
        phase=block.get("phase"),
        drugs=tuple(block["drugs"]),
        nct=block.get("nct"),
        reports=tuple(Report(**report) for report in block.get("reports", ())),
    )
