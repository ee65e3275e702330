"""The journal of a run: written once, read back whole."""

import gzip
import json
from dataclasses import replace
from datetime import date, datetime

import pytest

from her2lit.errors import HomeError
from her2lit.journal import confirm_journal, journal_paths, read_journal, settle_journals, write_journal
from her2lit.records import Absence, BatchRef, NightLoad, Pin, Reject, SearchHit, SearchRun, SentinelCheck, Window

NIGHT = NightLoad(
    run_id="2021-06-07.1",
    label=date(2021, 6, 7),
    started_at=datetime(2021, 6, 7, 6, 30),
    is_history=False,
    articles=(),
    annotations=(),
    rejects=(Reject(pmid=None, offset=17, reason="cut"), Reject(pmid=3, offset=0, reason="bad byte")),
    search_runs=(
        SearchRun(
            strategy="harvest", arm="crdt", strategy_sha256="ab", term='"2021/06/06"[crdt]', query_translation=None,
            warnings=("PhraseNotFound: é",), count=2, window=Window(since=date(2021, 5, 31), until=date(2021, 6, 7)),
            started_at=datetime(2021, 6, 7, 6, 30, 1, 500), finished_at=datetime(2021, 6, 7, 6, 30, 2), outcome="clean",
        ),
        SearchRun(
            strategy="tucatinib", arm="provenance", strategy_sha256="cd", term="#1 AND (x)", query_translation="x",
            warnings=(), count=None, window=None, started_at=datetime(2021, 6, 7), finished_at=datetime(2021, 6, 7),
            outcome="failed", reason="no answer",
        ),
    ),
    search_hits=(SearchHit(strategy="harvest", arm="crdt", pmid=34091830),),
    watermarks=(("harvest", "crdt", date(2021, 6, 7)),),
    batches=(BatchRef(batch_sha256="ef", pmids=(34091830,), fetched_at=datetime(2021, 6, 7, 6, 31)),),
)  # fmt: skip


def test_a_journal_reads_back_as_it_was_written(tmp_path):
    path = write_journal(tmp_path, NIGHT)

    assert path.name == "2021-06-07.1.json.gz.pending"
    assert read_journal(path) == NIGHT


def test_a_journal_counts_once_its_run_was_loaded(tmp_path):
    path = confirm_journal(write_journal(tmp_path, NIGHT))

    assert path.name == "2021-06-07.1.json.gz"
    assert journal_paths(tmp_path) == (path,)
    assert read_journal(path) == NIGHT


def test_pending_journals_are_settled_by_what_was_loaded(tmp_path):
    """
    Killed behind the load: confirmed. Killed before it: removed. A confirmed one is never touched, also when the
    warehouse does not know it, as after a restore from a backup.
    """
    confirm_journal(write_journal(tmp_path, replace(NIGHT, run_id="2021-06-05.1")))
    write_journal(tmp_path, replace(NIGHT, run_id="2021-06-06.1"))
    write_journal(tmp_path, replace(NIGHT, run_id="2021-06-07.1"))

    settle_journals(tmp_path, {"2021-06-07.1"})

    assert [path.name for path in journal_paths(tmp_path)] == ["2021-06-05.1.json.gz", "2021-06-07.1.json.gz"]


def test_the_same_night_gives_the_same_bytes(tmp_path):
    first = write_journal(tmp_path / "a", NIGHT).read_bytes()

    assert write_journal(tmp_path / "b", NIGHT).read_bytes() == first


def test_runs_come_in_the_order_they_ran(tmp_path):
    for run_id in ("2021-06-07.10", "2021-06-07.9", "2021-06-05.1"):
        confirm_journal(write_journal(tmp_path, replace(NIGHT, run_id=run_id)))

    assert [path.name for path in journal_paths(tmp_path)] == [
        "2021-06-05.1.json.gz", "2021-06-07.9.json.gz", "2021-06-07.10.json.gz",
    ]  # fmt: skip


def test_a_missing_journal_says_where_to_look(tmp_path):
    with pytest.raises(HomeError, match="her2lit status"):
        read_journal(tmp_path / "2021-06-07.1.json.gz")


def test_a_damaged_journal_is_named(tmp_path):
    path = write_journal(tmp_path, NIGHT)
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(HomeError, match="damaged"):
        read_journal(path)


def test_a_journal_of_a_newer_format_is_refused(tmp_path):

    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(b'{"format": 99, "night": {}}'))

    with pytest.raises(HomeError, match="format 99"):
        read_journal(path)


def test_a_journal_of_the_first_format_says_nothing_of_absences_and_pins(tmp_path):
    """Homes that her2lit 0.1.0 left can still be replayed."""
    path = confirm_journal(write_journal(tmp_path, NIGHT))
    old = json.loads(gzip.decompress(path.read_bytes()))
    for name in ("absences", "unmatched", "sentinels", "pins"):
        del old["night"][name]
    for run in old["night"]["search_runs"]:
        del run["drift"]
    path.write_bytes(gzip.compress(json.dumps({**old, "format": 1}).encode()))

    assert read_journal(path) == NIGHT


def test_what_a_reconciliation_found_reads_back_as_it_was_written(tmp_path):
    night = replace(
        NIGHT,
        absences=(Absence(pmid=5, utilities=("efetch", "esummary")),),
        unmatched=(7, 9),
        sentinels=(SentinelCheck(pmid=11248153, trial="H0648g", is_in_pubmed=None, is_matched=False),),
        pins=(Pin(strategy="harvest", arm="whole", strategy_sha256="ab", translation="x", count=3, is_approved=True),),
    )

    assert read_journal(write_journal(tmp_path, night)) == night
