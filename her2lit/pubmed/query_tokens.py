"""Cutting a PubMed term into tokens, with the place of each, for the check in ``query``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from her2lit.errors import QueryError

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<open>\()
    |(?P<close>\))
    |(?P<quoted>"[^"]*")
    |(?P<tag>\[[^\[\]"]*\])
    |(?P<history>\#[0-9]+(?![\w*]))
    |(?P<range>:)
    |(?P<word>[^\s()\[\]":]+)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a term; ``kind`` is a group name of the pattern above."""

    kind: str
    text: str
    #: Offset in the term
    at: int


def refuse(term: str, at: int, problem: str, remedy: str) -> QueryError:
    """Return the error that shows where in *term* the problem is and says what to do."""
    start = max(0, at - 50)
    excerpt = re.sub(r"\s", " ", term[start : at + 30])
    caret = " " * (at - start) + "^"
    return QueryError(f"{problem} at character {at + 1} of the search term:\n  {excerpt}\n  {caret}\n{remedy}")


def tokenize(term: str) -> tuple[Token, ...]:
    """
    Cut *term* into tokens without blanks.

    Raises:
        QueryError: A quote or a bracket that is never closed.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(term):
        match = _TOKEN.match(term, at)
        if match is None:
            what = "A quotation mark without its partner" if term[at] == '"' else "A bracket without its partner"
            raise refuse(term, at, what, "Close it, or leave it out.")
        if match.lastgroup and match.lastgroup != "blank":
            tokens.append(Token(match.lastgroup, match[0], at))
        at = match.end()
    return tuple(tokens)
