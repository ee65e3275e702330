"""
What is left of a search when PubMed drops phrases that its index lacks.

Inside an OR the other words still say what was asked. A whole clause that is dropped from an AND
widens the search in silence: ``#1 AND ("HER2 low"[tiab])`` becomes ``#1``, everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from her2lit.pubmed.query_tokens import Token, tokenize
from her2lit.pubmed.query_words import TAGS

#: Beginnings of the warnings that name what was dropped, as ``replies.read_search`` writes them.
_DROPPED = ("QuotedPhraseNotFound: ", "PhraseIgnored: ")


def lost_clause(term: str, warnings: Iterable[str]) -> str | None:
    """
    Return the clause of *term* of which nothing is left, or None when the question is still the one asked.

    Args:
        term: A checked term, as sent.
        warnings: Of the reply, as "kind: text".
    """
    dropped = frozenset(
        phrase for warning in warnings for kind in _DROPPED if warning.startswith(kind)
        for phrase in _phrases(warning.removeprefix(kind))
    )  # fmt: skip
    if not dropped:
        return None
    reader = _Reader(term, tokenize(term), dropped)
    return term if reader.is_level_gone() else reader.lost


def _phrases(text: str) -> tuple[tuple[str, str | None], ...]:
    """Return the phrases that a warning names, each with the short form of its tag, None for one without."""
    tokens = tokenize(text.replace("[", " [", 1)) if text.count('"') % 2 == 0 else ()
    return tuple(
        (_plain(token.text), _tag(tokens[at + 1 : at + 2]))
        for at, token in enumerate(tokens)
        if token.kind in {"quoted", "word"}
    )


def _plain(text: str) -> str:
    return " ".join(text.strip('"').lower().split())


def _tag(tokens: Sequence[Token]) -> str | None:
    """Return the short form of the tag that *tokens* begin with, without its modifier."""
    if not tokens or tokens[0].kind != "tag":
        return None
    return TAGS.get("".join(tokens[0].text[1:-1].lower().split()).partition(":")[0])


class _Reader:
    """One pass over the tokens of a checked term; ``lost`` is the first clause an AND or NOT is left without."""

    def __init__(self, term: str, tokens: Sequence[Token], dropped: frozenset[tuple[str, str | None]]) -> None:
        self._term = term
        self._tokens = tokens
        self._dropped = dropped
        self._next = 0
        self.lost: str | None = None

    def is_level_gone(self) -> bool:
        """Return whether nothing is left of this level: a checked term does not mix OR with the others."""
        clauses: list[tuple[bool, str]] = []
        is_or = True
        while self._next < len(self._tokens) and self._tokens[self._next].kind != "close":
            token = self._tokens[self._next]
            if token.kind == "word" and token.text in {"AND", "OR", "NOT"}:
                is_or = is_or and token.text == "OR"
                self._next += 1
                continue
            clauses.append(self._clause())
        gone = [text for is_gone, text in clauses if is_gone]
        if gone and not is_or and self.lost is None:
            self.lost = gone[0]
        return len(gone) == len(clauses)

    def _clause(self) -> tuple[bool, str]:
        """Read a group, or a word or phrase with its tag; return whether it is gone, and its text."""
        first = self._tokens[self._next]
        self._next += 1
        if first.kind == "open":
            is_gone = self.is_level_gone()
            closed = self._tokens[self._next]
            self._next += 1
            return is_gone, self._term[first.at : closed.at + 1]
        end = first.at + len(first.text)
        rest = self._tokens[self._next : self._next + 1]
        is_gone = self._is_dropped(first, _tag(rest))
        while self._next < len(self._tokens) and not self._ends_clause(self._tokens[self._next]):
            end = self._tokens[self._next].at + len(self._tokens[self._next].text)
            self._next += 1
        return is_gone, self._term[first.at : end]

    def _ends_clause(self, token: Token) -> bool:
        return token.kind == "close" or (token.kind == "word" and token.text in {"AND", "OR", "NOT"})

    def _is_dropped(self, token: Token, tag: str | None) -> bool:
        text = _plain(token.text)
        return (text, tag) in self._dropped or (text, None) in self._dropped
