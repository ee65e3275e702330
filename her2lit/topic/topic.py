"""What this watch is about, read from the TOML files beside this module and checked."""

from __future__ import annotations

import hashlib
import importlib.resources
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.cues import Cue, DesignRule, FacetRule, FacetRules, read_cues, read_designs, read_facets
from her2lit.topic.endpoints import EndpointRule, read_endpoints
from her2lit.topic.findings import FindingWeights, read_findings
from her2lit.topic.landmarks import Trial, read_trials
from her2lit.topic.lexicon import Drug, Lexicon, Mask, Regimen, read_lexicon
from her2lit.topic.ranks import RankTable, read_ranks
from her2lit.topic.roles import ClassTitle, RoleRule, read_class_titles, read_roles
from her2lit.topic.terms import Strategy, read_strategies

FILES = ("drugs.toml", "strategies.toml", "evidence.toml", "landmarks.toml")

__all__ = [
    "ClassTitle",
    "Cue",
    "DesignRule",
    "Drug",
    "EndpointRule",
    "FacetRule",
    "FacetRules",
    "Mask",
    "Regimen",
    "RoleRule",
    "Strategy",
    "Topic",
    "Trial",
    "load_topic",
    "read_topic",
]


@dataclass(frozen=True, eq=False, kw_only=True)
class Topic:
    """Drugs, strategies and rules of one watch; compared by identity, so that it can key a cache."""

    lexicon: Lexicon
    strategies: tuple[Strategy, ...]
    cues: tuple[Cue, ...]
    #: In order; the first that holds decides
    designs: tuple[DesignRule, ...]
    facets: FacetRules
    endpoints: tuple[EndpointRule, ...]
    trials: tuple[Trial, ...]
    roles: tuple[RoleRule, ...]
    #: How titles name classes of drugs
    class_titles: tuple[ClassTitle, ...]
    findings: FindingWeights
    ranks: RankTable
    #: 16 hex digits over all files: changes with every rule, name or strategy
    version: str

    @property
    def drugs(self) -> tuple[Drug, ...]:
        """Return every drug, in the order of the file."""
        return self.lexicon.drugs

    @cached_property
    def drug_by_id(self) -> dict[str, Drug]:
        """Return the drugs by their id."""
        return {drug.drug_id: drug for drug in self.drugs}

    @property
    def harvest(self) -> Strategy:
        """Return the one strategy that is fetched."""
        return next(strategy for strategy in self.strategies if strategy.kind == "harvest")

    @property
    def provenance(self) -> tuple[Strategy, ...]:
        """Return the strategies that only say why a record was found."""
        return tuple(strategy for strategy in self.strategies if strategy.kind == "provenance")


@lru_cache(maxsize=1)
def load_topic() -> Topic:
    """
    Return the topic that is installed with her2lit, read and checked once per process.

    Raises:
        TopicError: A block is wrong; the message names file and block.
    """
    folder = importlib.resources.files("her2lit.topic")
    return read_topic({name: folder.joinpath(name).read_bytes() for name in FILES})


def read_topic(files: dict[str, bytes]) -> Topic:
    """
    Read and check a topic from the bytes of its files.

    Args:
        files: Content by file name; the names of ``FILES``.

    Raises:
        TopicError: A file is missing or no TOML, or a block is wrong.
    """
    data = {name: _parse(name, files) for name in FILES}
    digest = hashlib.sha256()
    for name in FILES:
        # Line ends may differ by checkout; the version must not.
        digest.update(name.encode() + b"\0" + files[name].replace(b"\r\n", b"\n") + b"\0")
    lexicon = read_lexicon(data["drugs.toml"], "drugs.toml")
    strategies = read_strategies(data["strategies.toml"], lexicon.drugs, "strategies.toml")
    evidence = data["evidence.toml"]
    cues = read_cues(evidence, "evidence.toml")
    return Topic(
        lexicon=lexicon,
        strategies=strategies,
        cues=cues,
        designs=read_designs(evidence, cues, "evidence.toml"),
        facets=read_facets(evidence, "evidence.toml"),
        endpoints=read_endpoints(evidence, "evidence.toml"),
        trials=read_trials(data["landmarks.toml"], lexicon.drugs, "landmarks.toml"),
        roles=read_roles(evidence, "evidence.toml"),
        class_titles=read_class_titles(evidence, frozenset(drug.drug_class for drug in lexicon.drugs), "evidence.toml"),
        findings=read_findings(evidence, "evidence.toml"),
        ranks=read_ranks(evidence, "evidence.toml"),
        version=digest.hexdigest()[:16],
    )


def _parse(name: str, files: dict[str, bytes]) -> dict[str, Any]:
    if name not in files:
        raise TopicError(f"{name} is missing from the topic")
    try:
        return tomllib.loads(files[name].decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TopicError(f"{name} is no TOML: {error}") from error
