"""PubMed terms from ``strategies.toml``: blocks and drugs written out, and the result checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.lexicon import Drug, name_key

#: Field tags a term may use; PubMed drops an unknown tag in silence and searches something else.
TAGS = ("mh", "mh:noexp", "nm", "sh", "tiab", "ti", "pt")

#: Quoted phrase or bare word, with the tag that must follow at once.
_OPERAND = re.compile(r'("[^"]*"|[^\s()"\[\]]+)\[([^\]]*)\]')
_TOKEN = re.compile(r'"[^"]*"\[[^\]]*\]|[()]|[^\s()]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One PubMed term with a name: the harvest that is fetched, or the provenance of a record."""

    name: str
    #: "harvest" or "provenance"
    kind: str
    title: str
    #: The whole PubMed term, one line, ASCII
    text: str
    #: SHA-256 of ``text``
    sha256: str


def read_strategies(data: Mapping[str, Any], drugs: tuple[Drug, ...], file: str) -> tuple[Strategy, ...]:
    """
    Write out and check every strategy of *file*.

    Raises:
        TopicError: A block is unknown, a term is malformed, or there is not exactly one harvest.
    """
    blocks = {name: " ".join(text.split()) for name, text in data.get("blocks", {}).items()}
    strategies = tuple(_read_strategy(block, blocks, drugs, file) for block in data.get("strategy", ()))
    names = [strategy.name for strategy in strategies]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise TopicError(f"{file}: two strategies are named {double!r}")
    if [strategy.kind for strategy in strategies].count("harvest") != 1:
        raise TopicError(f"{file}: exactly one strategy must have kind 'harvest', since one is fetched")
    return strategies


def _read_strategy(block: Mapping[str, Any], blocks: Mapping[str, str], drugs: tuple[Drug, ...], file: str) -> Strategy:
    where = f"{file}, strategy {block.get('name')!r}"
    for key in ("name", "kind", "title", "text"):
        if not block.get(key):
            raise TopicError(f"{where}: the key {key!r} is missing")
    if block["kind"] not in ("harvest", "provenance"):
        raise TopicError(f"{where}: kind is 'harvest' or 'provenance', not {block['kind']!r}")
    text = write_out(block["text"], blocks, drugs, where)
    check_term(text, where)
    sha256 = hashlib.sha256(text.encode("ascii")).hexdigest()
    return Strategy(name=block["name"], kind=block["kind"], title=block["title"], text=text, sha256=sha256)


def write_out(text: str, blocks: Mapping[str, str], drugs: tuple[Drug, ...], where: str) -> str:
    """Return *text* with every ``{…}`` replaced, on one line."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in blocks:
            return blocks[name]
        if name == "drugs:her2":
            return drug_term(drug for drug in drugs if drug.is_her2_targeted)
        chosen = [drug for drug in drugs if name == f"drug:{drug.drug_id}"]
        if not chosen:
            raise TopicError(f"{where}: there is no block or drug {{{name}}}")
        return drug_term(chosen)

    return " ".join(re.sub(r"\{([^{}]+)\}", replace, text).split())


def drug_term(drugs: Iterable[Drug]) -> str:
    """
    Return one bracketed OR over the names and concepts of *drugs* that always count.

    A phrase that holds another listed name is left out, since PubMed finds it by that name and
    knows rare long phrases least; descriptions and misspellings find nothing that HER2, breast
    and therapy words do not.
    """
    drugs = tuple(drugs)
    names = [name for drug in drugs for kind, name in drug.names if kind not in ("description", "misspelling")]
    phrases = {tuple(_words(name)) for name in names}
    operands = {
        " ".join(_words(name)).casefold(): f"{name}[tiab]" if name.isalnum() else f'"{_quoted(name)}"[tiab]'
        for name in reversed(names)
        if _words(name) and not _holds_another(_words(name), phrases)
    }
    # noexp: Trastuzumab and Paclitaxel have other drugs below them in the tree.
    tags = {"descriptor": "mh:noexp", "substance": "nm"}
    concepts = [f'"{concept.name}"[{tags[concept.kind]}]' for drug in drugs for concept in drug.mesh]
    return f"({' OR '.join((*reversed(operands.values()), *concepts))})"


def _words(name: str) -> list[str]:
    """Return *name* as PubMed's word index reads it: punctuation is a blank, case does not count."""
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).split()


def _holds_another(words: list[str], phrases: set[tuple[str, ...]]) -> bool:
    spans = (words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1))
    return any(tuple(span) in phrases for span in spans if len(span) < len(words))


def _quoted(name: str) -> str:
    """Return *name* fit for quotes: brackets and quotes out, hyphens kept."""
    return " ".join(re.sub(r"[^A-Za-z0-9,/-]+", " ", name).split()).strip(" -")


def check_term(text: str, where: str) -> None:
    """
    Check what PubMed would refuse or, worse, silently misread.

    Raises:
        TopicError: Not ASCII, unbalanced, an untagged word, an unknown tag, a tag on a group, a
            truncation that PubMed ignores, or operators out of place.
    """
    if not text.isascii():
        raise TopicError(f"{where}: only ASCII is safe in a PubMed term")
    if text.count('"') % 2:
        raise TopicError(f"{where}: a quotation mark is missing")
    depth, is_operand_due = 0, True
    for piece in _TOKEN.findall(text):
        if piece == "(":
            depth += 1
            _expect(is_operand_due, piece, where)
        elif piece == ")":
            depth -= 1
            _expect(not is_operand_due and depth >= 0, piece, where)
        elif piece in ("AND", "OR", "NOT"):
            _expect(not is_operand_due, piece, where)
            is_operand_due = True
        else:
            _check_operand(piece, where)
            _expect(is_operand_due, piece, where)
            is_operand_due = False
    if depth or is_operand_due:
        raise TopicError(f"{where}: brackets are not balanced, or the term ends with an operator")


def _expect(is_in_place: bool, token: str, where: str) -> None:
    if not is_in_place:
        raise TopicError(f"{where}: {token!r} stands where it cannot (an operator or bracket is missing or too many)")


def _check_operand(token: str, where: str) -> None:
    match = _OPERAND.fullmatch(token)
    if match is None:
        raise TopicError(f"{where}: {token!r} carries no tag, or its tag stands on a group")
    word, tag = match.groups()
    if tag not in TAGS:
        raise TopicError(
            f"{where}: {token!r} has an unknown tag; PubMed would drop it in silence. Known: {', '.join(TAGS)}"
        )
    if "*" in word and (word.startswith('"') or not re.fullmatch(r"[A-Za-z0-9-]{4,}\*", word)):
        raise TopicError(f"{where}: {token!r}: a truncation is one bare word of at least four letters and a final *")
    if word.startswith('"') and not name_key(word.strip('"')):
        raise TopicError(f"{where}: an empty phrase")
