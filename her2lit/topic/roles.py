"""The role rules of ``evidence.toml``, compiled and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.cues import compile_pattern

#: Strongest first: a drug has the strongest role that one of its mentions has.
ROLES = ("studied", "comparator", "prior", "background", "negated")
#: Other words of a list that may stand between a cue and its drug: "a taxane, pertuzumab and …"
_LIST = r"(?:[\w/()+-]+,? (?:(?:and|or|and/or|plus) )?){0,5}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRule:
    """What the words before or after a drug make of it; where both are given both must match."""

    #: "role-03 prior"
    name: str
    role: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    #: Whether the rule says nothing in reviews, guidelines and meta-analyses, where the place of a drug decides
    yields_in_overviews: bool
    example: str
    counterexample: str


def read_roles(data: Mapping[str, Any], file: str) -> tuple[RoleRule, ...]:
    """
    Read and check the role rules of *file*, in order.

    Raises:
        TopicError: A role is unknown, an example lacks its bracketed drug, a pattern does not compile.
    """
    parts = {**data.get("patterns", {}), "LIST": _LIST}
    rules = []
    for number, block in enumerate(data.get("role", ()), start=1):
        where = f"{file}, role number {number} ({block.get('role')!r})"
        if block.get("role") not in ROLES:
            raise TopicError(f"{where}: roles are {', '.join(ROLES)}")
        if not (block.get("before") or block.get("after")):
            raise TopicError(f"{where}: give before, after or both")
        if block.get("in_overviews") not in (None, "by place"):
            raise TopicError(f'{where}: in_overviews is "by place" or absent')
        for key in ("example", "counterexample"):
            if not re.search(r"\[[^\]]+\]", block.get(key, "")):
                raise TopicError(f"{where}: {key} wants a sentence with the drug in square brackets")
        rules.append(
            RoleRule(
                name=f"role-{number:02d} {block['role']}",
                role=block["role"],
                before=compile_pattern(block["before"], parts, where) if block.get("before") else None,
                after=compile_pattern(block["after"], parts, where) if block.get("after") else None,
                yields_in_overviews="in_overviews" in block,
                example=block["example"],
                counterexample=block["counterexample"],
            )
        )
    return tuple(rules)
