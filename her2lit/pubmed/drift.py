"""How PubMed reads a strategy, compared with how it read it before; and counts that fall (pure)."""

from __future__ import annotations

import re

#: Largest fall of a count from one night to the next that is taken for ordinary.
MAX_DROP = 0.20

_DAY = r'"?\d{4}/\d{1,2}/\d{1,2}"?(?:\s*\[[^\]]*\])?'
#: What changes from night to night: the window, and the set of posted PMIDs.
_PASSING = re.compile(rf"\(*\s*(?:{_DAY}\s*:\s*{_DAY}|#\d+|\d+\s*\[UID\](?:\s+OR\s+\d+\s*\[UID\])*)\s*\)*")
_OPERATOR = re.compile(r"\s+(AND|OR|NOT)\s+")


def standing_translation(translation: str | None) -> str | None:
    """
    Return a QueryTranslation without its window of dates and without posted sets: what stays from night to night.

    Parentheses that enclose all of it go too. None, and what was nothing but dates, becomes None.
    """
    if translation is None:
        return None
    text = " ".join(translation.split())
    kept: list[str] = []
    for clause in _top_level(text):
        if _PASSING.fullmatch(clause.removeprefix("AND ").removeprefix("OR ").removeprefix("NOT ").strip()):
            continue
        kept.append(clause)
    joined = " ".join(kept).strip()
    joined = joined.removeprefix("AND ").strip()
    while joined.startswith("(") and _closing(joined) == len(joined) - 1:
        joined = joined[1:-1].strip()
    return joined or None


def describe_drift(pinned: str | None, translation: str | None) -> str | None:
    """
    Return how PubMed's reading of a strategy differs from the one pinned, or None when it does not.

    Both without the date clause. NLM renames headings every year: the search still runs, but
    somebody has to look at it again.
    """
    if pinned is None or translation is None or pinned == translation:
        return None
    before, after = _clauses(pinned), _clauses(translation)
    if before == after:
        return "PubMed reads the strategy differently: the same words, joined in another way"
    gone = ", ".join(sorted(before - after)) or "nothing"
    come = ", ".join(sorted(after - before)) or "nothing"
    return f"PubMed reads the strategy differently: gone {gone}; come {come}"


def has_dropped(before: int | None, now: int) -> bool:
    """Return whether a count fell by more than 20 %, in which case no deletion is believed."""
    return before is not None and now < before * (1 - MAX_DROP)


def _clauses(translation: str) -> set[str]:
    text = translation.replace("(", " ").replace(")", " ")
    for operator in (" AND ", " OR ", " NOT "):
        text = text.replace(operator, "\n")
    return {" ".join(clause.split()) for clause in text.split("\n") if clause.strip()}


def _closing(text: str) -> int:
    """Return where the parenthesis that *text* begins with is closed; -1 when it is not."""
    depth, is_quoted = 0, False
    for at, character in enumerate(text):
        if character == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0:
                return at
    return -1


def _top_level(text: str) -> list[str]:
    """Return the clauses of the outermost level, each but the first with its operator before it."""
    clauses, start, depth, is_quoted, at = [], 0, 0, False, 0
    while at < len(text):
        character = text[at]
        if character == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0 and at > start and (operator := _OPERATOR.match(text, at)):
                clauses.append(text[start:at].strip())
                start = at
                at = operator.end() - 1
                continue
        at += 1
    clauses.append(text[start:].strip())
    return clauses
