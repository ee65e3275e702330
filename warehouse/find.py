"""Ask the published snapshot in words: full-text search with facets, the sentence that matched, and near terms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.query import run_query

#: Roles in which a record is about a drug.
_ABOUT = "('studied', 'comparator')"
#: What a query leaves out: -word and -"words in quotes".
_EXCLUSION = re.compile(r'(?:^|(?<=\s))-(?:"[^"]*"?|\S+)')

_FOUND = f"""
WITH hits AS (SELECT * FROM out.find(?, any_word := ?)),
judged AS (
    SELECT
        h.pmid, h.score, v.version_id, v.created_date, v.title, coalesce(v.medline_ta, v.journal_title) AS journal,
        e.annotation_id, e.design
    FROM hits AS h
    INNER JOIN main.article_versions AS v ON h.pmid = v.pmid AND v.seen_to IS NULL
    LEFT JOIN main.article_evidence AS e ON v.version_id = e.version_id AND e.superseded_at IS NULL
),
narrowed AS (
    SELECT j.*
    FROM judged AS j
    WHERE
        (?::DATE IS NULL OR j.created_date >= ?::DATE)
        AND (len(?::VARCHAR[]) = 0 OR list_contains(?::VARCHAR[], j.design))
        AND (len(?::VARCHAR[]) = 0 OR j.annotation_id IN (
            SELECT f.annotation_id FROM main.article_facets AS f
            WHERE f.facet = 'setting' AND list_contains(?::VARCHAR[], f.value)))
        AND (len(?::VARCHAR[]) = 0 OR j.annotation_id IN (
            SELECT d.annotation_id FROM main.article_drugs AS d
            WHERE d.role IN {_ABOUT} AND (list_contains(?::VARCHAR[], d.drug_id) OR list_contains(?::VARCHAR[], d.rolls_up_to))))
),
page AS MATERIALIZED (
    SELECT n.*, count(*) OVER () AS n_found FROM narrowed AS n ORDER BY n.score DESC, n.pmid DESC LIMIT ?
),
about AS (
    SELECT d.annotation_id, list(d.drug_id ORDER BY d.position) AS drug_ids
    FROM main.article_drugs AS d SEMI JOIN page AS p ON d.annotation_id = p.annotation_id
    WHERE d.role IN {_ABOUT}
    GROUP BY d.annotation_id
)
SELECT
    p.pmid, p.score, p.created_date, p.title, p.journal, coalesce(a.drug_ids, []), p.design,
    coalesce(i.is_retracted, FALSE), coalesce(i.has_concern, FALSE), p.n_found
FROM page AS p
LEFT JOIN about AS a ON p.annotation_id = a.annotation_id
LEFT JOIN (SELECT * FROM core.integrity_as_of(TIMESTAMP 'infinity') AS m SEMI JOIN page AS o ON m.pmid = o.pmid) AS i
    ON p.pmid = i.pmid
ORDER BY p.score DESC, p.pmid DESC
"""

_SNIPPETS = """
WITH asked AS (
    SELECT DISTINCT core.find_term(part) AS term
    FROM (SELECT unnest(core.find_parts(word)) AS part FROM (SELECT unnest(core.find_words(?)) AS word))
),
sentences AS (
    SELECT s.pmid, s.position, unnest(core.find_sentences(s.text)) AS sentence,
        generate_subscripts(core.find_sentences(s.text), 1) AS number
    FROM main.abstract_sections AS s
    INNER JOIN main.article_versions AS v ON s.version_id = v.version_id
    WHERE v.seen_to IS NULL AND list_contains(?::BIGINT[], v.pmid)
),
parts AS (
    SELECT pmid, position, number, sentence, unnest(core.find_parts(word)) AS part
    FROM (SELECT pmid, position, number, sentence, unnest(core.find_words(sentence)) AS word FROM sentences)
),
counted AS (
    SELECT p.pmid, p.position, p.number, any_value(p.sentence) AS sentence, count(DISTINCT a.term) AS n_terms
    FROM parts AS p INNER JOIN asked AS a ON core.find_term(p.part) = a.term
    GROUP BY p.pmid, p.position, p.number
)
SELECT pmid, arg_max(sentence, n_terms * 1000000 - position * 1000 - number) FROM counted GROUP BY pmid
"""

_HAVING = "SELECT count(*) FROM out.find(?)"

_NEAR = """
WITH wanted AS (SELECT core.find_term(?) AS term),
terms AS (
    SELECT p.term, count(*) AS n_records
    FROM main.find_postings AS p INNER JOIN main.find_documents AS d ON p.document_id = d.document_id
    CROSS JOIN wanted AS w
    WHERE d.is_current AND abs(length(p.term) - length(w.term)) <= 2
    GROUP BY p.term
)
SELECT t.term, t.n_records
FROM terms AS t CROSS JOIN wanted AS w
WHERE damerau_levenshtein(t.term, w.term) <= CASE WHEN length(w.term) < 5 THEN 1 ELSE 2 END AND t.term <> w.term
ORDER BY damerau_levenshtein(t.term, w.term), t.n_records DESC, t.term
LIMIT 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindQuestion:
    """What is looked for; empty tuples and None leave a facet open."""

    #: Words, "words in quotes", -word
    text: str
    #: Records that study one of these drugs, or compare with it; a reference drug brings its biosimilars
    drug_ids: tuple[str, ...] = ()
    #: created_date from this day on
    since: date | None = None
    designs: tuple[str, ...] = ()
    #: Values of the facet "setting"
    settings: tuple[str, ...] = ()
    #: One of the words is enough
    any_word: bool = False
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """One record that was found."""

    pmid: int
    #: BM25; for ordering only
    score: float
    created_date: date | None
    title: str | None
    journal: str | None
    #: Drugs it studies or compares with, in the order of the record's judgement
    drug_ids: tuple[str, ...]
    #: None when the record was not judged
    design: str | None
    is_retracted: bool
    has_concern: bool
    #: The sentence of the abstract with most of the words, exactly as printed; None when the title alone matched
    snippet: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindResult:
    """The best records, and how many there are in all."""

    articles: tuple[FoundArticle, ...]
    n_found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCount:
    """How many records have one word of a question, and what is written nearly like it where none has."""

    word: str
    n_records: int
    #: (term, records), nearest first
    near: tuple[tuple[str, int], ...] = ()


def find_articles(database: Path, question: FindQuestion, *, timeout_s: float = 30.0) -> FindResult:
    """
    Return the records of the published file *database* that answer *question*, best first.

    Raises:
        WarehouseError: The file is missing or unreadable, or it took longer than *timeout_s*.
    """
    designs, settings, drugs = list(question.designs), list(question.settings), list(question.drug_ids)
    rows = run_query(
        database,
        _FOUND,
        timeout_s=timeout_s,
        parameters=(
            question.text, question.any_word, question.since, question.since,
            designs, designs, settings, settings, drugs, drugs, drugs, question.limit,
        ),
    ).rows  # fmt: skip
    snippets = _snippets(database, question.text, [row[0] for row in rows], timeout_s)
    articles = tuple(
        FoundArticle(
            pmid=pmid, score=round(score, 3), created_date=created_date, title=title, journal=journal,
            drug_ids=tuple(drug_ids), design=design, is_retracted=is_retracted, has_concern=has_concern,
            snippet=snippets.get(pmid),
        )
        for pmid, score, created_date, title, journal, drug_ids, design, is_retracted, has_concern, _ in rows
    )  # fmt: skip
    return FindResult(articles=articles, n_found=rows[0][-1] if rows else 0)


def wanted_text(text: str) -> str:
    """Return *text* without what it excludes."""
    return " ".join(_EXCLUSION.sub(" ", text).split())


def _snippets(database: Path, text: str, pmids: list[int], timeout_s: float) -> dict[int, str]:
    if not pmids:
        return {}
    rows = run_query(database, _SNIPPETS, timeout_s=timeout_s, parameters=(wanted_text(text), pmids)).rows
    return {pmid: sentence.strip() for pmid, sentence in rows}


def count_words(database: Path, text: str, *, timeout_s: float = 30.0) -> tuple[WordCount, ...]:
    """Return for each wanted word of *text* how many records have it, with near terms where none has."""
    [(words,)] = run_query(
        database, "SELECT core.find_words(?)", timeout_s=timeout_s, parameters=(wanted_text(text),)
    ).rows
    counts = []
    for word in dict.fromkeys(words):
        [(n_records,)] = run_query(database, _HAVING, timeout_s=timeout_s, parameters=(word,)).rows
        near = () if n_records else run_query(database, _NEAR, timeout_s=timeout_s, parameters=(word,)).rows
        counts.append(WordCount(word=word, n_records=n_records, near=tuple((t, n) for t, n in near)))
    return tuple(counts)


def known_values(database: Path, *, timeout_s: float = 30.0) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the designs and the settings that occur in *database*, sorted."""
    designs = run_query(database, "SELECT DISTINCT design FROM main.article_evidence ORDER BY 1", timeout_s=timeout_s)
    settings = run_query(
        database,
        "SELECT DISTINCT value FROM main.article_facets WHERE facet = 'setting' ORDER BY 1",
        timeout_s=timeout_s,
    )
    return tuple(value for (value,) in designs.rows), tuple(value for (value,) in settings.rows)
