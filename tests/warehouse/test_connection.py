import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

import her2lit
from her2lit.errors import DiskTooFull, WarehouseDamaged, WarehouseError, WarehouseLocked, WarehouseTooNew
from warehouse.connection import STORAGE_VERSION, open_copy, open_snapshot, open_writer, translate

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("SELECT 1")
print("open", flush=True)
sys.stdin.read()
"""


#: Leaves its last commit in the write-ahead log.
KILLED = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("INSERT INTO watermarks VALUES ('harvest', 'crdt', DATE '2021-06-05', '2021-06-05.1')")
os._exit(0)
"""


def test_a_copy_says_what_the_file_and_its_log_say_and_keeps_no_writer_waiting(warehouse_path):
    with open_writer(warehouse_path):
        pass
    subprocess.run([sys.executable, "-c", KILLED, str(warehouse_path)], check=True)
    before = {path.name: path.read_bytes() for path in warehouse_path.parent.iterdir()}

    with open_copy(warehouse_path) as copy:
        after = {path.name: path.read_bytes() for path in warehouse_path.parent.iterdir()}
        with open_writer(warehouse_path) as connection:
            connection.execute("DELETE FROM watermarks")
        copied = copy.execute("SELECT strategy, watermark FROM watermarks").fetchall()

    assert sorted(before) == ["warehouse.duckdb", "warehouse.duckdb.wal"]
    assert after == before
    assert copied == [("harvest", date(2021, 6, 5))]


def test_a_file_that_is_not_there_is_not_made_by_copying_it(tmp_path):
    with pytest.raises(WarehouseError, match="There is no warehouse"), open_copy(tmp_path / "warehouse.duckdb"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_new_file_can_be_read_by_duckdb_1_4(warehouse_path):
    with open_writer(warehouse_path) as connection:
        [(tags,)] = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()

    assert tags["storage_version"].startswith(STORAGE_VERSION)


def test_a_second_writer_is_told_to_wait(warehouse_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(warehouse_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()

        with pytest.raises(WarehouseLocked, match="Another process") as caught, open_writer(warehouse_path):
            pass

        holder.stdin.close()
    assert caught.value.exit_code == 5


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"no database at all " * 500)

    with pytest.raises(WarehouseDamaged, match="Restore it"), open_writer(path):
        pass

    assert path.read_bytes() == b"no database at all " * 500


def test_a_file_cut_short_or_with_a_broken_header_is_damaged(warehouse_path):
    whole = warehouse_path.read_bytes()
    for damaged in (whole[: len(whole) // 3], whole[:8] + os.urandom(4096 * 3) + whole[4096 * 3 + 8 :]):
        warehouse_path.write_bytes(damaged)

        with pytest.raises(WarehouseDamaged), open_writer(warehouse_path):
            pass


def test_a_folder_that_is_missing_is_an_error_of_ours(tmp_path):
    with pytest.raises(WarehouseError), open_writer(tmp_path / "nowhere" / "warehouse.duckdb"):
        pass


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("IO Error: Could not set lock on file", WarehouseLocked),
        ('IO Error: Could not write file "x": No space left on device', DiskTooFull),
        ("Trying to read a database file with version number 69, but we can only read", WarehouseTooNew),
        ("Corrupt database file: computed checksum 1 does not match stored checksum 2", WarehouseDamaged),
        ('IO Error: Cannot open file "x": Permission denied', WarehouseError),
        ("something else", WarehouseError),
    ],
)
def test_duckdb_s_words_become_our_errors(message, expected):
    assert type(translate(duckdb.IOException(message), Path("warehouse.duckdb"))) is expected


def test_a_snapshot_can_be_read_and_nothing_else(warehouse_path, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    connection = open_snapshot(warehouse_path)
    refused = [
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"COPY drugs TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'other.duckdb'}'",
        "DELETE FROM main.drugs",
        "CREATE TABLE made (a INTEGER)",
        "DROP VIEW out.new_evidence",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "INSTALL httpfs",
        "LOAD httpfs",
    ]

    for sql in refused:
        with pytest.raises(duckdb.Error):
            connection.execute(sql).fetchall()

    assert connection.execute("SELECT count(*) FROM drugs").fetchall() == [(4,)]
    connection.close()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["secret.csv", "warehouse.duckdb"]


def test_a_python_variable_is_no_table(warehouse_path):
    drugs_of_mine = [1, 2]
    connection = open_snapshot(warehouse_path)

    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM drugs_of_mine").fetchall()

    connection.close()
    assert drugs_of_mine


def test_a_path_with_a_quote_is_only_a_path(warehouse_path, tmp_path):
    odd = tmp_path / "o'brien.duckdb"
    odd.write_bytes(warehouse_path.read_bytes())

    connection = open_snapshot(odd)

    assert connection.execute("SELECT count(*) FROM new_evidence").fetchall() == [(0,)]
    connection.close()


def test_nothing_published_yet_says_what_to_run(tmp_path):
    with pytest.raises(WarehouseError, match="her2lit nightly"):
        open_snapshot(tmp_path / "her2lit.duckdb")


def test_notebooks_open_a_home_or_a_file(warehouse_path, tmp_path, monkeypatch):
    (tmp_path / "home" / "published").mkdir(parents=True)
    (tmp_path / "home" / "published" / "her2lit.duckdb").write_bytes(warehouse_path.read_bytes())
    monkeypatch.setenv("HER2LIT_HOME", str(tmp_path / "home"))

    for connection in (her2lit.open(), her2lit.open(tmp_path / "home"), her2lit.open(str(warehouse_path))):
        assert len(connection.execute("FROM new_evidence").df().columns) == 44
        connection.close()
