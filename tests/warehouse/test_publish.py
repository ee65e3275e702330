import hashlib
import json
import os
import shutil
from datetime import timedelta

import duckdb
import pytest
from made_records import NIGHT, article, night, started

from her2lit.errors import AuditRefused, WarehouseDamaged, WarehouseError
from warehouse import ledger
from warehouse import publish as publish_module
from warehouse.connection import open_writer
from warehouse.contents import table_digests
from warehouse.load import load_night
from warehouse.publish import publish, read_manifest

NEXT = NIGHT + timedelta(days=1)


@pytest.fixture
def folder(tmp_path):
    """Where it is published."""
    return tmp_path / "published"


def load(path, *articles, label=NIGHT):
    with open_writer(path) as connection:
        run_id = ledger.start_run(
            connection, kind="nightly", label=label, started_at=started(label), her2lit_version="1", rule_version="r"
        )
        report = load_night(connection, night(*articles, label=label, run_id=run_id))
        ledger.finish_run(connection, run_id, outcome="clean", finished_at=started(label), report=report)


def put(path, folder, label=NIGHT, **changes):
    return publish(path, folder, label=label, published_at=started(label), data_as_of=started(label), **changes)


def pmids(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            pmid for (pmid,) in connection.execute("SELECT DISTINCT pmid FROM out.new_evidence ORDER BY 1").fetchall()
        ]


def test_a_snapshot_is_a_readable_copy_with_a_manifest_and_parquet(warehouse_path, folder):
    load(warehouse_path, article(1))

    publication = put(warehouse_path, folder)

    snapshot = folder / "her2lit.duckdb"
    assert publication.is_replaced
    assert pmids(snapshot) == [1]
    assert snapshot.stat().st_mode & 0o777 == 0o444
    assert sorted(entry.name for entry in folder.iterdir()) == ["her2lit.duckdb", "manifest.json", "parquet"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["file_sha256"] == hashlib.sha256(snapshot.read_bytes()).hexdigest()
    assert (manifest["label"], manifest["data_as_of"]) == ("2021-06-05", "2021-06-05T06:30:00Z")
    assert manifest["row_counts"]["article_versions"] == 1
    assert manifest["parquet_sha256"] == {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "parquet").iterdir()
    }
    assert read_manifest(folder) == publication.manifest
    with duckdb.connect() as connection:
        counted = connection.execute(
            "SELECT count(*) FROM read_parquet(?)", [str(folder / "parquet" / "authors.parquet")]
        )
        assert counted.fetchall() == [(2,)]


def test_the_same_content_under_the_same_label_is_not_published_again(warehouse_path, folder):
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    before = (folder / "her2lit.duckdb").stat()
    load(warehouse_path, article(1))

    again = put(warehouse_path, folder)

    assert not again.is_replaced
    after = (folder / "her2lit.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == (before.st_ino, before.st_mtime_ns, before.st_size)


def test_a_new_night_without_news_is_published_so_that_run_health_stays_true(warehouse_path, folder):
    load(warehouse_path, article(1))
    first = put(warehouse_path, folder)
    load(warehouse_path, article(1), label=NEXT)

    second = put(warehouse_path, folder, NEXT)

    assert second.is_replaced
    assert second.content_sha256 == first.content_sha256
    assert read_manifest(folder).label == NEXT


def test_the_attempt_that_loaded_a_night_does_not_change_its_content(warehouse_path, tmp_path):
    other = tmp_path / "other.duckdb"
    other.write_bytes(warehouse_path.read_bytes())
    load(warehouse_path, article(1))
    with open_writer(other) as connection:
        ledger.start_run(
            connection, kind="nightly", label=NIGHT, started_at=started(), her2lit_version="1", rule_version="r"
        )
    load(other, article(1))

    hashes = {put(path, tmp_path / path.stem).content_sha256 for path in (warehouse_path, other)}

    assert len(hashes) == 1


def test_a_reader_of_the_old_snapshot_keeps_reading_it(warehouse_path, folder):
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    with duckdb.connect(str(folder / "her2lit.duckdb"), read_only=True) as reader:
        reader.execute("SELECT 1").fetchall()
        load(warehouse_path, article(2), label=NEXT)
        put(warehouse_path, folder, NEXT)

        assert reader.execute("SELECT list(DISTINCT pmid) FROM out.new_evidence").fetchall() == [([1],)]
    assert pmids(folder / "her2lit.duckdb") == [1, 2]


def test_the_last_snapshots_are_kept_and_older_ones_dropped(warehouse_path, folder):
    for number in range(1, 5):
        label = NIGHT + timedelta(days=number)
        load(warehouse_path, article(number), label=label)
        put(warehouse_path, folder, label, keep=2)

    kept = sorted((folder / "history").glob("*.duckdb"))
    assert [pmids(path) for path in kept] == [[1, 2], [1, 2, 3]]
    assert [path.with_suffix(".json").is_file() for path in kept] == [True, True]
    assert pmids(folder / "her2lit.duckdb") == [1, 2, 3, 4]


def test_a_failed_audit_publishes_nothing(warehouse_path, folder):
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    load(warehouse_path, article(2), label=NEXT)
    with open_writer(warehouse_path) as connection:
        connection.execute("DELETE FROM drugs")

    with pytest.raises(AuditRefused):
        put(warehouse_path, folder, NEXT)

    assert pmids(folder / "her2lit.duckdb") == [1]
    assert read_manifest(folder).label == NIGHT


def test_a_copy_that_differs_from_its_source_is_not_published(warehouse_path, folder, monkeypatch):
    """
    A flipped bit on the way is found by reading every row of the copy.
    """
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    load(warehouse_path, article(2), label=NEXT)
    copy = publish_module._copy

    def damaged(source, target):
        sha256 = copy(source, target)
        with duckdb.connect(str(target)) as connection:
            connection.execute("UPDATE article_versions SET title = 'other' WHERE pmid = 1")
        return sha256

    monkeypatch.setattr(publish_module, "_copy", damaged)

    with pytest.raises(WarehouseDamaged, match="does not say what the warehouse says"):
        put(warehouse_path, folder, NEXT)

    assert pmids(folder / "her2lit.duckdb") == [1]
    assert sorted(entry.name for entry in folder.iterdir()) == ["her2lit.duckdb", "manifest.json", "parquet"]


@pytest.mark.parametrize("step", ["_copy", "_verify_and_export", "_keep_old", "_swap_folder", "_write_manifest"])
def test_a_publication_that_dies_at_any_step_is_made_up_for_by_the_next(warehouse_path, folder, monkeypatch, step):
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    load(warehouse_path, article(2), label=NEXT)
    with monkeypatch.context() as patched:
        patched.setattr(
            publish_module, step, lambda *_args: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(WarehouseError, match="No space left"):
            put(warehouse_path, folder, NEXT)
    assert pmids(folder / "her2lit.duckdb") in ([1], [1, 2])

    put(warehouse_path, folder, NEXT)

    assert pmids(folder / "her2lit.duckdb") == [1, 2]
    assert read_manifest(folder).label == NEXT
    assert sorted(entry.name for entry in folder.iterdir()) == ["her2lit.duckdb", "history", "manifest.json", "parquet"]


def test_a_foreign_write_ahead_log_beside_the_snapshot_is_removed(warehouse_path, folder):
    """
    DuckDB 1.5 would replay it into the new file without a word.
    """
    load(warehouse_path, article(1))
    folder.mkdir()
    (folder / "her2lit.duckdb.wal").write_bytes(b"stale")

    put(warehouse_path, folder)

    assert not (folder / "her2lit.duckdb.wal").exists()


def test_no_private_word_of_this_machine_reaches_the_snapshot(warehouse_path, folder, tmp_path):
    load(warehouse_path, article(1))
    (tmp_path / "private.duckdb").write_bytes(b"subscriber@hospital.example")

    put(warehouse_path, folder)

    for path in [path for path in folder.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        assert b"subscriber@" not in content, path.name
        assert str(tmp_path).encode() not in content, path.name


def test_a_manifest_that_is_not_ours_is_named(folder):
    folder.mkdir()
    assert read_manifest(folder) is None
    for text in ("no json", "[]", '{"label": "2021-06-05"}'):
        (folder / "manifest.json").write_text(text, encoding="utf-8")

        with pytest.raises(WarehouseDamaged, match="replaces it"):
            read_manifest(folder)


def test_the_digest_of_a_table_sees_rows_not_their_order(warehouse_path):
    load(warehouse_path, article(1), article(2))
    with open_writer(warehouse_path) as connection:
        before = table_digests(connection)
        connection.execute("CREATE TEMP TABLE t AS SELECT * FROM main.authors")
        connection.execute("DELETE FROM main.authors; INSERT INTO main.authors SELECT * FROM t ORDER BY ALL DESC")
        assert table_digests(connection) == before

        connection.execute("INSERT INTO main.authors SELECT * FROM t; INSERT INTO main.authors SELECT * FROM t")
        assert table_digests(connection) != before


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(warehouse_path, folder):
    """
    A file stands where the folder should be: not even root can write into that.
    """
    load(warehouse_path, article(1))
    folder.write_text("not a folder", encoding="utf-8")

    with pytest.raises(WarehouseError, match="cannot be written"):
        put(warehouse_path, folder)


@pytest.mark.parametrize(
    "damage", ["cut snapshot", "changed byte", "damaged manifest", "changed parquet", "no parquet"]
)
def test_a_damaged_publication_is_published_again(warehouse_path, folder, damage):
    """
    The manifest alone does not prove that what it describes is still there.
    """
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    if damage == "cut snapshot":
        (folder / "her2lit.duckdb").chmod(0o644)
        os.truncate(folder / "her2lit.duckdb", 5000)
    elif damage == "changed byte":
        (folder / "her2lit.duckdb").chmod(0o644)
        content = bytearray((folder / "her2lit.duckdb").read_bytes())
        content[len(content) // 2] ^= 1
        (folder / "her2lit.duckdb").write_bytes(content)
    elif damage == "damaged manifest":
        (folder / "manifest.json").write_text("{", encoding="utf-8")
    elif damage == "changed parquet":
        (folder / "parquet" / "authors.parquet").write_bytes((folder / "parquet" / "languages.parquet").read_bytes())
    else:
        shutil.rmtree(folder / "parquet")

    mended = put(warehouse_path, folder)

    assert mended.is_replaced
    assert not put(warehouse_path, folder).is_replaced


def test_a_manifest_of_an_older_version_without_parquet_hashes_is_read(warehouse_path, folder):
    load(warehouse_path, article(1))
    put(warehouse_path, folder)
    data = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del data["parquet_sha256"]
    (folder / "manifest.json").write_text(json.dumps(data), encoding="utf-8")

    assert read_manifest(folder).parquet_sha256 == ()
    assert not put(warehouse_path, folder).is_replaced
