"""
Read a published snapshot as a client of this DuckDB version would: all of it, by every way in that the documents show.

Every row of every table and view, both as-of macros, every sample query, and the Parquet files beside it.

Usage: read_published.py DATABASE [FOLDER OF SAMPLE QUERIES]
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

# hash() touches every column of every row; count(*) alone would read none.
SCAN = "SELECT count(*), bit_xor(hash(r)) FROM {} AS r"
CATALOGUE = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
    "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
)


def count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """Return the number of rows of *source*, all of which were read."""
    return int((connection.execute(SCAN.format(source)).fetchall() or [(0,)])[0][0])


def main() -> None:
    """Count and scan everything, or fail."""
    database = Path(sys.argv[1])
    queries = sorted(Path(sys.argv[2]).glob("*.sql")) if len(sys.argv) > 2 else []
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(CATALOGUE).fetchall()
        rows = {f'"{schema}"."{name}"': count(connection, f'"{schema}"."{name}"') for schema, name in names}
        for macro in ("articles_as_of", "evidence_as_of"):
            if not count(connection, f"out.{macro}(TIMESTAMP '2100-01-01')"):
                raise SystemExit(f"{macro} found nothing")
        for query in queries:
            connection.execute(query.read_text(encoding="utf-8")).fetchall()
        for table in sorted((database.parent / "parquet").glob("*.parquet")):
            n_rows = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(table)]).fetchall()[0][0]
            key = f'"main"."{table.stem}"'
            if n_rows != rows[key]:
                raise SystemExit(f"{table.name} has {n_rows} rows, the table {rows[key]}")
    if not any(rows.values()):
        raise SystemExit(f"{database} holds no rows")
    print(
        f"DuckDB {duckdb.__version__}: {len(rows)} tables and views, {sum(rows.values())} rows, {len(queries)} sample queries"
    )


if __name__ == "__main__":
    main()
