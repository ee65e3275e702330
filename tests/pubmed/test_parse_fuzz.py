"""
Damaged input gives rejects or a ParseError, never another error, and never costs its neighbours.

HER2LIT_FUZZ=1000000 sets how many damaged documents are tried; the suite tries fewer.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from small_records import damage

from her2lit.errors import ParseError
from her2lit.pubmed.parse import parse_articles

XML = Path(__file__).parent / "xml"
N_TRIES = int(os.environ.get("HER2LIT_FUZZ", "20000"))


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
