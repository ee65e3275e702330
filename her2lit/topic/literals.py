"""Letters a text must hold for a pattern to match: a quick look before a slow search.

Python's ``re`` tries a pattern of many alternatives at every character; looking for a few plain
strings first is some twenty times faster, and most rules match nothing in most records.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Shorter strings stand in nearly every text
_LEAST = 2
_BOUNDARY = r"\b"
_ZERO_WIDTH = frozenset("bBAZ")
_CLASSES = frozenset("dDwWsS")
_QUANTIFIER = re.compile(r"[?*+]\??|\{(\d*)(?:,\d*)?\}\??")
_GROUP_START = re.compile(r"\((?:\?(?:P<\w+>|:|>|=|!|<=|<!))?")

Literals = frozenset[str]


def may_match(pattern: re.Pattern[str], text: str) -> bool:
    """Return False only where *pattern* surely has no match in *text*."""
    literals = required_literals(pattern.pattern)
    if not literals:
        return True
    for literal in literals:  # noqa: SIM110 - a generator would cost more than the looking
        if literal in text:
            return True
    return False


def share_boundaries(pattern: str) -> str:
    """
    Return *pattern*, meaning the same, with neighbouring alternatives that begin with a word boundary under one.

    ``re`` does so itself only where every alternative begins alike; where one does not, it tries all of them at
    every character, which is up to ten times slower.

    Raises:
        IndexError: A bracket is open at the end, or a backslash stands there.
    """
    shared: list[list[str]] = []
    for alternative in _top_alternatives(pattern):
        if shared and alternative.startswith(_BOUNDARY) and shared[-1][0].startswith(_BOUNDARY):
            shared[-1].append(alternative)
        else:
            shared.append([alternative])
    return "|".join(_under_one_boundary(run) if len(run) > 1 else run[0] for run in shared)


def _under_one_boundary(alternatives: list[str]) -> str:
    return rf"\b(?:{'|'.join(alternative.removeprefix(_BOUNDARY) for alternative in alternatives)})"


def _top_alternatives(pattern: str) -> list[str]:
    found: list[str] = []
    start = at = 0
    while at < len(pattern):
        if pattern[at] == "|":
            found.append(pattern[start:at])
            start = at = at + 1
        else:
            *_, at = _token(pattern, at)
    return [*found, pattern[start:]]


@lru_cache(maxsize=1024)
def required_literals(pattern: str) -> tuple[str, ...]:
    """Return strings of which every match of *pattern* holds at least one; empty where none can be told."""
    found, _ = _alternatives(pattern, 0)
    # A string that holds another need not be looked for.
    return tuple(sorted(s for s in found if not any(o != s and o in s for o in found))) if found else ()


def _alternatives(pattern: str, at: int) -> tuple[Literals | None, int]:
    """Read up to the closing bracket or the end; None where one alternative has no literal."""
    union: Literals | None = frozenset()
    while True:
        found, at = _sequence(pattern, at)
        union = None if union is None or found is None else union | found
        if at >= len(pattern) or pattern[at] == ")":
            return union, at
        at += 1


def _sequence(pattern: str, at: int) -> tuple[Literals | None, int]:
    """Read one alternative; return its best mandatory literals and where it ends."""
    candidates: list[Literals] = []
    run = ""
    while at < len(pattern) and pattern[at] not in "|)":
        token, literals, at = _token(pattern, at)
        quantifier = _QUANTIFIER.match(pattern, at)
        is_optional = bool(quantifier and (quantifier.group()[0] in "?*" or quantifier.group(1) in ("0", "")))
        at = quantifier.end() if quantifier else at
        if token == "":
            if literals and not is_optional:
                candidates.append(literals)
            continue
        if token is not None and not is_optional:
            run += token
        if token is None or quantifier:
            candidates += [frozenset({run})] * (len(run) >= _LEAST)
            run = ""
        if token is None and literals and not is_optional:
            candidates.append(literals)
    candidates += [frozenset({run})] * (len(run) >= _LEAST)
    return (max(candidates, key=lambda c: (min(map(len, c)), -len(c))) if candidates else None), at


def _token(pattern: str, at: int) -> tuple[str | None, Literals | None, int]:
    """Return (one literal character, "" for zero width or None for the rest, a group's literals, the end)."""
    character = pattern[at]
    if character == "\\":
        escaped = pattern[at + 1]
        if escaped == "u":
            return chr(int(pattern[at + 2 : at + 6], 16)), None, at + 6
        plain = "" if escaped in _ZERO_WIDTH else None if escaped in _CLASSES else escaped
        return plain, None, at + 2
    if character in "^$":
        return "", None, at + 1
    if character == "[":
        end = at + 2 if pattern[at + 1] in "]^" else at + 1
        while pattern[end] != "]":
            end += 2 if pattern[end] == "\\" else 1
        return None, None, end + 1
    if character == "(":
        start = _GROUP_START.match(pattern, at)
        assert start is not None  # noqa: S101 - the pattern compiles
        inside, end = _alternatives(pattern, start.end())
        is_look = start.group()[-1] in "=!" and start.group() != "("
        return ("", None, end + 1) if is_look else (None, inside, end + 1)
    return (None if character == "." else character), None, at + 1
