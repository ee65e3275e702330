"""What a warehouse says, in one line a table: to see whether two files hold the same, in whatever order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import duckdb

from warehouse.arrow import one_row

#: Tables that say who asked and when, not what is known: left out of the content hash.
LEDGER_TABLES = frozenset({"runs", "search_runs", "watermarks", "fetch_batches", "drug_versions"})
#: Of these, only what they say counts, not which run said it again.
_PARTLY = {"search_hits": ("strategy", "arm", "pmid"), "rejects": ("pmid", "reason")}
#: The full-text index follows from titles and abstracts: what it says now counts, not in which order it grew.
_DERIVED = {
    "find_documents": """
        SELECT count(*) || ':' || coalesce(sum(md5_number_lower(concat_ws(' ', pmid, text_md5, n_terms, n_words))::HUGEINT), 0)
        FROM main.find_documents WHERE is_current
    """,
    "find_postings": """
        SELECT
            count(*) || ':' || coalesce(sum(p.n_in_title), 0) || ':' || coalesce(sum(p.n_in_abstract), 0)
                || ':' || coalesce(sum((unicode(p.term) + 31 * strlen(p.term)) * d.pmid), 0)
        FROM main.find_postings AS p INNER JOIN main.find_documents AS d ON p.document_id = d.document_id
        WHERE d.is_current
    """,
}
#: Columns that name the attempt of a run: a night that was killed and started again is the same night.
_ATTEMPT_COLUMNS = frozenset({"run_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDigest:
    """A table by what is in it, in whatever order."""

    table: str
    n_rows: int
    #: Count and sum of row hashes; every block of every column was read to make it
    digest: str


def table_digests(connection: duckdb.DuckDBPyConnection) -> tuple[TableDigest, ...]:
    """Read every row of every table of the current database; return each table's count and digest, by name."""
    rows = connection.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal"
        " GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    return tuple(_table_digest(connection, table, tuple(columns)) for table, columns in rows)


def _table_digest(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> TableDigest:
    if table in _DERIVED:
        (n_rows,) = one_row(connection, f'SELECT count(*) FROM main."{table}"') or (0,)
        (digest,) = one_row(connection, _DERIVED[table]) or ("",)
        return TableDigest(table=table, n_rows=n_rows, digest=digest)
    counted = tuple(name for name in _PARTLY.get(table, columns) if name not in _ATTEMPT_COLUMNS)
    distinct = "DISTINCT" if table in _PARTLY else ""
    values = ", ".join(f"""coalesce("{name}"::VARCHAR, chr(0))""" for name in counted)
    # A sum of row hashes does not depend on the order of rows, and unlike XOR sees doubled ones.
    sql = f"""
        SELECT
            (SELECT count(*) FROM main."{table}"),
            count(*) || ':' || coalesce(sum(md5_number_lower(row_text)::HUGEINT), 0)
        FROM (SELECT {distinct} concat_ws(chr(31), {values}) AS row_text FROM main."{table}")
    """
    row = one_row(connection, sql) or (0, "")
    return TableDigest(table=table, n_rows=row[0], digest=row[1])


def content_hash(digests: tuple[TableDigest, ...]) -> str:
    """Return one hash over all tables but the ledger's."""
    lines = [f"{d.table} {d.digest}\n" for d in digests if d.table not in LEDGER_TABLES]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
