"""Whatever a record holds comes back: from XML written by an independent writer, from JSON, from Arrow tables."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace

from article_xml import write_records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_articles import RECORDS, some_records
from rebuilt import articles_from_tables

from her2lit.pubmed.article_json import article_from_dict, article_to_json
from her2lit.pubmed.parse import parse_articles
from her2lit.pubmed.tables import batches_of
from her2lit.records import Article, Journal

#: HER2LIT_ROUND_TRIPS multiplies how many random records are tried.
_TIMES = int(os.environ.get("HER2LIT_ROUND_TRIPS", "1"))


def random_records(n_examples: int) -> settings:
    """How often a test is tried; a record with everything in it is large and takes its time."""
    return settings(
        max_examples=n_examples * _TIMES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def differences(read, written):
    """Field by field what differs, for a failure that can be read."""
    return {
        field.name: (getattr(read, field.name), getattr(written, field.name))
        for field in fields(Article)
        if getattr(read, field.name) != getattr(written, field.name)
    }


@random_records(40)
@given(article=RECORDS, seed=st.integers(0, 2**32))
def test_what_is_written_as_xml_is_read_back(article, seed):
    document = write_records([article], seed)

    result = parse_articles(document, require_closed_root=True)

    [read] = result.articles
    assert differences(read, article) == {}
    assert read == article
    assert (result.rejects, result.deletions, result.unknown) == ((), (), ())


@random_records(20)
@given(article=RECORDS)
def test_what_is_written_as_json_is_read_back(article):
    line = article_to_json(article)

    assert article_from_dict(json.loads(line)) == article


def without_empty_journal(article):
    """A table cannot tell a journal of which nothing is given from none."""
    return replace(article, journal=None) if article.journal == Journal() else article


def test_what_is_written_as_arrow_tables_can_be_put_together_again():
    articles = some_records(30 * _TIMES)

    [tables] = batches_of(articles)

    assert articles_from_tables(tables) == list(map(without_empty_journal, articles))
