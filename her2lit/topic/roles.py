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
_LIST = r"(?:(?!(?:were|received?|randomly|randomi[sz]ed|assigned|treated|treatment|surgery|radiotherapy|relapse)\b)[\w/()+-]+(?: \(\d+(?:\.\d+)? ?%\))?,? (?:(?:and|or|and/or|plus) (?:\d+ \([\d.]+ ?%\) )?)?){0,5}\(?\+?\xb1?"


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
    #: Whether the drug is studied after all where no other is, or beside one that is: "118 had received letrozole"
    is_weak: bool
    example: str
    counterexample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTitle:
    """How a title names a class of drugs."""

    #: As ``class`` in ``drugs.toml``
    drug_class: str
    pattern: re.Pattern[str]
    example: str
    counterexample: str


def read_class_titles(data: Mapping[str, Any], classes: frozenset[str], file: str) -> tuple[ClassTitle, ...]:
    """
    Read and check how titles name classes of drugs.

    Raises:
        TopicError: A class is unknown or comes twice, a key is missing, a pattern does not compile.
    """
    titles: list[ClassTitle] = []
    for number, block in enumerate(data.get("class_title", ()), start=1):
        where = f"{file}, class_title number {number} ({block.get('class')!r})"
        if block.get("class") not in classes or block["class"] in {title.drug_class for title in titles}:
            raise TopicError(f"{where}: class is one of {', '.join(sorted(classes))}, each once")
        for key in ("pattern", "example", "counterexample"):
            if not block.get(key):
                raise TopicError(f"{where}: the key {key!r} is missing")
        titles.append(
            ClassTitle(
                drug_class=block["class"],
                pattern=compile_pattern(block["pattern"], data.get("patterns", {}), where),
                example=block["example"],
                counterexample=block["counterexample"],
            )
        )
    return tuple(titles)


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
                is_weak=block.get("is_weak", False),
                example=block["example"],
                counterexample=block["counterexample"],
            )
        )
    return tuple(rules)
