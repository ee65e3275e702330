"""Bring a warehouse file to this version's schema: numbered migrations, then the views, then the dictionary."""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable

import duckdb

from her2lit.errors import WarehouseDamaged, WarehouseTooNew
from warehouse.transaction import transaction

_MIGRATION = re.compile(r"(\d{4})_(\w+)\.sql")
#: A view's file may say where the columns it does not describe itself are described; the first that has one counts.
_COLUMNS_AS_IN = re.compile(r"^-- Columns as in: (.+)$", re.MULTILINE)
#: The two tables that remember what has been applied. No wall clock in them: equal content, equal file.
_BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS main.schema_migrations (version INTEGER NOT NULL, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL);
COMMENT ON TABLE main.schema_migrations IS 'One row per migration applied to this file; the highest is its schema version';
COMMENT ON COLUMN main.schema_migrations.version IS 'Number of the migration';
COMMENT ON COLUMN main.schema_migrations.name IS 'Name of its file, without number and ending';
COMMENT ON COLUMN main.schema_migrations.sha256 IS 'SHA-256 of its text as applied';
CREATE TABLE IF NOT EXISTS main.schema_views (name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL);
COMMENT ON TABLE main.schema_views IS 'One row per view or macro as it stands in this file';
COMMENT ON COLUMN main.schema_views.name IS 'Schema and name';
COMMENT ON COLUMN main.schema_views.sha256 IS 'SHA-256 of its text';
"""
_DICTIONARY = """
DELETE FROM main.data_dictionary;
INSERT INTO main.data_dictionary
SELECT * FROM (
    SELECT schema_name, table_name, 'table', 0, NULL, NULL, comment FROM duckdb_tables()
    WHERE database_name = current_database() AND NOT internal AND NOT temporary
    UNION ALL
    SELECT schema_name, view_name, 'view', 0, NULL, NULL, comment FROM duckdb_views()
    WHERE database_name = current_database() AND NOT internal AND NOT temporary
    UNION ALL
    SELECT schema_name, function_name, 'macro', 0, NULL, NULL, comment FROM duckdb_functions()
    WHERE database_name = current_database() AND NOT internal
    UNION ALL
    SELECT
        c.schema_name, c.table_name, CASE WHEN v.view_name IS NULL THEN 'table' ELSE 'view' END,
        c.column_index, c.column_name, c.data_type, c.comment
    FROM duckdb_columns() AS c
    LEFT JOIN duckdb_views() AS v
        ON c.database_name = v.database_name AND c.schema_name = v.schema_name AND c.table_name = v.view_name
    WHERE c.database_name = current_database() AND NOT c.internal
) AS described (schema_name, object_name, object_type, position, column_name, data_type, description)
ORDER BY ALL;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlFile:
    """One SQL file of this package."""

    #: "0001" for a migration, "core" or "out" for a view
    group: str
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Return the hash of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def sql_folder(name: str) -> Traversable:
    """Return the folder *name* of SQL files inside this package."""
    return importlib.resources.files("warehouse").joinpath(name)


def read_folder(folder: Traversable, group: str) -> tuple[SqlFile, ...]:
    """Return the .sql files of *folder*, by name; line ends are made equal on every checkout."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(
        SqlFile(
            group=group,
            name=name.removesuffix(".sql"),
            text=folder.joinpath(name).read_bytes().decode().replace("\r\n", "\n"),
        )
        for name in names
    )


@cache
def migrations() -> tuple[SqlFile, ...]:
    """Return every migration in the order of its number."""
    found = []
    for file in read_folder(sql_folder("migrations"), "migrations"):
        match = _MIGRATION.fullmatch(file.name + ".sql")
        if match is None:
            raise ValueError(f"warehouse/migrations/{file.name}.sql is not named NNNN_what_it_does.sql")
        found.append(SqlFile(group=match[1], name=match[2], text=file.text))
    if [int(file.group) for file in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"warehouse/migrations is not numbered through: {', '.join(file.group for file in found)}")
    return tuple(found)


def schema_version() -> int:
    """Return the schema version this program writes."""
    return int(migrations()[-1].group)


@cache
def views() -> tuple[SqlFile, ...]:
    """Return every view and macro, each after those its text names."""
    waiting = [
        *read_folder(sql_folder("views").joinpath("core"), "core"),
        *read_folder(sql_folder("views").joinpath("out"), "out"),
    ]
    ordered: list[SqlFile] = []
    while waiting:
        ready = [file for file in waiting if not _needs(file, waiting)]
        if not ready:
            raise ValueError(f"views that need each other: {', '.join(file.name for file in waiting)}")
        ordered += ready
        waiting = [file for file in waiting if file not in ready]
    return tuple(ordered)


def _needs(file: SqlFile, others: list[SqlFile]) -> bool:
    return any(other != file and re.search(rf"\b{other.group}\.{other.name}\b", file.text) for other in others)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """
    Apply what *connection*'s file lacks; each migration and its record in one transaction.

    Raises:
        WarehouseTooNew: The file knows migrations this program does not; nothing was changed.
        WarehouseDamaged: A migration was applied in another wording than this program's.
    """
    applied = _applied(connection)
    known = migrations()
    if applied and max(applied) > int(known[-1].group):
        raise WarehouseTooNew(
            f"This warehouse has schema version {max(applied)}, this her2lit writes {int(known[-1].group)}. "
            "Upgrade her2lit (pip install --upgrade her2lit); nothing was changed."
        )
    for file in known:
        recorded = applied.get(int(file.group))
        if recorded is None:
            _apply(connection, file, is_first=not applied)
            applied[int(file.group)] = file.sha256
        elif recorded != file.sha256:
            raise WarehouseDamaged(
                f"Migration {file.group}_{file.name} of this warehouse differs from this program's. "
                "Applied migrations must never be edited; restore a backup, or load again from the raw archive."
            )
    refresh_views(connection)


def _applied(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    has_table = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND table_name = 'schema_migrations'"
    ).fetchall()
    if not has_table:
        return {}
    return dict(connection.execute("SELECT version, sha256 FROM main.schema_migrations").fetchall())


def _apply(connection: duckdb.DuckDBPyConnection, file: SqlFile, *, is_first: bool) -> None:
    with transaction(connection):
        if is_first:
            connection.execute(_BOOKKEEPING)
        connection.execute(file.text)
        connection.execute(
            "INSERT INTO main.schema_migrations VALUES (?, ?, ?)", [int(file.group), file.name, file.sha256]
        )


def refresh_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views and macros this version's, and the dictionary with them, in one transaction; nothing if they are."""
    wanted = views()
    marks = {(f"{file.group}.{file.name}", file.sha256) for file in wanted}
    # The dictionary depends on the tables too, so the schema version is part of what is compared.
    marks.add(("schema", str(schema_version())))
    if marks == set(connection.execute("SELECT name, sha256 FROM main.schema_views").fetchall()):
        return
    with transaction(connection):
        _drop_views(connection)
        for file in wanted:
            connection.execute(file.text)
            _take_over_comments(connection, file)
        connection.execute("DELETE FROM main.schema_views")
        for mark in sorted(marks):
            connection.execute("INSERT INTO main.schema_views VALUES (?, ?)", list(mark))
        connection.execute(_DICTIONARY)


def _take_over_comments(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Describe each column that *file* leaves undescribed in the words of the views and tables it names for that."""
    named = _COLUMNS_AS_IN.search(file.text)
    if named is None:
        return
    described = _column_comments(connection, file.group, file.name)
    for source in named[1].split(","):
        schema, _, table = source.strip().partition(".")
        for column, words in _column_comments(connection, schema, table).items():
            if words and column in described and not described[column]:
                described[column] = words
                quoted = words.replace("'", "''")
                connection.execute(f"""COMMENT ON COLUMN "{file.group}"."{file.name}"."{column}" IS '{quoted}'""")


def _column_comments(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, str | None]:
    """Return column -> its comment, of one table or view."""
    rows = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name = ? AND table_name = ?",
        [schema, table],
    ).fetchall()
    return dict(rows)


def _drop_views(connection: duckdb.DuckDBPyConnection) -> None:
    views_held = connection.execute(
        "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal"
    ).fetchall()
    macros_held = connection.execute(
        "SELECT DISTINCT schema_name, function_name, function_type FROM duckdb_functions()"
        " WHERE database_name = current_database() AND NOT internal"
    ).fetchall()
    for schema, name in views_held:
        connection.execute(f'DROP VIEW "{schema}"."{name}"')
    for schema, name, kind in macros_held:
        connection.execute(f'DROP MACRO {"TABLE " if kind == "table_macro" else ""}"{schema}"."{name}"')
