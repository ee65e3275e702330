"""Whatever a record holds is held by the warehouse: rows of its tables, put together again, are the record."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
from every_element import EVERY_BOOK_ELEMENT, EVERY_ELEMENT
from hypothesis import HealthCheck, given, settings
from made_records import night
from random_articles import RECORDS, some_records
from rebuilt import Held, article_from_rows

from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.parse import iter_records
from her2lit.records import Article, Journal, ParsedArticle
from warehouse.load import load_night
from warehouse.rows import ARTICLE_TABLES, VERSION_COLUMNS, version_row


def without_empty_journal(article):
    """A row cannot tell a journal of which nothing is given from none."""
    return replace(article, journal=None) if article.journal == Journal() else article


def held_as_rows(article):
    """What would be written for *article*."""
    parsed = ParsedArticle(article=article, fingerprint=fingerprint(article), batch_sha256="b")
    tables = {t.name: [dict(zip(t.columns, row, strict=True)) for row in t.rows(article)] for t in ARTICLE_TABLES}
    return Held(dict(zip(VERSION_COLUMNS, version_row(parsed), strict=True)), tables)


def as_dicts(connection, sql):
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def held_in(connection):
    """Everything that the warehouse holds, by PMID and version."""
    versions = as_dicts(connection, "SELECT * FROM article_versions ORDER BY version_id")
    tables = {version["version_id"]: {table.name: [] for table in ARTICLE_TABLES} for version in versions}
    for table in ARTICLE_TABLES:
        keys = ", ".join(name for name in table.columns if name.endswith("position")) or "pmid"
        for row in as_dicts(connection, f"SELECT * FROM {table.name} ORDER BY version_id, {keys}"):
            tables[row["version_id"]][table.name].append(row)
    return {(v["pmid"], v["pmid_version"]): Held(v, tables[v["version_id"]]) for v in versions}


def loaded(connection, articles):
    """Load *articles* in one night and return them as they can be read back."""
    load_night(connection, night(*articles, annotations=()))
    held = held_in(connection)
    return [article_from_rows(held[article.pmid, article.pmid_version]) for article in articles]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(article=RECORDS)
def test_the_rows_of_a_record_can_be_put_together_again(article):
    assert article_from_rows(held_as_rows(article)) == without_empty_journal(article)


def test_what_the_database_was_given_it_gives_back(writer):
    articles = some_records(30)

    assert loaded(writer, articles) == list(map(without_empty_journal, articles))


def test_a_record_with_every_element_comes_back(writer):
    both = [EVERY_ELEMENT, EVERY_BOOK_ELEMENT]

    assert loaded(writer, both) == both


@pytest.mark.parametrize("name", ["pubmed_records.xml.gz", "pubmed_revisions.xml.gz"])
def test_real_records_come_back(writer, shared, name):
    """A part of them, of every age: each thirtieth."""
    records = islice(iter_records(shared / "data" / name), 0, None, 30)
    articles = {(a.pmid, a.pmid_version): a for a in records if isinstance(a, Article)}

    assert loaded(writer, articles.values()) == list(articles.values())
