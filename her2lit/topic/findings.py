"""What makes a sentence the finding: the weights of ``evidence.toml``, compiled and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.cues import compile_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """Words that make a sentence more or less likely to be the finding."""

    name: str
    pattern: re.Pattern[str]
    weight: float
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWeights:
    """All that weighs in choosing the finding of a record without effect estimates."""

    rules: tuple[FindingRule, ...]
    #: Section -> weight
    sections: Mapping[str, float]
    #: For a sentence that holds all words of the title
    title_share: float
    #: Without labels: for the place of the last sentence but one, growing from the first; for the last
    late: float
    last: float


def read_findings(data: Mapping[str, Any], file: str) -> FindingWeights:
    """
    Read and check the finding weights of *file*.

    Raises:
        TopicError: A weight or key is missing, a pattern does not compile.
    """
    parts = data.get("patterns", {})
    rules = []
    for block in data.get("finding", ()):
        where = f"{file}, finding {block.get('name')!r}"
        for key in ("name", "pattern", "weight", "example"):
            if key not in block:
                raise TopicError(f"{where}: the key {key!r} is missing")
        pattern = compile_pattern(block["pattern"], parts, where)
        rules.append(
            FindingRule(name=block["name"], pattern=pattern, weight=float(block["weight"]), example=block["example"])
        )
    places = data.get("finding_places", {})
    if missing := {"title_share", "late", "last"} - set(places):
        raise TopicError(f"{file}: [finding_places] lacks {min(missing)!r}")
    sections = {name: float(weight) for name, weight in places.items() if name.isupper()}
    return FindingWeights(
        rules=tuple(rules),
        sections=sections,
        title_share=float(places["title_share"]),
        late=float(places["late"]),
        last=float(places["last"]),
    )
