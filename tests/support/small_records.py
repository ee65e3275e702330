"""The least a record can be, documents made of such records, and what can befall their bytes."""

from __future__ import annotations

import random

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


def record(pmid: int, *, version: int = 1, title: str = "A title.", more: str = "") -> str:
    """The least a PubmedArticle holds."""
    return (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="{version}">{pmid}</PMID>'
        f'<Article PubModel="Print"><ArticleTitle>{title}</ArticleTitle>{more}</Article></MedlineCitation></PubmedArticle>'
    )


def document(*records: str) -> bytes:
    """Records inside their root."""
    return ("<?xml version='1.0'?>\n<PubmedArticleSet>\n" + "\n".join(records) + "\n</PubmedArticleSet>\n").encode()


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
