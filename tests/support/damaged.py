"""
Documents damaged in every way that networks, disks, proxies, editors and foes damage them.

A *kind* takes a document and a source of chance and returns the document damaged. Every kind says whether
it harms one record only (its neighbours must then stand) or the document as a whole.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import resource
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from her2lit.errors import ParseError
from her2lit.pubmed.parse import parse_articles
from her2lit.pubmed.xml_cut import read_blocks
from her2lit.pubmed.xml_tables import cut_blocks, read_block
from her2lit.records import ParseResult

_TAG = re.compile(rb"</?[A-Za-z][^<>]*>")
_SNIPPETS = (
    b"<", b">", b"&", b"&x;", b"&#0;", b"&#xD800;", b"&#x110000;", b"</i>", b"<i>", b"<!--", b"-->", b"--", b"<![CDATA[", b"]]>",
    b"\x00", b"\x0b", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xfe\xff", b'"', b"'", b"=", b"<?p ?>", b"<?xml?>", b" " * 50,
    b"9" * 40, b"-1", b"0", b"1e9", b"<PubmedArticle>", b"</PubmedArticle>", b"<PubmedArticle/>", b"</PubmedArticleSet>",
    b"<PubmedArticleSet>", b"<DeleteCitation>", b"<!DOCTYPE x>", b"<PMID>", b"</PMID>", b"<mml:math>", b"<m:math xmlns:m='x'>", b"xmlns='y'",
)  # fmt: skip
_ENTITIES = (
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
    b"<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://localhost:9/x.dtd'> %p;]>",
    b"<!DOCTYPE x [<!ENTITY a '&#60;!ENTITY b'><!ENTITY c '&a;&a;&a;&a;&a;&a;&a;&a;'>]>",
)
#: Each how many-th document is also read into tables, by the other reader: that takes ten times as long.
_TABLES_EACH = 100
_CODES = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "utf-8-sig")


def _spot(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _flip(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, 8) if found else 0):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _overwrite(data: bytes, chance: random.Random) -> bytes:
    at, length = _spot(data, chance), chance.choice((1, 2, 8, 64))
    return data[:at] + chance.randbytes(length) + data[at + length :]


def _cut_out(data: bytes, chance: random.Random) -> bytes:
    at, length = _spot(data, chance), chance.choice((1, 2, 5, 40, 400))
    return data[:at] + data[at + length :]


def _cut_off(data: bytes, chance: random.Random) -> bytes:
    return data[: _spot(data, chance)]


def _double(data: bytes, chance: random.Random) -> bytes:
    at, length = _spot(data, chance), chance.choice((1, 5, 40, 400, 4000))
    return data[: at + length] + data[at:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = _spot(data, chance)
    return data[:at] + chance.choice(_SNIPPETS) + data[at:]


def _tags(data: bytes, chance: random.Random, n_tags: int) -> list[re.Match[bytes]] | None:
    found = list(_TAG.finditer(data))
    return sorted(chance.sample(found, n_tags), key=re.Match.start) if len(found) >= n_tags else None


def _swap_tags(data: bytes, chance: random.Random) -> bytes:
    pair = _tags(data, chance, 2)
    if pair is None:
        return data
    one, other = pair
    return data[: one.start()] + other.group() + data[one.end() : other.start()] + one.group() + data[other.end() :]


def _drop_tag(data: bytes, chance: random.Random) -> bytes:
    found = _tags(data, chance, 1)
    return data if found is None else data[: found[0].start()] + data[found[0].end() :]


def _move_piece(data: bytes, chance: random.Random) -> bytes:
    """Put what stands between two tags somewhere else."""
    pair = _tags(data, chance, 2)
    if pair is None:
        return data
    piece = data[pair[0].start() : pair[1].end()]
    rest = data[: pair[0].start()] + data[pair[1].end() :]
    at = _spot(rest, chance)
    return rest[:at] + piece + rest[at:]


def _nest(data: bytes, chance: random.Random) -> bytes:
    """Put a tower of elements, up to far beyond libxml2's limit, somewhere between two tags."""
    found = _tags(data, chance, 1)
    if found is None:
        return data
    name = chance.choice((b"i", b"sub", b"ReferenceList", b"Section", b"x", b"mml:mrow", b"Author"))
    depth, is_closed = chance.choice((3, 30, 200, 300, 1500)), chance.random() < 0.7
    tower = (b"<" + name + b">") * depth + b"x" + (b"</" + name + b">") * (depth if is_closed else depth - 1)
    return data[: found[0].end()] + tower + data[found[0].end() :]


def _many_attributes(data: bytes, chance: random.Random) -> bytes:
    found = _tags(data, chance, 1)
    if found is None or found[0].group().startswith(b"</"):
        return data
    more = b" ".join(b'a%d="%d"' % (number, number) for number in range(chance.choice((1, 2, 500))))
    twice = b' UI="1" UI="2"' if chance.random() < 0.3 else b""
    end = found[0].end() - (2 if found[0].group().endswith(b"/>") else 1)
    return data[:end] + b" " + more + twice + data[end:]


def _long_text(data: bytes, chance: random.Random) -> bytes:
    at = _spot(data, chance)
    return (
        data[:at]
        + chance.choice((b"a", b"1", b"&amp;", b" \n", b"-", b"\xcc\x81")) * chance.choice((100, 20_000))
        + data[at:]
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A way of damaging a document."""

    damage: Callable[[bytes, random.Random], bytes]
    #: Whether only the record that was given is harmed
    is_local: bool = True


LOCAL = {
    name: Kind(damage)
    for name, damage in {
        "bits flipped": _flip, "bytes overwritten": _overwrite, "cut out": _cut_out, "cut off": _cut_off, "doubled": _double,
        "inserted": _insert, "tags swapped": _swap_tags, "tag dropped": _drop_tag, "piece moved": _move_piece,
        "nested": _nest, "attributes added": _many_attributes, "long text": _long_text,
    }.items()
}  # fmt: skip


def _entities(document: bytes, chance: random.Random) -> bytes:
    """Define entities in the prolog, or between records, and use them."""
    used = document.replace(b"</ArticleTitle>", chance.choice((b"&a;", b"&c;", b"&#38;a;")) + b"</ArticleTitle>")
    at = chance.choice((0, used.index(b">") + 1))
    return used[:at] + chance.choice(_ENTITIES) + used[at:]


def _recoded(document: bytes, chance: random.Random) -> bytes:
    """Write the document in another code than it says, or say another code than it is written in."""
    code = chance.choice(_CODES)
    if chance.random() < 0.5:
        return (
            b"<?xml version='1.0' encoding='"
            + chance.choice((code, "no-such-code", "x" * 100)).encode()
            + b"'?>"
            + document
        )
    return document.decode("utf-8", "replace").encode(code, "replace")


def _torn_gzip(document: bytes, chance: random.Random) -> bytes:
    packed = gzip.compress(document, compresslevel=chance.choice((0, 1, 9)), mtime=0)
    return chance.choice((_flip, _cut_off, _cut_out, _double, _overwrite))(packed, chance)


def _glued_gzip(document: bytes, chance: random.Random) -> bytes:
    """Several gzip members, zeros between or after them, or something else behind."""
    half = _spot(document, chance)
    parts = [gzip.compress(document[:half], mtime=0), gzip.compress(document[half:], mtime=0)]
    return chance.choice((b"", b"\0" * 100)).join(parts) + chance.choice(
        (b"", b"\0" * 512, b"trailing", zlib.compress(b"x"))
    )


def _shuffled(document: bytes, chance: random.Random) -> bytes:
    """Blocks in the wrong order, as a broken download resumes."""
    step = chance.choice((7, 64, 512))
    blocks = [document[at : at + step] for at in range(0, len(document), step)]
    chance.shuffle(blocks)
    return b"".join(blocks)


def _something_else(_document: bytes, chance: random.Random) -> bytes:
    return chance.choice(
        (
            b"",
            b"\0" * 1000,
            b"<html><body>502</body></html>",
            b"PMID- 1",
            b"{}",
            b"<",
            b"<PubmedArticleSet",
            b"\x1f\x8b",
        )
    )


WHOLE = {
    name: Kind(damage, is_local=False)
    for name, damage in {
        "entities defined": _entities, "recoded": _recoded, "gzip torn": _torn_gzip, "gzip glued": _glued_gzip,
        "blocks shuffled": _shuffled, "something else": _something_else,
    }.items()
}  # fmt: skip
KINDS = LOCAL | WHOLE

FIRST = b"<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
LAST = FIRST.replace(b"<PMID>1<", b"<PMID>2<")


@dataclass(slots=True)
class Outcomes:
    """What became of the damaged documents so far."""

    n_inputs: dict[str, int] = field(default_factory=dict)
    n_articles: int = 0
    n_rejects: int = 0
    #: Documents refused as a whole, by kind
    n_refused: dict[str, int] = field(default_factory=dict)
    #: CPU seconds of the slowest, and its kind
    slowest: tuple[float, str] = (0.0, "")
    #: Messages of what must not happen
    failures: list[str] = field(default_factory=list)

    @property
    def n_total(self) -> int:
        return sum(self.n_inputs.values())


def try_one(record: bytes, seed: int, outcomes: Outcomes) -> None:
    """
    Damage *record* between two good ones as *seed* decides, parse, and note what came of it.

    Only a ParseError may come out, or a result; the record before the damage stands, unless the
    document as a whole was harmed.
    """
    chance = random.Random(seed)
    name = chance.choice(sorted(KINDS) if chance.random() < 0.5 else sorted(LOCAL))
    kind = KINDS[name]
    if kind.is_local:
        document = _document(kind.damage(record, chance))
        for _ in range(chance.choice((0, 0, 1, 3))):
            again = chance.choice(sorted(LOCAL))
            document = _document(LOCAL[again].damage(document[len(_HEAD) : -len(_TAIL)], chance))
    else:
        document = kind.damage(_document(record), chance)
    outcomes.n_inputs[name] = outcomes.n_inputs.get(name, 0) + 1
    begin = time.process_time()
    try:
        if seed % _TABLES_EACH == 0:
            in_tables = _count_in_tables(document)
        result = parse_articles(document)
        _note(result, name, kind, seed, outcomes)
        if seed % _TABLES_EACH == 0 and in_tables != (len(result.articles), len(result.rejects)):
            outcomes.failures.append(f"seed {seed}, {name}: the tables hold {in_tables} articles and rejects")
    except ParseError:
        outcomes.n_refused[name] = outcomes.n_refused.get(name, 0) + 1
    except Exception as error:  # noqa: BLE001 - that nothing else comes out is what is tested
        outcomes.failures.append(f"seed {seed}, {name}: {error!r}")
    outcomes.slowest = max(outcomes.slowest, (time.process_time() - begin, f"{name}, seed {seed}"))


_HEAD, _TAIL = b"<PubmedArticleSet>" + FIRST, LAST + b"</PubmedArticleSet>"


def _count_in_tables(document: bytes) -> tuple[int, int]:
    """Return how many articles and rejects come out where records are read column by column."""
    n_articles = n_rejects = 0
    try:
        for block in cut_blocks(read_blocks(io.BytesIO(document))):
            batch = read_block(block)
            n_articles += batch.tables["articles"].num_rows
            n_rejects += len(batch.rejects)
    except ParseError:
        # What came before has been counted; the other reader may not ask for the end of the root.
        pass
    return n_articles, n_rejects


def _document(middle: bytes) -> bytes:
    return _HEAD + middle + _TAIL


def _note(result: ParseResult, name: str, kind: Kind, seed: int, outcomes: Outcomes) -> None:
    outcomes.n_articles += len(result.articles)
    outcomes.n_rejects += len(result.rejects)
    if kind.is_local and (not result.articles or result.articles[0].pmid != 1):
        outcomes.failures.append(f"seed {seed}, {name}: the record before the damage is lost")
    if any(not reject.reason for reject in result.rejects):
        outcomes.failures.append(f"seed {seed}, {name}: a reject without a reason")


def peak_mib() -> float:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
