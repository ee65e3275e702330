"""The endpoints of ``evidence.toml``, compiled and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.cues import compile_pattern

ENDPOINTS = ("PFS", "OS", "DFS", "IDFS", "EFS", "TTP", "TTF", "RFS", "MFS", "ORR", "CBR", "DCR", "pCR", "DoR", "other")
#: Numbers of "toxicity" count only as ratios; "noise" is what numbers measure that is no outcome.
KINDS = ("survival", "duration", "rate", "other", "toxicity", "noise")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRule:
    """How one endpoint is written and what numbers fit it."""

    endpoint: str
    kind: str
    pattern: re.Pattern[str]
    example: str


def read_endpoints(data: Mapping[str, Any], file: str) -> tuple[EndpointRule, ...]:
    """
    Read and check the endpoints of *file*.

    Raises:
        TopicError: An endpoint or kind is unknown, a key is missing, a pattern does not compile.
    """
    rules = []
    for number, block in enumerate(data.get("endpoint", ()), start=1):
        where = f"{file}, endpoint number {number} ({block.get('endpoint')!r})"
        for key in ("endpoint", "kind", "pattern", "example"):
            if not block.get(key):
                raise TopicError(f"{where}: the key {key!r} is missing")
        if block["endpoint"] not in ENDPOINTS or block["kind"] not in KINDS:
            raise TopicError(f"{where}: endpoints are {', '.join(ENDPOINTS)}; kinds are {', '.join(KINDS)}")
        rules.append(
            EndpointRule(
                endpoint=block["endpoint"],
                kind=block["kind"],
                pattern=compile_pattern(block["pattern"], data.get("patterns", {}), where),
                example=block["example"],
            )
        )
    return tuple(rules)
