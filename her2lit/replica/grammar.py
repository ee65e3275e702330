"""PubMed's term language, read into a tree: operators strictly left to right, a tag per term."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from her2lit.replica.fields import Field, find_field

#: Typographic double quotes are read as straight ones (measured, 2026).
_QUOTES = str.maketrans(dict.fromkeys("“”„‟″", '"'))
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<quoted>"[^"]*"?)
    | (?P<tag>\[[^\]\[]*\]?)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<amp>[&|])
    | (?P<colon>:)
    | (?P<hash>\#\d+)
    | (?P<word>[^\s"\[\]()&|:]+)
    | (?P<stray>.)
    )""",
    re.VERBOSE,
)
_OPERATORS = {"AND": "AND", "OR": "OR", "NOT": "NOT", "&": "AND", "|": "OR"}
_MODIFIER = re.compile(r"^(?P<name>[^:]*?)\s*:\s*(?P<modifier>~?\s*\w+)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What stood in brackets behind a term."""

    #: As typed, without brackets
    text: str
    #: None for a tag that does not exist
    field: Field | None
    #: "noexp" or None
    is_noexp: bool = False
    #: N of :~N, else None
    distance: int | None = None
    #: A modifier that exists nowhere, as typed
    unknown_modifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a run of words or a quoted phrase."""

    text: str
    is_quoted: bool
    tag: Tag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """low : high, both included."""

    low: str
    high: str
    tag: Tag | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRef:
    """#n: the set a query key holds."""

    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What stood in parentheses, and the tag (without effect) behind them."""

    node: Node
    tag: Tag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """left AND/OR/NOT right; chains lean to the left."""

    operator: str
    left: Node
    right: Node


Node = Term | Range | HistoryRef | Group | Operation


@dataclass(slots=True)
class Parsed:
    """A term read whole: its tree (None when nothing was left) and what was mended on the way."""

    node: Node | None
    #: One line per thing PubMed would tolerate in silence
    oddities: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def parse_term(text: str) -> Parsed:
    """
    Read a search term as PubMed does; never fails, what had to be mended is in ``oddities``.

    Operators count only in capitals (or as & and |); terms side by side are joined by AND.
    """
    tokens = _tokenise(text.translate(_QUOTES))
    return _Parser(tokens).parse()


def read_tag(text: str) -> Tag:
    """Return the tag written *text* (without brackets), e.g. "tiab", "MeSH Terms:noexp", "ti:~2"."""
    match = _MODIFIER.match(text)
    if match is None:
        return Tag(text=text, field=find_field(text))
    found = find_field(match["name"])
    modifier = match["modifier"].replace(" ", "").lower()
    if modifier == "noexp":
        return Tag(text=text, field=found, is_noexp=True)
    if modifier.startswith("~") and modifier[1:].isdigit():
        return Tag(text=text, field=found, distance=int(modifier[1:]))
    return Tag(text=text, field=found, unknown_modifier=match["modifier"])


def _tokenise(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "stray"
        value = match[kind]
        if kind == "amp" or (kind == "word" and value in _OPERATORS):
            tokens.append(_Token("operator", _OPERATORS[value]))
        elif kind == "word" and value[:1] == "#" and value[1:].isdigit():
            tokens.append(_Token("hash", value))
        elif kind != "stray":
            tokens.append(_Token(kind, value))
    return tokens


class _Parser:
    """Recursive descent over the tokens; one token of look-ahead."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._oddities: list[str] = []

    def parse(self) -> Parsed:
        node = self._chain()
        while self._peek("close"):
            self._oddities.append("a closing parenthesis without an opening one")
            self._at += 1
            rest = self._chain()
            node = _join("AND", node, rest)
        return Parsed(node, self._oddities)

    def _chain(self) -> Node | None:
        """Read operand (operator operand)*, leaning left, up to the end or a closing parenthesis."""
        node: Node | None = None
        operator: str | None = None
        while self._at < len(self._tokens) and not self._peek("close"):
            if self._peek("operator"):
                if node is None or operator is not None:
                    self._oddities.append(f"an operator {self._tokens[self._at].text} without a term before it")
                operator = self._take().text
                continue
            operand = self._operand()
            if operand is not None:
                node = _join(operator or "AND", node, operand)
                operator = None
        if operator is not None:
            self._oddities.append(f"an operator {operator} without a term behind it")
        return node

    def _operand(self) -> Node | None:
        if self._peek("open"):
            return self._group()
        if self._peek("hash"):
            return HistoryRef(key=int(self._take().text[1:]))
        if self._peek("tag"):
            self._oddities.append(f"a tag {self._take().text} without a term before it")
            return None
        if self._peek("colon"):
            self._oddities.append("a colon without a value on both sides")
            self._at += 1
            return None
        return self._term_or_range()

    def _group(self) -> Node | None:
        self._at += 1
        node = self._chain()
        if self._peek("close"):
            self._at += 1
        else:
            self._oddities.append("an opening parenthesis without a closing one")
        tag = self._tag()
        if node is None:
            self._oddities.append("empty parentheses")
            return None
        return Group(node=node, tag=tag)

    def _term_or_range(self) -> Node:
        low = self._value()
        low_tag = self._tag()
        if self._peek("colon") and self._next_is_value():
            self._at += 1
            high = self._take().text.strip('"')
            return Range(low=low.text, high=high, tag=self._tag() or low_tag)
        return Term(text=low.text, is_quoted=low.is_quoted, tag=low_tag)

    def _next_is_value(self) -> bool:
        following = self._tokens[self._at + 1 : self._at + 2]
        return bool(following) and following[0].kind in ("quoted", "word")

    def _value(self) -> Term:
        """Read one quoted phrase, or the run of words up to the next tag, operator or parenthesis."""
        if self._peek("quoted"):
            text = self._take().text
            if len(text) == 1 or not text.endswith('"'):
                self._oddities.append("a quotation mark that is not closed")
            return Term(text=text.strip('"'), is_quoted=True)
        run = [self._take().text]
        while self._peek("word") and not self._colon_follows():
            run.append(self._take().text)
        return Term(text=" ".join(run), is_quoted=False)

    def _colon_follows(self) -> bool:
        """Tell whether the word at hand begins a range, so that it does not belong to the run before it."""
        return [token.kind for token in self._tokens[self._at + 1 : self._at + 2]] == ["colon"]

    def _tag(self) -> Tag | None:
        if not self._peek("tag"):
            return None
        text = self._take().text
        if not text.endswith("]"):
            self._oddities.append(f"a bracket that is not closed: {text}")
        return read_tag(text.strip("[]").strip())

    def _peek(self, kind: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].kind == kind

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]


def _join(operator: str, left: Node | None, right: Node | None) -> Node | None:
    if left is None or right is None:
        return left or right
    return Operation(operator=operator, left=left, right=right)
