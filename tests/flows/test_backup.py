"""A backup holds everything a home needs, or it is none; a restored home is the home that was backed up."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from datetime import datetime

import duckdb
import pytest
from click.testing import CliRunner
from contents import contents
from made_records import NIGHT, article, made_drugs, night, started

import flows.backup as backup_module
from flows import lock
from flows.backup import LISTING, Backup, back_up, read_backup, restore
from flows.lock import writer_lock
from her2lit import __version__
from her2lit.cli import cli
from her2lit.errors import BackupDamaged, HomeError, UsageError, WarehouseLocked, WarehouseTooNew
from her2lit.home import Home, open_home
from warehouse.connection import open_writer
from warehouse.load import load_drugs, load_night
from warehouse.migrate import schema_version
from warehouse.private import add_subscriber, open_private, readers
from warehouse.publish import publish

MADE_AT = datetime(2021, 6, 5, 12, 0)
READER = "reader@hospital.example"


@pytest.fixture(scope="module")
def made_home(tmp_path_factory):
    """A home with a published night, a reader, a raw reply and a mail."""
    made = open_home(tmp_path_factory.mktemp("made") / "home", create=True)
    with open_writer(made.warehouse) as connection:
        load_drugs(connection, made_drugs())
        load_night(connection, night(article(1)))
    publish(made.warehouse, made.published, label=NIGHT, published_at=started(), data_as_of=started())
    with open_private(made.private) as connection:
        add_subscriber(connection, subscriber_id="r1", email=READER, added_at=started())
    made.outbox.joinpath("mail.eml").write_text("a mail", encoding="utf-8")
    made.raw.joinpath("ab").mkdir()
    made.raw.joinpath("ab", "abc.xml.gz").write_bytes(b"a raw reply")
    made.cache.joinpath("index").write_bytes(b"can be made again")
    return made


@pytest.fixture
def home(made_home, tmp_path):
    """That home, of this test's own."""
    shutil.copytree(made_home.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def whole(made_home, tmp_path_factory):
    """A backup of it."""
    target = tmp_path_factory.mktemp("whole") / "whole.tar"
    make(made_home, target)
    return target


def quiet(_line):
    """Say nothing."""


def make(home, target):
    return back_up(home, target, made_at=MADE_AT, say=quiet)


def files(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def rewritten(source, target, change):
    """A copy of a backup whose members *change*(name, data) -> (name, data) or None has gone over."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for info in old:
            changed = change(info.name, old.extractfile(info).read())
            if changed is not None:
                info.name, data = changed
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
    return target


def test_a_restored_home_is_the_home_that_was_backed_up(home, tmp_path):
    target = tmp_path / "backup.tar"

    made = make(home, target)
    restored = restore(target, tmp_path / "again")

    again = Home(tmp_path / "again")
    assert made == restored == read_backup(target)
    assert (made.made_at, made.her2lit_version, made.schema_version) == (MADE_AT, __version__, schema_version())
    left_out = {"cache/index", ".writer.lock"}
    assert files(again.root) == {name: data for name, data in files(home.root).items() if name not in left_out}
    assert contents(again.warehouse) == contents(home.warehouse)
    with open_private(again.private) as connection:
        assert READER in {reader.email for reader in readers(connection)}


def test_addresses_and_mails_stay_readable_by_their_owner_only(home, tmp_path):
    make(home, tmp_path / "backup.tar")
    restore(tmp_path / "backup.tar", tmp_path / "again")

    again = Home(tmp_path / "again")
    modes = [
        path.stat().st_mode & 0o777
        for path in (tmp_path / "backup.tar", again.private, again.outbox, again.published_database)
    ]
    assert modes == [0o600, 0o600, 0o700, 0o444]


def test_what_a_killed_run_left_in_the_write_ahead_log_is_backed_up_too(home, tmp_path):
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("INSERT INTO languages VALUES (1, 1, 9, 'tlh')")
    assert home.warehouse.with_name("warehouse.duckdb.wal").stat().st_size > 0

    make(home, tmp_path / "backup.tar")
    restore(tmp_path / "backup.tar", tmp_path / "again")

    with open_writer(tmp_path / "again" / "warehouse.duckdb") as connection:
        assert connection.execute("SELECT language FROM languages WHERE position = 9").fetchall() == [("tlh",)]


def test_raw_replies_behind_a_link_to_another_disk_are_backed_up_too(home, tmp_path):
    home.raw.rename(tmp_path / "other-disk")
    home.raw.symlink_to(tmp_path / "other-disk")

    make(home, tmp_path / "backup.tar")
    restore(tmp_path / "backup.tar", tmp_path / "again")

    assert (tmp_path / "again" / "raw" / "ab" / "abc.xml.gz").read_bytes() == b"a raw reply"
    assert not (tmp_path / "again" / "raw").is_symlink()


def test_while_a_run_is_at_work_there_is_no_backup_and_meanwhile_no_run(home, tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE_S", 0.05)
    with writer_lock(home), pytest.raises(WarehouseLocked):
        make(home, tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()
    refused = []

    def run_meanwhile(*arguments, **changes):
        with pytest.raises(WarehouseLocked), writer_lock(home):
            pass
        refused.append(True)
        return write(*arguments, **changes)

    write = backup_module._write
    monkeypatch.setattr(backup_module, "_write", run_meanwhile)
    make(home, tmp_path / "backup.tar")

    assert refused == [True]


@pytest.mark.parametrize("step", ["_write", "read_backup"])
def test_a_backup_that_fails_leaves_no_file_that_looks_like_one(home, tmp_path, monkeypatch, step):
    monkeypatch.setattr(
        backup_module, step, lambda *_a, **_k: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )

    with pytest.raises(HomeError, match="No space left"):
        make(home, tmp_path / "backup.tar")

    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_backup_neither_replaces_a_file_nor_lies_in_its_home(home, tmp_path):
    (tmp_path / "backup.tar").write_bytes(b"precious")
    for target in (tmp_path / "backup.tar", home.root / "backup.tar"):
        with pytest.raises(UsageError):
            make(home, target)
    assert (tmp_path / "backup.tar").read_bytes() == b"precious"


def test_a_home_without_a_warehouse_has_nothing_to_back_up(tmp_path):
    with pytest.raises(HomeError, match="nothing to back up"):
        make(open_home(tmp_path / "empty", create=True), tmp_path / "backup.tar")


def test_a_home_that_holds_something_is_never_written_over(home, whole):
    before = files(home.root)

    with pytest.raises(HomeError, match="not empty"):
        restore(whole, home.root)

    assert files(home.root) == before


def cut(source, target):
    target.write_bytes(source.read_bytes()[:-20_000])


def flipped(source, target):
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)


def changed(rule):
    return lambda source, target: rewritten(source, target, rule)


DAMAGES = {
    "cut short": cut,
    "a bit flipped": flipped,
    "a file lost": changed(lambda name, data: None if name == "warehouse.duckdb" else (name, data)),
    "a file added": changed(lambda name, data: ("raw/foreign" if name == "outbox/mail.eml" else name, data)),
    "a place outside": changed(lambda name, data: ("../../outside" if name == "outbox/mail.eml" else name, data)),
    "an absolute place": changed(lambda name, data: ("/outside" if name == "outbox/mail.eml" else name, data)),
    "no listing": changed(lambda name, data: None if name == LISTING else (name, data)),
    "a listing of something else": changed(lambda name, data: (name, b"[]") if name == LISTING else (name, data)),
    "no tar": lambda _source, target: target.write_bytes(b"hello" * 1000),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_damaged_backup_is_refused_and_nothing_is_left_of_it(damage, whole, tmp_path):
    damage(whole, tmp_path / "backup.tar")

    for attempt in (read_backup, lambda source: restore(source, tmp_path / "place" / "again")):
        with pytest.raises(BackupDamaged):
            attempt(tmp_path / "backup.tar")

    assert list((tmp_path / "place").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "place"]


def test_a_link_in_a_backup_is_refused(tmp_path):
    with tarfile.open(tmp_path / "linked.tar", "w") as archive:
        info = tarfile.TarInfo("raw")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(info)

    with pytest.raises(BackupDamaged, match="'raw'"):
        restore(tmp_path / "linked.tar", tmp_path / "again")


@pytest.mark.parametrize(("key", "value"), [("schema_version", 9999), ("format", 2)])
def test_a_backup_of_a_newer_program_is_refused(key, value, whole, tmp_path):
    def newer(name, data):
        return (name, json.dumps({**json.loads(data), key: value}).encode()) if name == LISTING else (name, data)

    rewritten(whole, tmp_path / "newer.tar", newer)

    with pytest.raises(WarehouseTooNew, match="Upgrade her2lit"):
        restore(tmp_path / "newer.tar", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_the_commands_back_up_into_a_folder_check_and_restore(home, tmp_path):
    (tmp_path / "disk").mkdir()

    def call(*words):
        return CliRunner().invoke(cli, words, catch_exceptions=False).output

    assert "Backed up" in call("--home", str(home.root), "backup", str(tmp_path / "disk"))
    [made] = (tmp_path / "disk").iterdir()
    assert made.name.startswith("her2lit-")
    assert "The backup is whole" in call("restore", str(made), "--check")
    with pytest.raises(UsageError, match="Say where"):
        call("restore", str(made))
    assert "Restored" in call("--home", str(tmp_path / "again"), "restore", str(made))
    assert contents(tmp_path / "again" / "warehouse.duckdb") == contents(home.warehouse)
    assert isinstance(read_backup(made), Backup)
