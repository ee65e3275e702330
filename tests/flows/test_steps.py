"""The steps of a night: idempotent, resumable, loud when something is missing."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import nights as nights_program
import pytest
from contents import contents
from nights import Stage
from replica_records import link, record, write_corpus

from flows import desk as desk_module
from flows import steps
from her2lit.errors import AuditRefused, DiskTooFull, EutilsError, QueryError, WarehouseError, WarehouseLocked
from her2lit.pubmed.archive import RawArchive
from her2lit.replica.corpus import Corpus
from her2lit.replica.faults import Fault, FaultPlan, FaultRule
from her2lit.replica.lifecycle import lifecycle_corpus_file

NIGHTS = tuple(date(2021, 6, day) for day in (5, 6, 7, 8))
#: Where a night has most to lose; kills before the other verbs belong to the second tier.
VERBS = ("fetch", "load", "publish_snapshot")
OTHER_VERBS = (
    "probe", "search", "watch", "match_strategies", "parse", "annotate", "audit", "report", "the end"
)  # fmt: skip


def last_run(warehouse: Path):
    """The newest row of the ledger: run_id, outcome, message."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("SELECT run_id, outcome, message FROM runs ORDER BY run_id DESC LIMIT 1").fetchone()


@pytest.fixture(scope="module")
def clean_contents(tmp_path_factory, lifecycle_corpus):
    """What two undisturbed nights leave in the warehouse."""
    with Stage(tmp_path_factory.mktemp("clean") / "home", lifecycle_corpus) as stage:
        for night in NIGHTS[-2:]:
            stage.run(night)
        return contents(stage.home.warehouse)


def test_a_night_says_what_it_did(stage):
    summary = stage.run(NIGHTS[0])

    assert (summary.label, summary.outcome, summary.reasons) == (NIGHTS[0], "clean", ())
    assert summary.n_harvested == summary.n_received + summary.n_missing
    assert summary.load.n_new > 0
    assert stage.replica.violations == 0


def test_what_nobody_knows_in_the_replies_is_noted_in_the_ledger(stage, monkeypatch):
    """NLM adds elements every winter; a run goes on without them and says so."""
    read = RawArchive.read
    monkeypatch.setattr(
        RawArchive, "read", lambda self, batch: read(self, batch).replace(b"<PubmedData>", b"<PubmedData><Newer/>")
    )

    summary = stage.run(NIGHTS[0])

    [note] = summary.notes
    assert note.startswith("the replies hold what this her2lit does not know and did not load: ")
    assert f"PubmedArticle/PubmedData/Newer ({summary.n_received:,}×)" in note
    assert last_run(stage.home.warehouse) == (summary.run_id, "clean", note)


@pytest.mark.case("100")
def test_the_same_night_twice_brings_nothing_new(stage):
    """
    No row outside the run ledger changes, and the published file is not replaced.
    """
    stage.run(NIGHTS[0])
    before = contents(stage.home.warehouse)
    published = stage.home.published_database.stat().st_ino

    again = stage.run(NIGHTS[0])

    assert not again.load.has_changes
    assert not again.is_published_anew
    assert again.run_id == "2021-06-05.2"
    assert "nothing new" in again.closing_line()
    assert contents(stage.home.warehouse) == before
    assert stage.home.published_database.stat().st_ino == published


@pytest.mark.case("99")
@pytest.mark.parametrize("verb", [*VERBS, *(pytest.param(verb, marks=pytest.mark.extra) for verb in OTHER_VERBS)])
def test_a_night_killed_before_any_step_and_started_again_ends_in_the_same_warehouse(
    tmp_path, index_folder, lifecycle_corpus, clean_contents, verb
):
    """
    The process is gone without a goodbye (kill -9): no cleaning up, no rollback by us.
    """
    home = tmp_path / "home"
    with Stage(home, lifecycle_corpus, first=NIGHTS[-2]) as stage:
        stage.run(NIGHTS[-2])
    program = [
        sys.executable, nights_program.__file__, str(home), str(lifecycle_corpus_file()), str(index_folder),
        str(NIGHTS[-1]), verb,
    ]  # fmt: skip

    killed = subprocess.run(program, check=False, capture_output=True, timeout=60)
    with Stage(home, lifecycle_corpus, first=NIGHTS[-1]) as stage:
        summary = stage.run(NIGHTS[-1])

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert summary.outcome == "clean"
    assert contents(home / "warehouse.duckdb") == clean_contents


def test_a_second_writer_is_turned_away_at_once(stage):
    plan = stage.plan(NIGHTS[0])

    with steps.open_desk(plan), pytest.raises(WarehouseLocked, match="Another her2lit run"), steps.open_desk(plan):
        pytest.fail("two writers at once")


def test_a_nearly_full_disk_stops_the_run_before_it_starts(stage, monkeypatch):
    nearly_full = SimpleNamespace(total=10**9, used=10**9 - 10**6, free=10**6)
    monkeypatch.setattr(desk_module.shutil, "disk_usage", lambda _path: nearly_full)

    with pytest.raises(DiskTooFull, match="nothing was started"):
        stage.run(NIGHTS[0])

    assert not stage.home.warehouse.exists()


def test_an_outage_leaves_an_incomplete_run_and_yesterdays_state(stage):
    """
    PubMed cannot be reached at all: the ledger says so, watermarks and snapshot stay.
    """
    stage.run(NIGHTS[0])
    before = contents(stage.home.warehouse)
    plan = stage.plan(NIGHTS[1])
    stage.replica.__exit__(None, None, None)

    with pytest.raises(EutilsError), steps.open_desk(plan) as desk:
        steps.probe(desk)

    assert contents(stage.home.warehouse) == before
    assert last_run(stage.home.warehouse)[:2] == ("2021-06-06.1", "incomplete")


def test_a_failed_audit_publishes_nothing_and_says_so(stage):
    """
    The old snapshot stays, the ledger names the audit.
    """
    stage.run(NIGHTS[0])
    before = stage.home.published_database.stat().st_ino
    plan = stage.plan(NIGHTS[1])

    with steps.open_desk(plan) as desk:
        desk.connection.execute("UPDATE article_versions SET seen_to = NULL")
        desk.connection.execute("INSERT INTO article_versions SELECT * FROM article_versions")
    with pytest.raises(AuditRefused), steps.open_desk(plan) as desk:
        steps.audit(desk)

    run_id, outcome, message = last_run(stage.home.warehouse)
    assert (run_id, outcome) == ("2021-06-06.2", "failed")
    assert message.startswith("AuditRefused: ")
    assert stage.home.published_database.stat().st_ino == before


def test_a_failure_after_the_warehouse_was_closed_still_reaches_the_ledger(stage, monkeypatch):
    def no_room(*_arguments, **_options):
        raise WarehouseError("published/ cannot be written")

    monkeypatch.setattr(steps, "publish", no_room)

    with pytest.raises(WarehouseError, match="cannot be written"):
        stage.run(NIGHTS[0])

    assert last_run(stage.home.warehouse) == (
        "2021-06-05.1", "failed", "WarehouseError: published/ cannot be written",
    )  # fmt: skip


@pytest.mark.case("67")
@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"links": link("RetractionIn", 78)}, "retracted"),
        ({"types": ("Journal Article", "Retracted Publication")}, "retracted"),
        ({"links": link("CorrectedandRepublishedIn", 78)}, "corrected"),
    ],
)
def test_a_notice_that_no_date_window_shows_is_found_by_the_watch(tmp_path, told, event):
    """
    NLM tells it without a new DateRevised; seven weeks later no window reaches the record.
    """
    text = "Trastuzumab in HER2-positive metastatic breast cancer."
    plain = record(77, title=text, created="2021-05-01", revised="2021-05-01", valid_from="2021-05-01T00:00:00-04:00")
    retracted = record(
        77, title=text, created="2021-05-01", revised="2021-05-01", valid_from="2021-06-20T00:00:00-04:00",
        **told,
    )  # fmt: skip
    corpus = Corpus.from_files([write_corpus(tmp_path / "corpus.xml", plain, retracted)])

    with Stage(tmp_path / "home", corpus, first=date(2021, 5, 5)) as stage:
        first = stage.run(date(2021, 5, 5))
        quiet = stage.run(date(2021, 6, 15))
        found = stage.run(date(2021, 6, 21))
        again = stage.run(date(2021, 6, 22))

    assert first.load.events == (("appeared", 1),)
    assert (quiet.n_harvested, quiet.load.events) == (0, ())
    assert (found.n_harvested, dict(found.load.events)) == (1, {event: 1, "revised": 1})
    assert (again.n_harvested, again.load.events) == (0, ())
    assert stage.replica.violations == 0


def test_a_since_that_is_not_in_the_past_is_refused_before_anything_is_noted(stage):
    plan = dataclasses.replace(stage.plan(NIGHTS[0]), since=date(2099, 1, 1))

    with pytest.raises(QueryError, match="not before today"), steps.open_desk(plan):
        pytest.fail("the desk was opened")

    assert not stage.home.warehouse.exists()


def test_a_watch_that_fails_makes_the_night_incomplete_and_stops_nothing(tmp_path):
    """Known records could carry a retraction nobody has seen: the night says so, loads and publishes all the same."""
    text = "Trastuzumab in HER2-positive metastatic breast cancer."
    known = record(77, title=text, created="2021-06-01", revised="2021-06-01", valid_from="2021-06-01T00:00:00-04:00")
    new = record(78, title=text, created="2021-06-10", revised="2021-06-10", valid_from="2021-06-10T00:00:00-04:00")
    corpus = Corpus.from_files([write_corpus(tmp_path / "corpus.xml", known, new)])
    fault = FaultRule(
        fault=Fault(kind="backend_down"), utility="esearch", where=(("term", "#1 AND (hasexpressionofconcernin)"),)
    )

    with Stage(tmp_path / "home", corpus, first=NIGHTS[0]) as stage:
        stage.run(NIGHTS[0], publishes=False)
        stage.replica.set_faults(FaultPlan([fault]))
        summary = stage.run(date(2021, 6, 14))
        with duckdb.connect(str(stage.home.warehouse), read_only=True) as connection:
            moved = connection.execute("SELECT DISTINCT watermark::VARCHAR FROM watermarks").fetchall()

    assert summary.outcome == "incomplete"
    assert (summary.unmoved_arms, moved) == ((), [("2021-06-14",)])
    assert summary.closing_line().endswith("requests.")
    halted = dataclasses.replace(summary, unmoved_arms=("crdt", "lr"))
    assert halted.closing_line().endswith("requests. Watermarks of crdt, lr did not move past it.")
    assert summary.reasons[0].startswith("known-set-concern: failed: esearch gave no usable answer")
    assert summary.load.n_new == 1
    assert last_run(stage.home.warehouse)[1] == "incomplete"
