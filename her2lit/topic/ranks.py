"""The evidence rank's parts and the machine levels of ``evidence.toml``, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.cues import DESIGNS
from her2lit.topic.roles import ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTable:
    """What each part of the evidence rank is worth; the best of all parts together make 100."""

    design: Mapping[str, int]
    setting: Mapping[str, int]
    role: Mapping[str, int]
    other_drug: int
    secondary: int
    #: (least number of patients, points), greatest first
    n: tuple[tuple[int, int], ...]
    #: (first year, points), latest first
    recency: tuple[tuple[int, int], ...]
    #: framework -> design -> level, labelled "machine" wherever shown
    levels: Mapping[str, Mapping[str, str]]


def read_ranks(data: Mapping[str, Any], file: str) -> RankTable:
    """
    Read and check the rank tables of *file*.

    Raises:
        TopicError: A design, setting or role is missing or unknown, or the best parts exceed 100.
    """
    rank, levels = data.get("rank", {}), data.get("levels", {})
    wanted = {"design": set(DESIGNS), "setting": {"metastatic", "early", "none"}, "role": set(ROLES)}
    for key, names in wanted.items():
        if set(rank.get(key, {})) != names:
            raise TopicError(f"{file}, [rank] {key}: wants exactly {', '.join(sorted(names))}")
    for framework, table in levels.items():
        if unknown := sorted(set(table) - set(DESIGNS)):
            raise TopicError(f"{file}, [levels.{framework}]: there is no design {unknown[0]!r}")
    steps = {key: tuple((int(a), int(b)) for a, b in rank.get(key, ())) for key in ("n", "recency")}
    best = sum(max(rank[key].values()) for key in wanted) + sum(max(points for _, points in s) for s in steps.values())
    if best > 100:
        raise TopicError(f"{file}, [rank]: the best parts make {best}, more than 100")
    return RankTable(
        design=rank["design"],
        setting=rank["setting"],
        role=rank["role"],
        other_drug=int(rank["other_drug"]),
        secondary=int(rank["secondary"]),
        n=steps["n"],
        recency=steps["recency"],
        levels=levels,
    )
