"""Replaying: the same warehouse from journals and raw replies, without asking PubMed."""

from datetime import date

import pytest
from click.testing import CliRunner

from flows import steps
from flows.replay import compare_with_replay, differing_tables, replay, replay_run
from her2lit.cli import cli
from her2lit.errors import HomeError, UsageError
from her2lit.topic.topic import load_topic
from warehouse.connection import open_writer

NIGHTS = tuple(date(2021, 6, day) for day in (5, 6, 7, 8))


def test_a_replay_of_all_nights_equals_the_warehouse(stage, tmp_path):
    for night in NIGHTS:
        stage.run(night)
    n_requests = len(stage.replica.requests)
    lines = []

    n_runs = replay(stage.home, tmp_path / "again.duckdb", last_run=None, say=lines.append)

    assert n_runs == 4
    assert lines[-1] == "2021-06-08 attempt 1: 1 new, 0 revised"
    assert differing_tables(stage.home.warehouse, tmp_path / "again.duckdb") == ()
    assert len(stage.replica.requests) == n_requests


def test_a_replay_up_to_a_run_stops_there(stage, tmp_path):
    for night in NIGHTS[:2]:
        stage.run(night)

    n_runs = replay(stage.home, tmp_path / "again.duckdb", last_run="2021-06-05.1", say=lambda _line: None)

    assert n_runs == 1
    assert "evidence_events: 7 rows against 3" in differing_tables(stage.home.warehouse, tmp_path / "again.duckdb")


class Killed(BaseException):
    """Nobody catches it."""


def run_and_die_in(stage, night, function, monkeypatch):
    """Run *night* until it calls *function* of the steps."""

    def die(*_arguments):
        raise Killed

    monkeypatch.setattr(steps, function, die)
    with pytest.raises(Killed):
        stage.run(night)
    monkeypatch.undo()


@pytest.mark.parametrize("n_nights_after", [0, 1])
def test_a_run_that_was_killed_before_its_load_is_not_replayed(stage, tmp_path, monkeypatch, n_nights_after):
    """
    It has written its journal, but the warehouse never held it; the next night brought the same records anew.
    """
    stage.run(NIGHTS[0])

    run_and_die_in(stage, NIGHTS[1], "load_night", monkeypatch)
    for night in NIGHTS[2 : 2 + n_nights_after]:
        stage.run(night)

    n_runs = replay(stage.home, tmp_path / "again.duckdb", last_run=None, say=lambda _line: None)

    assert n_runs == 1 + n_nights_after
    assert differing_tables(stage.home.warehouse, tmp_path / "again.duckdb") == ()


def test_a_run_that_was_killed_right_behind_its_load_is_replayed(stage, tmp_path, monkeypatch):
    stage.run(NIGHTS[0])

    run_and_die_in(stage, NIGHTS[1], "confirm_journal", monkeypatch)

    n_runs = replay(stage.home, tmp_path / "again.duckdb", last_run=None, say=lambda _line: None)

    assert n_runs == 2
    assert differing_tables(stage.home.warehouse, tmp_path / "again.duckdb") == ()


def test_judgements_by_older_rules_are_left_out_of_the_comparison_and_records_are_not(stage, tmp_path):
    made = tmp_path / "again.duckdb"
    stage.run(NIGHTS[0])
    replay(stage.home, made, last_run=None, say=lambda _line: None)
    with open_writer(stage.home.warehouse) as connection:
        connection.execute("UPDATE article_evidence SET rule_version = 'rules-1', design = 'other'")

    by_older_rules = compare_with_replay(stage.home, made)
    with open_writer(stage.home.warehouse) as connection:
        connection.execute("UPDATE article_versions SET title = 'Another'")
    with_another_title = compare_with_replay(stage.home, made)

    left_out = (
        "annotations are not compared: rules rules-1 made some,"
        f" rules {load_topic().version} would make all of them now"
    )
    assert by_older_rules == ((), left_out)
    assert [line.split(":")[0] for line in with_another_title[0]] == ["article_versions"]


def test_a_replay_never_writes_into_a_file_that_exists(stage, tmp_path):
    (tmp_path / "precious.duckdb").write_text("precious", encoding="utf-8")

    with pytest.raises(UsageError, match="exists already"):
        replay(stage.home, tmp_path / "precious.duckdb", last_run=None, say=lambda _line: None)


def test_an_unknown_run_is_named_beside_the_last_one(stage, tmp_path):
    stage.run(NIGHTS[0])

    with pytest.raises(UsageError, match=r"'2020-01-01\.1'. The last one is 2021-06-05\.1"):
        replay(stage.home, tmp_path / "again.duckdb", last_run="2020-01-01.1", say=lambda _line: None)


def test_a_home_without_runs_has_nothing_to_replay(stage, tmp_path):
    with pytest.raises(HomeError, match="nothing has been loaded here yet"):
        replay(stage.home, tmp_path / "again.duckdb", last_run=None, say=lambda _line: None)


def test_a_replay_only_reads_the_warehouse_and_never_makes_one(stage, tmp_path):
    """Without the file nothing can come out the same; an empty one made in passing would cost pending journals."""
    stage.run(NIGHTS[0], publishes=False)
    before = (stage.home.warehouse.read_bytes(), stage.home.warehouse.stat().st_mtime_ns)

    compared = replay_run(stage.home, "2021-06-05.1", say=lambda _line: None)
    after = (stage.home.warehouse.read_bytes(), stage.home.warehouse.stat().st_mtime_ns)
    stage.home.warehouse.unlink()

    assert (compared.differing, after == before) == ((), True)
    with pytest.raises(HomeError, match=r"warehouse\.duckdb does not exist: there is nothing to compare with"):
        replay_run(stage.home, "2021-06-05.1", say=lambda _line: None)
    whole = CliRunner().invoke(cli, ["--home", str(stage.home.root), "replay"], standalone_mode=False)
    assert isinstance(whole.exception, HomeError)
    assert replay(stage.home, tmp_path / "again.duckdb", last_run=None, say=lambda _line: None) == 1
    assert not stage.home.warehouse.exists()


def test_a_run_that_the_warehouse_does_not_know_cannot_be_compared(stage):
    """An older warehouse file was put back: the journal is there, the run is not."""
    stage.run(NIGHTS[0], publishes=False)
    older = stage.home.warehouse.read_bytes()
    stage.run(NIGHTS[1], publishes=False)
    stage.home.warehouse.write_bytes(older)

    with pytest.raises(UsageError, match=r"knows no run '2021-06-06\.1', although it has a journal"):
        replay_run(stage.home, "2021-06-06.1", say=lambda _line: None)
