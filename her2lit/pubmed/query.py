"""
A search term as a checked value: what PubMed would silently misread is refused before it is sent.

PubMed drops a tag it does not know, a tag on a group, a modifier out of place and a lone date bound
without a word, and still returns hits. So only forms of known meaning pass: every term carries a
known tag, operators are AND OR NOT in upper case, a level of a term does not mix OR with the others
(PubMed runs strictly left to right), ranges have both ends. See docs/asking-pubmed.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from her2lit.errors import QueryError
from her2lit.pubmed.query_tokens import Token, refuse, tokenize
from her2lit.pubmed.query_words import (
    DATE_FIELD_NAMES,
    DATE_TAGS,
    FILTER_WORDS,
    NOEXP_TAGS,
    PROXIMITY_TAGS,
    STOP_WORDS,
    TAGS,
    TEXT_TAGS,
)
from her2lit.records import Window

_OPERATORS = frozenset({"AND", "OR", "NOT"})
_MIN_STEM = 4
_MAX_LENGTH = 100_000
_DATE = re.compile(r'"?(\d{4})(?:/(\d{1,2})(?:/(\d{1,2}))?)?"?')
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'_-]*\*?|[A-Za-z][\w'-]*/[\w' -]+")
_FOREIGN = {
    "\u201c": 'Write the straight quotation mark ".',
    "\u201d": 'Write the straight quotation mark ".',
    "\u2217": "Write the ASCII asterisk *: PubMed truncates at no other.",
    "\u00a0": "Write an ordinary blank.",
    "\u2013": "Write an ordinary hyphen.",
    "\u2010": "Write an ordinary hyphen.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A term that passed the check, on one line."""

    text: str
    #: Quoted phrases on text fields, as written: PubMed drops those that its phrase index lacks
    phrases: tuple[str, ...]


def check_query(term: str, *, allow_history: bool = False) -> Query:
    """
    Return *term* as a checked value.

    Args:
        allow_history: Whether ``#1`` may name a set of the history server.

    Raises:
        QueryError: PubMed would refuse or misread it; the message shows the place and the remedy.
    """
    line = " ".join(term.split())
    if not line:
        raise QueryError("The search term is empty. Write at least one tagged word, e.g. trastuzumab[tiab].")
    if len(line) > _MAX_LENGTH:
        raise QueryError(f"The search term has {len(line):,} characters; more than {_MAX_LENGTH:,} are not sent.")
    _check_characters(line)
    parser = _Parser(line, tokenize(line), allow_history=allow_history)
    parser.parse()
    return Query(text=line, phrases=tuple(parser.phrases))


def date_range(field: str, window: Window) -> str:
    """
    Return the clause for *window*, e.g. ``("2021/06/05"[crdt] : "2021/06/07"[crdt])``.

    Windows are half-open, PubMed's ranges include both ends: the day before ``until`` is sent.

    Raises:
        QueryError: *field* is no date field, or the window holds no day.
    """
    if field not in DATE_TAGS:
        raise QueryError(f"[{field}] is no date field of PubMed. Use one of {', '.join(sorted(DATE_TAGS))}.")
    if window.since >= window.until:
        raise QueryError(f"The window from {window.since} to {window.until} holds no day. Choose an earlier start.")
    last = window.until - timedelta(days=1)
    return f'("{_slashes(window.since)}"[{field}] : "{_slashes(last)}"[{field}])'


def combine(*terms: str) -> str:
    """Return the terms joined by AND, each in parentheses of its own."""
    return " AND ".join(term if _is_one_group(term) else f"({term})" for term in terms)


def names_range(translation: str | None, field: str, window: Window) -> bool:
    """Return whether a QueryTranslation shows that PubMed understood the date clause of *window*."""
    if translation is None:
        return False
    first, last = _slashes(window.since), _slashes(window.until - timedelta(days=1))
    name = re.escape(DATE_FIELD_NAMES[field])
    tag = rf"\[{name}\]"
    pattern = rf'"?{first}"?(?:{tag})?\s*:\s*"?{last}"?{tag}'
    return re.search(pattern, translation, re.IGNORECASE) is not None


def _slashes(day: date) -> str:
    return day.strftime("%Y/%m/%d")


def _is_one_group(term: str) -> bool:
    """Return whether one pair of parentheses, or one ``#n``, is the whole term."""
    if re.fullmatch(r"#\d+", term):
        return True
    depth = 0
    for token in tokenize(term):
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0 and token.at + len(token.text) < len(term):
            return False
    return term.startswith("(")


def _check_characters(line: str) -> None:
    for at, character in enumerate(line):
        if not " " <= character <= "~":
            remedy = _FOREIGN.get(
                character, "Only ASCII is searched as written: spell it out, e.g. beta for the letter."
            )
            raise refuse(line, at, f"The character {character!r}", remedy)
    if entity := re.search(r"&(?:#?\w+);", line):
        raise refuse(line, entity.start(), f"The HTML escape {entity[0]}", "Write the character itself.")


class _Parser:
    """One pass over the tokens; ``phrases`` collects what PubMed may drop."""

    def __init__(self, line: str, tokens: Sequence[Token], *, allow_history: bool) -> None:
        self._line = line
        self._tokens = tokens
        self._next = 0
        self._allow_history = allow_history
        self.phrases: list[str] = []

    def parse(self) -> None:
        """Check the whole term."""
        self._no_tag_on_a_group()
        self._expression()
        if (token := self._peek()) is not None:
            raise self._refuse(token.at, "A closing parenthesis without its partner", "Leave it out, or open it.")

    # -- the grammar --------------------------------------------------------------------------

    def _expression(self) -> None:
        """Operand (operator operand)*, with one kind of operator to a level."""
        self._operand()
        families: set[bool] = set()
        while (token := self._peek()) is not None and token.kind != "close":
            if token.text not in _OPERATORS:
                raise self._missing_operator(token)
            families.add(token.text == "OR")
            if len(families) > 1:
                raise self._refuse(
                    token.at, f"{token.text} beside another operator", "PubMed runs left to right: add parentheses."
                )
            self._next += 1
            self._operand()

    def _operand(self) -> None:
        token = self._peek()
        if token is None:
            raise self._refuse(len(self._line), "The term ends where a word is expected", "Complete or shorten it.")
        if token.text in _OPERATORS or token.kind in {"close", "tag", "range"}:
            raise self._refuse(token.at, f"{token.text} where a word is expected", "Put a word or a phrase before it.")
        self._next += 1
        if token.kind == "open":
            self._group(token)
        elif token.kind == "history":
            if not self._allow_history:
                raise self._refuse(token.at, "A set of the history server", "A strategy stands alone: leave it out.")
        else:
            self._searched(token)

    def _group(self, opened: Token) -> None:
        self._expression()
        closed = self._peek()
        if closed is None:
            raise self._refuse(opened.at, "An opening parenthesis without its partner", "Close it, or leave it out.")
        self._next += 1

    def _no_tag_on_a_group(self) -> None:
        """Look for this first: the words inside such a group carry no tags, but that is not the mistake."""
        for before, tag in pairwise(self._tokens):
            if before.kind == "close" and tag.kind == "tag":
                raise self._refuse(
                    tag.at, f"The tag {tag.text} on a group", "PubMed drops it in silence: tag every word of the group."
                )

    def _searched(self, first: Token) -> None:
        """A word, words or a phrase with its tag, or a range."""
        words = [first]
        while (token := self._peek()) is not None and token.kind == "word" and token.text not in _OPERATORS:
            if first.kind != "word":
                raise self._missing_operator(token)
            words.append(token)
            self._next += 1
        tag = self._take("tag")
        if self._take("range") is not None:
            self._range(words, tag)
            return
        text = self._line[first.at : words[-1].at + len(words[-1].text)]
        if tag is None:
            self._untagged(first, text)
        else:
            self._tagged(first, text, *self._read_tag(tag))

    def _range(self, words: list[Token], first_tag: Token | None) -> None:
        upper = self._peek()
        if upper is None or upper.kind not in {"word", "quoted"}:
            raise self._refuse(words[0].at, "A range with one end", "PubMed drops it in silence: give both ends.")
        self._next += 1
        tag = self._take("tag")
        if tag is None:
            raise self._refuse(upper.at, "A range without a tag", "Tag it, e.g. 2021/06/05:2021/06/07[crdt].")
        field, modifier = self._read_tag(tag)
        if first_tag is not None and self._read_tag(first_tag)[0] != field:
            raise self._refuse(first_tag.at, "A range over two fields", "Use the same tag on both ends.")
        if field == "pmid" and len(words) == 1:
            return
        if field not in DATE_TAGS or modifier or len(words) != 1:
            raise self._refuse(tag.at, f"A range in {tag.text}", "Only dates and PMIDs have ranges.")
        first, last = self._day(words[0]), self._day(upper)
        if first > last:
            raise self._refuse(words[0].at, "A range that runs backwards", "Put the earlier date first.")

    # -- single terms -------------------------------------------------------------------------

    def _tagged(self, token: Token, text: str, field: str, modifier: str) -> None:
        if field in DATE_TAGS:
            raise self._refuse(token.at, "A single date", "Give both ends, e.g. 2021/06/05:2021/06/05[crdt].")
        inner = text[1:-1] if token.kind == "quoted" else text
        if not inner.strip():
            raise self._refuse(token.at, "An empty phrase", "Leave it out.")
        self._truncation(token, inner, modifier)
        self._proximity(token, inner, modifier)
        if token.kind == "word":
            self._bare(token, inner, field)
        elif field in TEXT_TAGS and " " in inner.strip() and not modifier:
            self.phrases.append(inner)
        if field in TEXT_TAGS and inner.strip().lower() in STOP_WORDS:
            raise self._refuse(token.at, f"The stop word {inner!r}", "PubMed does not search it: leave it out.")

    def _bare(self, token: Token, text: str, field: str) -> None:
        """Words without quotation marks."""
        words = text.split()
        if len(words) > 1 and field in TEXT_TAGS:
            raise self._refuse(token.at, "Several words under one tag", 'Quote them as one phrase: "…"[tiab].')
        for word in words:
            if not _WORD.fullmatch(word) or ("/" in word and field not in {"mh", "majr", "aid", "lid", "si", "gr"}):
                raise self._refuse(token.at, f"The word {word!r}", "PubMed reads marks as blanks: quote it.")

    def _untagged(self, token: Token, text: str) -> None:
        if token.kind == "word" and text.lower() in FILTER_WORDS:
            return
        lower = text.lower()
        if lower in {"and", "or", "not"}:
            raise self._refuse(token.at, f"The word {text!r}", "Operators are written in upper case.")
        if {"&", "|"} & set(text):
            raise self._refuse(token.at, f"The sign in {text!r}", "Write AND or OR.")
        if any(word in {"and", "or", "not"} for word in lower.split()):
            raise self._refuse(
                token.at, f"An operator in lower case in {text!r}", "Operators are written in upper case."
            )
        raise self._refuse(
            token.at,
            f"{text!r} without a tag",
            "PubMed maps untagged words to whatever it sees fit: add a tag, e.g. [tiab] or [mh].",
        )

    def _truncation(self, token: Token, text: str, modifier: str) -> None:
        if "*" not in text:
            return
        stem = text.rsplit(maxsplit=1)[-1][:-1]
        if text.count("*") > 1 or not text.endswith("*"):
            raise self._refuse(token.at, "A * inside a term", "PubMed truncates at the end of the last word only.")
        if len(stem) < _MIN_STEM:
            raise self._refuse(token.at, f"A * after {stem!r}", "PubMed wants at least four characters before it.")
        if modifier.startswith("~"):
            raise self._refuse(token.at, "A * in a proximity search", "PubMed ignores it: write the words out.")

    def _proximity(self, token: Token, text: str, modifier: str) -> None:
        if modifier.startswith("~") and (token.kind != "quoted" or len(text.split()) < 2):
            raise self._refuse(token.at, "A proximity search on one word", "It needs a quoted phrase of two words.")

    def _read_tag(self, tag: Token) -> tuple[str, str]:
        """Return the short form of a tag and its modifier ("", "noexp" or "~N")."""
        name, _, modifier = "".join(tag.text[1:-1].lower().split()).partition(":")
        field = TAGS.get(name)
        if field is None:
            raise self._refuse(
                tag.at, f"The tag {tag.text} is unknown", "PubMed drops it in silence and searches all fields."
            )
        if modifier == "noexp" and field in NOEXP_TAGS:
            return field, modifier
        if re.fullmatch(r"~\d{1,4}", modifier) and field in PROXIMITY_TAGS:
            return field, modifier
        if modifier:
            raise self._refuse(
                tag.at,
                f"The modifier of {tag.text}",
                "PubMed drops it in silence: :noexp belongs to mh, majr, sh and pt, :~N to ti, tiab and ad.",
            )
        return field, ""

    # -- small steps --------------------------------------------------------------------------

    def _day(self, token: Token) -> tuple[int, int, int]:
        match = _DATE.fullmatch(token.text)
        if match is None or not (match[3] or match[1] == "3000"):
            raise self._refuse(token.at, f"The date {token.text}", "Write whole days, YYYY/MM/DD.")
        year, month, day = int(match[1]), int(match[2] or 12), int(match[3] or 31)
        try:
            date(year, month, day)
        except ValueError as error:
            raise self._refuse(token.at, f"The date {token.text}", "There is no such day.") from error
        return year, month, day

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kind: str) -> Token | None:
        token = self._peek()
        if token is None or token.kind != kind:
            return None
        self._next += 1
        return token

    def _missing_operator(self, token: Token) -> QueryError:
        if token.text.upper() in _OPERATORS:
            return self._refuse(token.at, f"The word {token.text!r}", "Operators are written in upper case.")
        return self._refuse(token.at, f"No operator before {token.text!r}", "Write AND, OR or NOT between two terms.")

    def _refuse(self, at: int, problem: str, remedy: str) -> QueryError:
        return refuse(self._line, at, problem, remedy)
