import lzma
import re
from pathlib import Path

import duckdb
import pytest

from her2lit.errors import WarehouseDamaged, WarehouseTooNew
from warehouse import migrate as migrate_module
from warehouse.connection import open_writer
from warehouse.migrate import (
    SqlFile,
    migrate,
    migrations,
    read_folder,
    refresh_views,
    schema_version,
    sql_folder,
    views,
)


def held(connection, sql):
    return connection.execute(sql).fetchall()


@pytest.mark.parametrize("kind", ["tables", "views", "columns", "functions"])
def test_every_table_view_macro_and_column_says_what_it_is(writer, kind):
    undescribed = held(
        writer,
        f"SELECT * FROM duckdb_{kind}() WHERE NOT internal AND database_name = current_database()"
        " AND coalesce(length(comment), 0) < 3",
    )

    assert undescribed == []


def test_the_dictionary_describes_everything_there_is(writer):
    described = held(writer, "SELECT schema_name, object_name, column_name FROM data_dictionary WHERE position > 0")
    there = held(
        writer,
        "SELECT schema_name, table_name, column_name FROM duckdb_columns()"
        " WHERE NOT internal AND database_name = current_database()",
    )

    assert sorted(described) == sorted(there)
    assert {row[0] for row in held(writer, "SELECT DISTINCT object_type FROM data_dictionary")} == {
        "table",
        "view",
        "macro",
    }


def test_no_published_sql_uses_what_only_some_clients_know():
    """
    DuckDB 2.0 refuses x -> y, 1.x reads ~ differently, and views must name no path of this machine.
    """
    for file in (*views(), *read_folder(sql_folder("queries"), "queries")):
        sql = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", file.text)

        assert not re.search(r"->|lambda|(?<![<>!])~|read_|attach", sql, re.IGNORECASE), file.name


def test_every_view_is_named_after_its_file():
    for file in views():
        assert re.search(rf"CREATE OR REPLACE (VIEW|MACRO) {file.group}\.{file.name}\b", file.text), file.name


def test_migrating_again_changes_nothing(writer):
    before = held(writer, "SELECT * FROM schema_migrations ORDER BY 1"), held(writer, "SELECT * FROM data_dictionary")

    migrate(writer)

    assert (
        held(writer, "SELECT * FROM schema_migrations ORDER BY 1"),
        held(writer, "SELECT * FROM data_dictionary"),
    ) == before


def test_a_newer_file_is_refused_and_left_alone(warehouse_path):
    with duckdb.connect(str(warehouse_path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'from_the_future', 'x')")
    before = warehouse_path.read_bytes()

    with pytest.raises(WarehouseTooNew, match="Upgrade her2lit"), open_writer(warehouse_path):
        pass

    assert warehouse_path.read_bytes() == before


def test_an_edited_migration_is_refused(writer):
    writer.execute("UPDATE schema_migrations SET sha256 = 'other' WHERE version = 1")

    with pytest.raises(WarehouseDamaged, match="must never be edited"):
        migrate(writer)


def test_a_migration_that_fails_leaves_nothing_of_itself(writer, monkeypatch):
    broken = SqlFile(group="9001", name="broken", text="CREATE TABLE half (a INTEGER); SELECT * FROM nowhere;")
    known = migrations()
    monkeypatch.setattr(migrate_module, "migrations", lambda: (*known, broken))

    with pytest.raises(duckdb.Error):
        migrate(writer)

    assert held(writer, "SELECT max(version) FROM schema_migrations") == [(int(known[-1].group),)]
    assert held(writer, "SELECT * FROM duckdb_tables() WHERE table_name = 'half'") == []


def test_a_view_that_changed_or_went_is_made_anew_with_its_dictionary(writer, monkeypatch):
    kept = views()[:-1]
    gone = views()[-1]
    changed = SqlFile(
        group="out",
        name="added",
        text="CREATE OR REPLACE VIEW out.added AS SELECT 1 AS one;"
        "COMMENT ON VIEW out.added IS 'A view'; COMMENT ON COLUMN out.added.one IS 'One';",
    )
    monkeypatch.setattr(migrate_module, "views", lambda: (*kept, changed))

    refresh_views(writer)

    assert held(writer, "SELECT one FROM out.added") == [(1,)]
    assert held(writer, "SELECT description FROM data_dictionary WHERE object_name = 'added' ORDER BY position") == [
        ("A view",),
        ("One",),
    ]
    assert held(writer, f"SELECT * FROM data_dictionary WHERE object_name = '{gone.name}'") == []


def test_a_file_of_schema_5_is_brought_up_to_date_with_all_its_rows(tmp_path):
    """
    schema_0005.duckdb.xz holds two made-up nights as her2lit 0.1.0 left them.
    """
    path = tmp_path / "warehouse.duckdb"
    stored = Path(__file__).with_name("schema_0005.duckdb.xz").read_bytes()
    path.write_bytes(lzma.decompress(stored))

    with open_writer(path) as connection:
        assert held(connection, "SELECT max(version) FROM schema_migrations") == [(schema_version(),)]
        assert held(connection, "SELECT event_type, pmid FROM out.new_evidence ORDER BY event_id") == [
            ("appeared", 1),
            ("late_arrival", 2),
            ("revised", 1),
            ("indexed", 1),
            ("retracted", 2),
            ("appeared", 3),
        ]
        assert held(connection, "SELECT count(*), count(seen_to) FROM article_versions") == [(4, 1)]
        assert held(connection, "SELECT outcome FROM runs") == [("clean",), ("clean",)]


def shape(connection):
    """Everything a schema consists of: columns with types and comments, views, macros, the dictionary."""
    columns = "schema_name, table_name, column_name, data_type, is_nullable, comment"
    return (
        held(connection, f"SELECT {columns} FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"),
        held(
            connection, "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
        ),
        held(
            connection,
            "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
        ),
        held(connection, "SELECT * FROM data_dictionary ORDER BY ALL"),
        held(connection, "SELECT * FROM schema_migrations ORDER BY ALL"),
        held(connection, "SELECT * FROM schema_views ORDER BY ALL"),
    )


@pytest.mark.parametrize("version", [int(file.group) for file in migrations()[:-1]])
def test_a_file_of_any_earlier_version_becomes_what_a_new_one_is(version, writer, tmp_path):
    """
    Column for column and comment for comment, with what it held.
    """
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as old:
        for number, file in enumerate(migrations()[:version]):
            migrate_module._apply(old, file, is_first=number == 0)
        old.execute("INSERT INTO languages VALUES (1, 2, 3, 'eng')" if version > 1 else "SELECT 1")

    with open_writer(path) as connection:
        assert shape(connection) == shape(writer)
        assert held(connection, "SELECT * FROM languages") == ([(1, 2, 3, "eng")] if version > 1 else [])


def test_a_view_takes_over_the_words_of_another_for_the_columns_it_does_not_describe(writer):
    sql = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'out' AND table_name = ? AND column_name = ?"

    def words(view, column):
        [(comment,)] = writer.execute(sql, [view, column]).fetchall()
        return comment

    assert words("late_arrivals", "finding") == words("new_evidence", "finding")
    assert words("late_arrivals", "days_late") != words("late_indexed", "days_late")
    assert words("outcome_table", "drug_id") != words("current_evidence", "drug_id")


def test_every_file_that_takes_over_words_names_what_there_is(writer):
    """
    A source misspelt would leave columns undescribed, or take the words of the next one.
    """
    there = {
        f"{schema}.{name}"
        for schema, name in held(writer, "SELECT DISTINCT schema_name, table_name FROM duckdb_columns()")
    }
    named = {
        source.strip()
        for file in views()
        for line in re.findall(r"^-- Columns as in: (.+)$", file.text, re.MULTILINE)
        for source in line.split(",")
    }

    assert named - there == set()
    assert len(named) >= 5
