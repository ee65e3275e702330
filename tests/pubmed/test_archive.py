"""The raw archive: what was received, by hash, whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from her2lit.errors import ArchiveDamaged
from her2lit.pubmed.archive import Pruned, RawArchive
from her2lit.records import BatchRef

BODY = b"<PubmedArticleSet></PubmedArticleSet>"
DIGEST = sha256(BODY).hexdigest()
AT = datetime(2021, 6, 8, 6, 31, tzinfo=UTC)
REQUEST = {
    "utility": "efetch",
    "id": "1,2",
    "email": "someone@hospital.invalid",
    "api_key": "secret-key",
    "db": "pubmed",
}


def files_under(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_is_stored_can_be_read_by_its_hash(tmp_path):
    archive = RawArchive(tmp_path)

    ref = archive.store(BODY, pmids=(1, 2), request=REQUEST, fetched_at=AT)

    assert ref == BatchRef(batch_sha256=DIGEST, pmids=(1, 2), fetched_at=AT)
    assert archive.read(ref.batch_sha256) == BODY
    assert list(archive.hashes()) == [DIGEST]
    assert set(files_under(tmp_path)) == {f"{DIGEST[:2]}/{DIGEST}.xml.gz", f"{DIGEST[:2]}/{DIGEST}.json"}


def test_the_request_is_kept_without_who_asked(tmp_path):
    archive = RawArchive(tmp_path)

    archive.store(BODY, pmids=(1, 2), request=REQUEST, fetched_at=AT, phid="939B")

    assert archive.requests(DIGEST) == (
        {
            "fetched_at": "2021-06-08T06:31:00+00:00",
            "pmids": [1, 2],
            "request": {"utility": "efetch", "db": "pubmed"},
            "phid": "939B",
        },
    )
    everything = b"".join(files_under(tmp_path).values())
    assert b"hospital" not in everything
    assert b"secret-key" not in everything


def test_storing_the_same_twice_changes_nothing(tmp_path):
    archive = RawArchive(tmp_path)
    archive.store(BODY, pmids=(1, 2), request=REQUEST, fetched_at=AT)
    before = files_under(tmp_path)

    archive.store(BODY, pmids=(1, 2), request=REQUEST, fetched_at=AT + timedelta(hours=1))

    assert files_under(tmp_path) == before


def test_the_same_bytes_for_another_request_are_noted_beside_it(tmp_path):
    """An empty set answers every request for records that are gone."""
    archive = RawArchive(tmp_path)
    for pmid in range(1, 31):
        archive.store(BODY, pmids=(pmid,), request=REQUEST, fetched_at=AT)

    assert [note["pmids"] for note in archive.requests(DIGEST)] == [[pmid] for pmid in range(11, 31)]


@pytest.mark.parametrize("damage", [b"", b"not gzip", b"\x1f\x8b\x08cut"])
def test_damage_is_named(tmp_path, damage):
    archive = RawArchive(tmp_path)
    archive.store(BODY, pmids=(1,), request=REQUEST, fetched_at=AT)
    (tmp_path / DIGEST[:2] / f"{DIGEST}.xml.gz").write_bytes(damage)

    with pytest.raises(ArchiveDamaged, match="backup"):
        archive.read(DIGEST)


def test_other_bytes_under_the_name_are_noticed(tmp_path):
    archive = RawArchive(tmp_path)
    archive.store(BODY, pmids=(1,), request=REQUEST, fetched_at=AT)
    other = archive.store(BODY + b"\n", pmids=(1,), request=REQUEST, fetched_at=AT)
    source = tmp_path / other.batch_sha256[:2] / f"{other.batch_sha256}.xml.gz"
    (tmp_path / DIGEST[:2] / f"{DIGEST}.xml.gz").write_bytes(source.read_bytes())

    with pytest.raises(ArchiveDamaged, match="other bytes"):
        archive.read(DIGEST)


@pytest.mark.parametrize("name", [DIGEST, "../../etc/passwd", "", "Z" * 64])
def test_what_was_never_stored_is_not_found(tmp_path, name):
    with pytest.raises(ArchiveDamaged):
        RawArchive(tmp_path).read(name)


def test_a_broken_note_does_not_stop_a_night(tmp_path):
    archive = RawArchive(tmp_path)
    archive.store(BODY, pmids=(1,), request=REQUEST, fetched_at=AT)
    (tmp_path / DIGEST[:2] / f"{DIGEST}.json").write_text("{", encoding="utf-8")

    archive.store(BODY, pmids=(2,), request=REQUEST, fetched_at=AT)

    [note] = json.loads((tmp_path / DIGEST[:2] / f"{DIGEST}.json").read_text(encoding="utf-8"))
    assert note["pmids"] == [2]


def test_no_half_written_file_stays_behind(tmp_path, monkeypatch):
    """A full disk in the middle of a write leaves no file of that name."""

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="space"):
        RawArchive(tmp_path).store(BODY, pmids=(1,), request=REQUEST, fetched_at=AT)

    assert files_under(tmp_path) == {}


def stocked(root):
    archive = RawArchive(root)
    old = archive.store(BODY, pmids=(1,), request=REQUEST, fetched_at=AT - timedelta(days=400)).batch_sha256
    kept = archive.store(BODY + b" ", pmids=(1,), request=REQUEST, fetched_at=AT - timedelta(days=400)).batch_sha256
    new = archive.store(BODY + b"\n", pmids=(1,), request=REQUEST, fetched_at=AT).batch_sha256
    return archive, old, kept, new


def test_pruning_first_says_what_would_go(tmp_path):
    archive, old, kept, new = stocked(tmp_path)

    pruned = archive.prune(older_than=AT - timedelta(days=365), keep=[kept], dry_run=True)

    assert pruned.batch_sha256s == (old,)
    assert pruned.n_bytes > 0
    assert set(archive.hashes()) == {old, kept, new}


def test_pruning_removes_what_is_old_and_not_needed(tmp_path):
    archive, old, kept, new = stocked(tmp_path)

    archive.prune(older_than=AT - timedelta(days=365), keep=[kept], dry_run=False)

    assert set(archive.hashes()) == {kept, new}
    assert not any(old in name for name in files_under(tmp_path))
    assert archive.prune(older_than=AT - timedelta(days=365), keep=[kept], dry_run=False) == Pruned(
        batch_sha256s=(), n_bytes=0
    )
