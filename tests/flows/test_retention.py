"""The raw archive by run: what a replay needs stays, what no run needs goes, and what is lost is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from nights import Stage

from flows.replay import replay, replay_run
from flows.retention import list_raw, prune_raw
from her2lit.errors import HomeError, UsageError
from her2lit.pubmed.archive import RawArchive
from warehouse.compare import ANNOTATION_TABLE_NAMES
from warehouse.connection import open_writer

NIGHTS = (date(2021, 6, 5), date(2021, 6, 8))


@pytest.fixture
def home_of_two_nights(tmp_path, lifecycle_corpus):
    """Two nights that were not published, and a batch that a killed run left behind on the first."""
    with Stage(tmp_path / "home", lifecycle_corpus) as stage:
        stage.run(NIGHTS[0], publishes=False)
        RawArchive(stage.home.raw).store(
            b"<PubmedArticleSet/>", pmids=(1,), request={"utility": "efetch"}, fetched_at=stage.clock.now()
        )
        stage.run(NIGHTS[1], publishes=False)
        stage.clock.sleep(timedelta(days=30).total_seconds())
        yield stage


def test_each_run_is_listed_with_its_batches(home_of_two_nights):
    listing = list_raw(home_of_two_nights.home)

    assert [(run.run_id, run.n_batches, run.n_lacking) for run in listing.runs] == [
        ("2021-06-05.1", 1, 0), ("2021-06-08.1", 1, 0),
    ]  # fmt: skip
    assert all(run.n_bytes > 0 for run in listing.runs)
    assert (listing.n_unclaimed, listing.n_unclaimed_bytes > 0) == (1, True)


def test_by_default_only_what_no_run_needs_goes(home_of_two_nights, tmp_path):
    home, clock = home_of_two_nights.home, home_of_two_nights.clock

    would = prune_raw(home, clock, keep_days=None, dry_run=True)
    before = list_raw(home)
    done = prune_raw(home, clock, keep_days=None, dry_run=False)

    assert would == done
    assert (len(done.pruned.batch_sha256s), done.lost_runs) == (1, ())
    assert before.n_unclaimed == 1
    assert list_raw(home).n_unclaimed == 0
    assert replay(home, tmp_path / "again.duckdb", last_run=None, say=lambda _line: None) == 2


def test_what_only_older_runs_need_goes_when_asked_and_a_replay_then_says_what_it_lacks(home_of_two_nights, tmp_path):
    home, clock = home_of_two_nights.home, home_of_two_nights.clock

    done = prune_raw(home, clock, keep_days=30, dry_run=False)

    assert done.lost_runs == ("2021-06-05.1",)
    assert [(run.run_id, run.n_lacking) for run in list_raw(home).runs] == [("2021-06-05.1", 1), ("2021-06-08.1", 0)]
    with pytest.raises(
        HomeError, match=r"1 raw batches of 1 runs .* 2021-06-05\.1 cannot be replayed, nor any run after"
    ):
        replay(home, tmp_path / "again.duckdb", last_run=None, say=lambda _line: None)
    assert list(tmp_path.glob("*.duckdb*")) == []


def test_one_run_made_again_is_compared_with_its_rows(home_of_two_nights):
    stage = home_of_two_nights
    n_requests = len(stage.replica.requests)

    compared = replay_run(stage.home, "2021-06-08.1", say=lambda _line: None)

    assert (compared.n_runs, compared.differing, compared.left_out) == (2, (), None)
    assert compared.n_rows > 50
    assert len(stage.replica.requests) == n_requests


def test_a_row_that_somebody_changed_is_named(home_of_two_nights):
    stage = home_of_two_nights

    with open_writer(stage.home.warehouse) as connection:
        connection.execute("UPDATE article_versions SET title = 'forged' WHERE run_id = '2021-06-08.1'")

    assert replay_run(stage.home, "2021-06-08.1", say=lambda _line: None).differing[0].startswith("article_versions: ")


def test_a_run_after_an_upgrade_of_the_rules_is_compared_without_its_annotations(home_of_two_nights):
    """The second night judged a record of the first anew, so that its annotations have other numbers than a replay's."""
    stage = home_of_two_nights
    with open_writer(stage.home.warehouse) as connection:
        connection.execute("UPDATE runs SET rule_version = 'rules-0' WHERE run_id = '2021-06-05.1'")
        connection.execute("UPDATE article_evidence SET rule_version = 'rules-0' WHERE run_id = '2021-06-05.1'")
        for table in ANNOTATION_TABLE_NAMES:
            connection.execute(
                f"UPDATE {table} SET annotation_id = annotation_id + 100 WHERE annotation_id IN"
                " (SELECT annotation_id FROM article_evidence WHERE run_id = '2021-06-08.1')"
            )

    compared = replay_run(stage.home, "2021-06-08.1", say=lambda _line: None)

    assert compared.differing == ()
    assert compared.left_out is not None
    assert "annotations are not compared: up to this run rules rules-0 made some" in compared.left_out
    assert compared.n_rows > 30


def test_a_run_that_never_was_cannot_be_compared(home_of_two_nights):
    with pytest.raises(UsageError, match=r"There is no journal of a run '2020-01-01\.1'"):
        replay_run(home_of_two_nights.home, "2020-01-01.1", say=lambda _line: None)
