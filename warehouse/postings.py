"""
Keep the full-text index up: which words stand in which title and abstract (tables find_*, asked by out.find).

What a word and a term is, the macros core.find_* say, for text that is stored and for questions alike.
The index is a function of the current texts: a text that did not change keeps its rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import duckdb

from warehouse.arrow import arrow_table, one_row, registered
from warehouse.migrate import views
from warehouse.transaction import transaction

#: The macros that cut text into terms: when one of them changes, the index is made anew.
TOKENISER = frozenset({"find_spelled", "find_words", "find_parts", "find_term"})
#: Records indexed in one transaction when everything is: about 3 million rows and 0.5 GB of memory.
SLICE = 20_000

_WANTED = r"""
CREATE OR REPLACE TEMP TABLE find_wanted AS
WITH current_versions AS (
    SELECT v.pmid, v.version_id, v.title
    FROM main.article_versions AS v SEMI JOIN asked ON v.pmid = asked.pmid
    WHERE v.seen_to IS NULL
),
abstracts AS (
    SELECT s.version_id, string_agg(s.text, chr(10) ORDER BY s.position) AS abstract
    FROM main.abstract_sections AS s SEMI JOIN current_versions AS v ON s.version_id = v.version_id
    GROUP BY s.version_id
)
SELECT
    v.pmid,
    coalesce(v.title, '') AS title,
    coalesce(a.abstract, '') AS abstract,
    md5(coalesce(v.title, '') || chr(30) || coalesce(a.abstract, '')) AS text_md5
FROM current_versions AS v LEFT JOIN abstracts AS a ON v.version_id = a.version_id
WHERE v.title IS NOT NULL OR a.abstract IS NOT NULL
"""
_END_REPLACED = """
UPDATE main.find_documents AS d SET is_current = FALSE FROM asked
WHERE d.pmid = asked.pmid AND d.is_current
    AND NOT EXISTS (SELECT 1 FROM find_wanted AS w WHERE w.pmid = d.pmid AND w.text_md5 = d.text_md5)
"""
_NEW = """
CREATE OR REPLACE TEMP TABLE find_new AS
SELECT
    (SELECT coalesce(max(d.document_id), 0) FROM main.find_documents AS d)
        + row_number() OVER (ORDER BY w.pmid) AS document_id,
    w.*
FROM find_wanted AS w
ANTI JOIN (SELECT d.pmid FROM main.find_documents AS d SEMI JOIN asked ON d.pmid = asked.pmid WHERE d.is_current) AS h
    ON w.pmid = h.pmid
"""
# Words never reach over a blank, so each different piece between blanks is cut up once, however often it stands there.
_NEW_POSTINGS = """
CREATE OR REPLACE TEMP TABLE find_new_postings AS
WITH pieces AS MATERIALIZED (
    SELECT document_id, TRUE AS is_title, unnest(string_split(title, ' ')) AS piece FROM find_new
    UNION ALL
    SELECT document_id, FALSE AS is_title, unnest(string_split(abstract, ' ')) AS piece FROM find_new
),
terms AS MATERIALIZED (
    SELECT piece, core.find_term(part) AS term
    FROM (
        SELECT piece, unnest(core.find_parts(word)) AS part
        FROM (SELECT piece, unnest(core.find_words(piece)) AS word FROM (SELECT DISTINCT piece FROM pieces))
    )
)
SELECT
    t.term,
    p.document_id,
    least(count(*) FILTER (WHERE p.is_title), 32767)::SMALLINT AS n_in_title,
    least(count(*) FILTER (WHERE NOT p.is_title), 32767)::SMALLINT AS n_in_abstract
FROM pieces AS p INNER JOIN terms AS t ON p.piece = t.piece
GROUP BY t.term, p.document_id
"""
_INSERT_POSTINGS = """
INSERT INTO main.find_postings (term, document_id, n_in_title, n_in_abstract)
SELECT term, document_id, n_in_title, n_in_abstract FROM find_new_postings ORDER BY term, document_id
"""
_INSERT_DOCUMENTS = """
INSERT INTO main.find_documents (document_id, pmid, text_md5, is_current, n_terms, n_words)
SELECT n.document_id, n.pmid, n.text_md5, TRUE, coalesce(p.n_terms, 0), coalesce(p.n_words, 0)
FROM find_new AS n
LEFT JOIN (
    SELECT document_id, count(*) AS n_terms, sum(n_in_title + n_in_abstract) AS n_words
    FROM find_new_postings GROUP BY document_id
) AS p ON n.document_id = p.document_id
ORDER BY n.document_id
"""


def tokeniser_sha256() -> str:
    """Return one hash over the macros that cut text into terms."""
    lines = [f"{file.name} {file.sha256}\n" for file in views() if file.group == "core" and file.name in TOKENISER]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def index_records(connection: duckdb.DuckDBPyConnection, pmids: Iterable[int]) -> None:
    """
    Make the current texts of *pmids* findable and what they replace, or what was deleted, not; no own transaction.

    A text that is findable already is left alone: doing it again changes nothing.
    """
    asked = sorted(set(pmids))
    if not asked:
        return
    with registered(connection, "asked", arrow_table(("pmid",), {"pmid": "BIGINT"}, [(pmid,) for pmid in asked])):
        connection.execute(_WANTED)
        connection.execute(_END_REPLACED)
        connection.execute(_NEW)
    connection.execute(_NEW_POSTINGS)
    connection.execute(_INSERT_POSTINGS)
    connection.execute(_INSERT_DOCUMENTS)
    for table in ("find_new_postings", "find_new", "find_wanted"):
        connection.execute(f"DROP TABLE temp.{table}")


def bring_up_to_date(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Index every current text when the index was made by another definition of terms, or never; else do nothing.

    Slice by slice, each in a transaction: killed in between, the next call goes on where it stopped.
    """
    wanted = tokeniser_sha256()
    held = one_row(connection, "SELECT tokeniser_sha256 FROM main.find_index")
    if held == (wanted,):
        return
    if held is not None:
        with transaction(connection):
            for table in ("find_postings", "find_documents", "find_index"):
                connection.execute(f"DELETE FROM main.{table}")
    rows = connection.execute("SELECT DISTINCT pmid FROM main.article_versions WHERE seen_to IS NULL ORDER BY pmid")
    pmids = [pmid for (pmid,) in rows.fetchall()]
    for part in _slices(pmids, SLICE):
        with transaction(connection):
            index_records(connection, part)
    with transaction(connection):
        connection.execute("INSERT INTO main.find_index (tokeniser_sha256) VALUES (?)", [wanted])


def _slices(pmids: list[int], size: int) -> Iterator[list[int]]:
    return (pmids[start : start + size] for start in range(0, len(pmids), size))
