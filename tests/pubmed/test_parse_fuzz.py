"""
Damaged input gives rejects or a ParseError, never another error, and never costs its neighbours.

HER2LIT_FUZZ=1000000 sets how many damaged documents are tried; the suite tries fewer.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from her2lit.errors import ParseError
from her2lit.pubmed.parse import parse_articles

XML = Path(__file__).parent / "xml"
N_TRIES = int(os.environ.get("HER2LIT_FUZZ", "20000"))
SNIPPETS = (
    b"<",
    b">",
    b"&",
    b"&x;",
    b"</i>",
    b"<i>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"\x00",
    b"\xff",
    b'"',
    b"<PubmedArticle>",
    b"</PubmedArticle>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"<?p ?>",
    b" " * 50,
    b"9" * 40,
)


def damage(data: bytes, chance: random.Random) -> bytes:
    """Cut, double, overwrite or insert something at one to three places."""
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 2, 5, 40, 400))
        kind = chance.randrange(4)
        if kind == 0:
            data = data[:at] + data[at + length :]
        elif kind == 1:
            data = data[:at] + data[at : at + length] + data[at:]
        elif kind == 2:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        else:
            data = data[:at] + chance.choice(SNIPPETS) + data[at:]
    return data


def test_whatever_is_damaged_only_typed_errors_come_out():
    chance = random.Random(1998)
    record = (XML / "every_element.xml").read_bytes()
    body = record[record.index(b"<PubmedArticle>") : record.rindex(b"</PubmedArticle>") + 16]
    small = b"<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    outcomes = {"articles": 0, "rejects": 0, "refused": 0}

    for number in range(N_TRIES):
        middle = body if number % 20 == 0 else small
        hurt = damage(middle, chance)
        try:
            result = parse_articles(b"<PubmedArticleSet>" + small + hurt + small + b"</PubmedArticleSet>")
        except ParseError:
            outcomes["refused"] += 1
            continue
        outcomes["articles"] += len(result.articles)
        outcomes["rejects"] += len(result.rejects)
        assert result.articles[0].pmid == 1

    assert outcomes["articles"] > N_TRIES
    assert outcomes["rejects"] > N_TRIES // 10
