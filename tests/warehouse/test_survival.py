"""What a warehouse survives: kills, a full disk, damaged files, a second writer, folders that may not be written."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from made_records import NIGHT, article, made_drugs, night, started

from her2lit.errors import DiskTooFull, WarehouseDamaged, WarehouseError
from her2lit.records import AbstractSection
from warehouse import compact as compact_module
from warehouse import ledger
from warehouse.connection import open_snapshot, open_writer, translated
from warehouse.contents import table_digests
from warehouse.load import load_drugs, load_night
from warehouse.publish import publish

ROOT = Path(__file__).resolve().parents[2]
NEXT = NIGHT + timedelta(days=1)


def big(pmid, n_letters=0):
    """A record whose abstract does not compress."""
    text = os.urandom(n_letters // 2).hex() if n_letters else "small"
    return article(pmid, abstract=(AbstractSection(label=None, nlm_category=None, text=text),))


def run(path, folder, *articles, label=NIGHT):
    """Load a night and publish it, as the flow does."""
    with translated(path), open_writer(path) as connection:
        load_drugs(connection, made_drugs())
        run_id = ledger.start_run(
            connection, kind="nightly", label=label, started_at=started(label), her2lit_version="1", rule_version="r"
        )
        report = load_night(connection, night(*articles, label=label, run_id=run_id))
        ledger.finish_run(connection, run_id, outcome="clean", finished_at=started(label), report=report)
    return publish(path, folder, label=label, published_at=started(label), data_as_of=started(label))


def published_pmids(folder):
    with open_snapshot(folder / "her2lit.duckdb") as connection:
        return [pmid for (pmid,) in connection.execute("SELECT pmid FROM out.find('made') ORDER BY pmid").fetchall()]


@contextmanager
def disk(folder, size):
    """Mount a small disk at *folder*."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"only root may mount a small disk here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.mark.extra
def test_twenty_kills_at_random_moments_lose_double_and_spoil_nothing(tmp_path):
    """
    Load, migrate, rewrite and publish; compared row by row with a twin that nobody killed (bench/kills.py).
    """
    answer = tmp_path / "kills.json"

    ended = subprocess.run(
        [sys.executable, ROOT / "bench" / "kills.py", "--kills", "20", "--seed", "20", "--json", answer],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads(answer.read_text(encoding="utf-8"))
    assert (told["kills"], told["faults"]) == (20, [])


def test_a_disk_that_fills_up_keeps_the_old_snapshot_and_the_next_run_completes(tmp_path):
    small = tmp_path / "small"
    with disk(small, "22m"):
        path, folder = small / "warehouse.duckdb", small / "published"
        run(path, folder, big(1))

        with pytest.raises(DiskTooFull, match=r"[Ff]ree some space|free space"):
            run(path, folder, *(big(pmid, 400_000) for pmid in range(2, 40)), label=NEXT)

        assert published_pmids(folder) == [1]
        remount(small, "size=120m")
        run(path, folder, *(big(pmid, 400_000) for pmid in range(2, 40)), label=NEXT)
        assert published_pmids(folder) == list(range(1, 40))


def test_a_disk_without_room_for_the_copy_keeps_the_old_snapshot_and_what_was_loaded(tmp_path):
    small = tmp_path / "small"
    with disk(small, "22m"):
        path, folder = small / "warehouse.duckdb", small / "published"
        run(path, folder, big(1))
        filler = small / "filler"
        filler.write_bytes(b"x" * (os.statvfs(small).f_bavail * os.statvfs(small).f_frsize - 5_000_000))

        with pytest.raises(DiskTooFull, match=r"old snapshot stays|what was stored is intact"):
            run(path, folder, big(2), label=NEXT)

        assert published_pmids(folder) == [1]
        filler.unlink()
        run(path, folder, big(2), label=NEXT)
        assert published_pmids(folder) == [1, 2]
        assert sorted(p.name for p in folder.iterdir()) == ["her2lit.duckdb", "history", "manifest.json", "parquet"]


def test_a_disk_that_may_only_be_read_is_named_and_the_snapshot_can_still_be_read(tmp_path):
    small = tmp_path / "small"
    with disk(small, "40m"):
        path, folder = small / "warehouse.duckdb", small / "published"
        run(path, folder, big(1))
        remount(small, "ro")

        with pytest.raises(WarehouseError, match=r"read-only disk|cannot be written"):
            run(path, folder, big(2), label=NEXT)

        assert published_pmids(folder) == [1]
        remount(small, "rw")
        run(path, folder, big(2), label=NEXT)
        assert published_pmids(folder) == [1, 2]


def test_a_folder_that_one_may_not_write_is_named_with_what_to_check(warehouse_path):
    """
    No mode stops root, so the program becomes nobody once it is loaded.
    """
    program = (
        "import os, pathlib, sys\n"
        "from warehouse.connection import open_writer\n"
        "from her2lit.errors import WarehouseError\n"
        "os.geteuid() or os.setuid(65534)\n"
        "try:\n"
        "    with open_writer(pathlib.Path(sys.argv[1])): pass\n"
        "except WarehouseError as error: print(error)\n"
    )
    # pytest's own folders are closed to others.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        path.write_bytes(warehouse_path.read_bytes())
        path.chmod(0o444)
        Path(folder).chmod(0o555)

        told = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=False, cwd=ROOT
        )

        Path(folder).chmod(0o755)
    assert "Check the owner and the mode" in told.stdout, told.stderr


@pytest.mark.parametrize("place", ["header", "middle", "end"])
def test_a_damaged_warehouse_is_named_and_a_restored_one_goes_on(tmp_path, place):
    path, folder = tmp_path / "warehouse.duckdb", tmp_path / "published"
    run(path, folder, *(big(pmid, 4000) for pmid in range(1, 300)))
    whole = path.read_bytes()
    at = {"header": 4096, "middle": len(whole) // 2, "end": len(whole) - 300_000}[place]
    path.write_bytes(whole[:at] + os.urandom(8192) + whole[at + 8192 :])

    try:
        run(path, folder, big(1000), label=NEXT)
    except WarehouseDamaged as error:
        assert "Restore it" in str(error)  # noqa: PT017 - a broken block may also lie where nothing is read or stored
        assert published_pmids(folder) == [*range(1, 300)] or published_pmids(folder) == []
    with open_snapshot(folder / "her2lit.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM main.article_versions").fetchall() in ([(299,)], [(300,)])

    path.write_bytes(whole)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    run(path, folder, big(1000), label=NEXT)
    with open_snapshot(folder / "her2lit.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM main.article_versions").fetchall() == [(300,)]


def test_a_write_ahead_log_that_is_rubbish_loses_nothing_that_was_stored(tmp_path):
    path, folder = tmp_path / "warehouse.duckdb", tmp_path / "published"
    run(path, folder, big(1))
    wal = path.with_name(path.name + ".wal")
    wal.write_bytes(os.urandom(5000))

    try:
        run(path, folder, big(2), label=NEXT)
    except WarehouseDamaged as error:
        assert str(wal) in str(error)  # noqa: PT017 - an engine may also see by itself that it is rubbish
        wal.unlink()
        run(path, folder, big(2), label=NEXT)

    with open_snapshot(folder / "her2lit.duckdb") as connection:
        assert connection.execute("SELECT pmid FROM main.article_versions ORDER BY 1").fetchall() == [(1,), (2,)]


def test_a_published_file_that_was_cut_short_is_named_and_mended_by_the_next_run(tmp_path):
    path, folder = tmp_path / "warehouse.duckdb", tmp_path / "published"
    run(path, folder, big(1))
    (folder / "her2lit.duckdb").chmod(0o644)
    os.truncate(folder / "her2lit.duckdb", 300_000)

    with pytest.raises(WarehouseDamaged):
        published_count(folder)

    run(path, folder, big(1))
    assert published_count(folder) == 1


def published_count(folder):
    with translated(folder / "her2lit.duckdb"), open_snapshot(folder / "her2lit.duckdb") as connection:
        return connection.execute("SELECT count(*), bit_xor(hash(v)) FROM main.article_versions AS v").fetchall()[0][0]


def test_a_bloated_file_is_rewritten_before_it_is_published_and_says_the_same(warehouse_path, tmp_path, monkeypatch):
    monkeypatch.setattr(compact_module, "MIN_BYTES", 0)
    monkeypatch.setattr(compact_module, "MAX_FREE", 1.0)
    run(warehouse_path, tmp_path / "published", *(big(pmid) for pmid in range(1, 20)))
    revised = [article(pmid, title=f"Another title of the made-up study {pmid}") for pmid in range(1, 20)]
    with open_writer(warehouse_path) as connection:
        load_night(connection, night(*revised, label=NEXT))
        before = {d.table: d.digest for d in table_digests(connection)}

    published = publish(
        warehouse_path, tmp_path / "published", label=NEXT, published_at=started(NEXT), data_as_of=started(NEXT)
    )

    assert published.is_compacted
    with open_writer(warehouse_path) as connection:
        assert {d.table: d.digest for d in table_digests(connection)} == before
        assert connection.execute("SELECT count(*), bool_and(is_current) FROM find_documents").fetchall() == [
            (19, True)
        ]
        assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE schema_name = 'out'").fetchall() != [(0,)]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_rewrite_that_says_something_else_is_thrown_away(warehouse_path, tmp_path, monkeypatch):
    monkeypatch.setattr(compact_module, "MIN_BYTES", 0)
    monkeypatch.setattr(compact_module, "MAX_FREE", -1.0)
    monkeypatch.setattr(compact_module, "_WHAT", {"authors": "LIMIT 0"})
    before = warehouse_path.read_bytes()

    with pytest.raises(WarehouseDamaged, match="The old file stays"):
        run(warehouse_path, tmp_path / "published", article(1))

    with duckdb.connect(str(warehouse_path), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM authors").fetchall() == [(2,)]
    assert before
    assert not (tmp_path / "published" / "her2lit.duckdb").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".compact")] == []


def test_without_room_for_a_second_file_nothing_is_rewritten_and_all_is_published(
    warehouse_path, tmp_path, monkeypatch
):
    monkeypatch.setattr(compact_module, "MIN_BYTES", 0)
    monkeypatch.setattr(compact_module, "MAX_FREE", -1.0)
    monkeypatch.setattr(compact_module.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 1000}))

    published = run(warehouse_path, tmp_path / "published", article(1))

    assert (published.is_replaced, published.is_compacted) == (True, False)
