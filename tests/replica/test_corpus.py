from __future__ import annotations

import pickle
from datetime import UTC, datetime

import numpy as np
import pytest
from record_shapes import SHAPES
from replica_records import NOON, Asked, asked_over, record, write_corpus

from her2lit.replica import cache as cache_module
from her2lit.replica.cache import cache_path, file_sha256
from her2lit.replica.corpus import Corpus


def at(day, hour=12):
    """An instant of June 2021, UTC."""
    return datetime(2021, 6, day, hour, tzinfo=UTC)


def titles(corpus, pmid, days):
    """The title of *pmid* on each day, None where it is not visible."""
    docs = (corpus.find(pmid, at(day)) for day in days)
    return [None if doc is None else corpus.article(doc).title for doc in docs]


def test_each_day_shows_the_newest_version_of_that_day(tmp_path):
    path = write_corpus(
        tmp_path / "a.xml",
        record(1, title="Old.", valid_from="2021-06-02T00:00:00-04:00"),
        record(1, title="New.", valid_from="2021-06-06T00:00:00-04:00"),
    )

    corpus = Corpus.from_files([path])

    assert titles(corpus, 1, [1, 2, 5, 6, 9]) == [None, "Old.", "Old.", "New.", "New."]
    assert [np.count_nonzero(corpus.visible(at(day))) for day in (1, 2, 6)] == [0, 1, 1]


def test_a_version_counts_from_midnight_in_new_york_of_its_revision_else_of_its_creation(tmp_path):
    """Plain NLM files say no more: an approximation the replica declares."""
    path = write_corpus(
        tmp_path / "a.xml", record(1, revised="2021-06-05"), record(2, revised=None, created="2021-06-05")
    )

    corpus = Corpus.from_files([path])

    found = [[corpus.find(pmid, at(5, hour)) is not None for pmid in (1, 2)] for hour in (3, 4)]
    assert found == [[False, False], [True, True]]


def test_a_record_without_any_date_was_always_there(tmp_path):
    corpus = Corpus.from_files([write_corpus(tmp_path / "a.xml", record(1, revised=None, created=None))])

    assert corpus.find(1, datetime(1970, 1, 1, tzinfo=UTC)) is not None


def test_a_deleted_record_is_gone_and_may_return(tmp_path):
    path = write_corpus(
        tmp_path / "a.xml",
        record(1, title="Here.", valid_from="2021-06-02T00:00:00-04:00"),
        '<?her2lit-replica delete="1" at="2021-06-04T00:00:00-04:00"?>',
        record(1, title="Back.", valid_from="2021-06-06T00:00:00-04:00"),
    )

    assert titles(Corpus.from_files([path]), 1, [3, 4, 5, 6]) == ["Here.", None, None, "Back."]


def test_a_plain_deletion_counts_from_the_newest_record_of_its_file(tmp_path):
    old = write_corpus(tmp_path / "old.xml", record(1, revised="2021-06-01"))
    new = write_corpus(
        tmp_path / "new.xml",
        record(2, revised="2021-06-05"),
        '<DeleteCitation><PMID Version="1">1</PMID><PMID Version="1">77</PMID></DeleteCitation>',
    )

    corpus = Corpus.from_files([old, new])

    assert [corpus.find(1, at(day)) is not None for day in (4, 5)] == [True, False]


def test_of_two_versions_of_one_day_the_higher_number_then_the_later_file_is_shown(tmp_path):
    first = write_corpus(
        tmp_path / "a.xml", record(1, version=2, title="Second version."), record(1, title="First version."), record(3)
    )
    second = write_corpus(tmp_path / "b.xml", record(3, title="From the later file."))

    corpus = Corpus.from_files([first, second])

    assert titles(corpus, 1, [8]) + titles(corpus, 3, [8]) == ["Second version.", "From the later file."]


def test_a_record_is_served_byte_for_byte(tmp_path):
    text = record(1, title="H<sub>2</sub>O &lt; wasser &#x3b1;")

    corpus = Corpus.from_files([write_corpus(tmp_path / "a.xml", text)])

    assert corpus.record_bytes(0) == text.encode()


@pytest.mark.case("59", "60", "61", "62", "63", "64", "65", "66")
def test_records_of_every_shape_are_served_as_their_file_holds_them(tmp_path):
    asked = asked_over(tmp_path, *SHAPES.values())

    body = asked("efetch", id=",".join(map(str, SHAPES)), retmode="xml").body

    assert [pmid for pmid, text in SHAPES.items() if text.encode() not in body] == []
    assert asked.desk.corpus.n_rejects == 0


def test_a_record_that_cannot_be_parsed_is_counted_and_the_others_are_served(tmp_path):
    broken = record(2).replace("<PMID Version", "<NOPMID Version").replace("</PMID>", "</NOPMID>")

    corpus = Corpus.from_files([write_corpus(tmp_path / "a.xml", record(1), broken, record(3))])

    assert corpus.n_rejects == 1
    assert corpus.pmids.tolist() == [1, 3]


def test_an_empty_file_is_an_empty_corpus(tmp_path):
    corpus = Corpus.from_files([write_corpus(tmp_path / "a.xml")])

    assert len(corpus) == 0
    assert Asked(corpus).found("anything[tiab]") == []


# -- the kept index --


def same(one, other):
    """Whether two indexes hold the same in every part."""
    names = type(one).__slots__
    return all(np.array_equal(np.asarray(getattr(one, n)), np.asarray(getattr(other, n))) for n in names)


@pytest.fixture
def path(tmp_path):
    """A file with two records."""
    return write_corpus(
        tmp_path / "a.xml",
        record(1, title="HER2 in breast cancer.", abstract="Ümlaut."),
        record(2, keywords=("a", "b")),
    )


def test_a_kept_index_is_the_built_one(tmp_path, path):
    lines = []
    built = Corpus.from_files([path], cache=tmp_path / "cache")

    kept = Corpus.from_files([path], cache=tmp_path / "cache", progress=lines.append)

    assert same(kept.shards[0], built.shards[0])
    assert lines == ["a.xml: 2 records, index kept from before"]


def test_a_changed_file_is_indexed_anew(tmp_path, path):
    Corpus.from_files([path], cache=tmp_path / "cache")

    write_corpus(path, record(3))

    assert Corpus.from_files([path], cache=tmp_path / "cache").pmids.tolist() == [3]


@pytest.mark.parametrize("damage", ["empty", "cut", "pickle", "another file's"])
def test_a_kept_index_that_is_damaged_or_foreign_is_built_anew(tmp_path, path, damage):
    """Nothing in the folder is ever unpickled, whoever wrote it."""
    folder = tmp_path / "cache"
    Corpus.from_files([path], cache=folder)
    kept = cache_path(folder, file_sha256(path))
    other = write_corpus(tmp_path / "b.xml", record(9))
    Corpus.from_files([other], cache=folder)
    content = {
        "empty": b"",
        "cut": kept.read_bytes()[:500],
        "pickle": pickle.dumps({"words": []}),
        "another file's": cache_path(folder, file_sha256(other)).read_bytes(),
    }
    kept.write_bytes(content[damage])

    assert Corpus.from_files([path], cache=folder).pmids.tolist() == [1, 2]


def test_a_writer_that_dies_leaves_no_index_and_no_litter(tmp_path, path, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache_module.os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        Corpus.from_files([path], cache=tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


def test_progress_is_told_while_the_index_is_built(path):
    lines = []

    Corpus.from_files([path], progress=lines.append)

    assert lines == ["a.xml: 2 records indexed"]


def test_two_files_are_searched_as_one_corpus(tmp_path, path):
    other = write_corpus(tmp_path / "b.xml", record(7, title="HER2 again."))

    asked = Asked(Corpus.from_files([path, other]), at=NOON)

    assert asked.found("HER2[tiab]") == [1, 7]
