"""
Read a published snapshot as a client of this DuckDB version would: every row of every table and reader's view.

Usage: read_published.py DATABASE
"""

from __future__ import annotations

import sys

import duckdb


def main() -> None:
    """Count and scan everything, or fail."""
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
            "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        n_rows = 0
        for schema, name in names:
            # hash() touches every column of every row; count(*) alone would read none.
            query = f'SELECT count(*), bit_xor(hash(r)) FROM "{schema}"."{name}" AS r'  # noqa: S608 - names come from the catalogue
            n_rows += (connection.execute(query).fetchone() or (0,))[0]
    if not n_rows:
        raise SystemExit(f"{sys.argv[1]} holds no rows")
    print(f"DuckDB {duckdb.__version__} read {len(names)} tables and views, {n_rows} rows")


if __name__ == "__main__":
    main()
