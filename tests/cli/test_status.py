import json
import os
from datetime import UTC, datetime, timedelta

import filelock
import pytest
from click.testing import CliRunner
from made_records import NIGHT, article, made_drugs, night, started

from her2lit.cli import cli
from her2lit.cli.status import describe, read_status
from her2lit.home import open_home
from warehouse import ledger
from warehouse.connection import open_writer
from warehouse.load import load_drugs, load_night
from warehouse.publish import publish

NOW = datetime(2021, 6, 5, 12, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    """A home that has not run yet."""
    return open_home(tmp_path / "home", create=True)


def run(home, *, outcome="clean", message=None, is_published=True):
    with open_writer(home.warehouse) as connection:
        load_drugs(connection, made_drugs())
        run_id = ledger.start_run(
            connection, kind="nightly", label=NIGHT, started_at=started(), her2lit_version="1", rule_version="r"
        )
        report = load_night(connection, night(article(1), run_id=run_id, watermarks=(("harvest", "crdt", NIGHT),)))
        ledger.finish_run(
            connection, run_id, outcome=outcome, finished_at=started(), message=message, report=report, n_requests=3
        )
    if is_published:
        publish(home.warehouse, home.published, label=NIGHT, published_at=started(), data_as_of=started())


def test_a_home_that_never_ran_says_what_to_run(home):
    text = describe(read_status(home, NOW))

    assert "nothing yet: run `her2lit nightly`" in text
    assert "Last run     none yet" in text


def test_status_says_how_the_last_run_went_and_how_fresh_the_data_is(home):
    run(home)

    status = read_status(home, NOW)

    assert (status.ledger, status.published_label, status.age_hours, status.is_stale) == (
        "warehouse",
        NIGHT,
        6.0,
        False,
    )
    assert status.runs[0]["outcome"] == "clean"
    assert [(w["arm"], w["watermark"]) for w in status.watermarks] == [("crdt", NIGHT)]
    text = describe(status)
    assert "Last run     2021-06-05.1  CLEAN  2021-06-05 06:30:00 UTC  1 new, 0 revised, 1 events, 0 unreadable" in text
    assert "6.0 hours old" in text
    assert "harvest [crdt] searched up to 2021-06-05, exclusive" in text


def test_a_run_that_failed_before_publishing_is_seen(home):
    run(home)
    run(home, outcome="incomplete", message="2 PMIDs could not be fetched", is_published=False)

    text = describe(read_status(home, NOW))

    assert "2021-06-05.2  INCOMPLETE" in text
    assert "2 PMIDs could not be fetched" in text


def test_while_a_run_is_at_work_the_snapshot_answers(home):
    run(home)
    state = {"run_id": "2021-06-06.1", "label": "2021-06-06", "started_at": "2021-06-06T06:30:00Z", "pid": os.getpid()}
    (home.root / "run.json").write_text(json.dumps(state), encoding="utf-8")

    with filelock.FileLock(home.lock), open_writer(home.warehouse):
        status = read_status(home, NOW)

    assert (status.ledger, status.running["run_id"]) == ("snapshot", "2021-06-06.1")
    assert f"2021-06-06.1 since 2021-06-06T06:30:00Z (process {os.getpid()})" in describe(status)


def test_the_note_of_a_killed_run_is_not_taken_for_a_run_at_work(home):
    run(home)
    (home.root / "run.json").write_text('{"run_id": "x", "started_at": "y", "pid": 999999999}', encoding="utf-8")

    assert read_status(home, NOW).running is None


def test_data_grows_stale(home):
    run(home)

    status = read_status(home, NOW + timedelta(days=3))

    assert status.is_stale
    assert "STALE" in describe(status)


def test_monitoring_gets_json_and_an_exit_code(home):
    run(home)

    result = CliRunner().invoke(cli, ["--home", str(home.root), "status", "--json", "--check"], standalone_mode=False)

    assert json.loads(result.output)["is_stale"] is True
    assert result.return_value == 3
    assert CliRunner().invoke(cli, ["--home", str(home.root), "status"], standalone_mode=False).return_value == 0


def test_a_run_that_was_loaded_but_never_published_is_named(home):
    run(home)
    with open_writer(home.warehouse) as connection:
        later = NIGHT + timedelta(days=1)
        run_id = ledger.start_run(
            connection, kind="nightly", label=later, started_at=started(later), her2lit_version="1", rule_version="r"
        )
        ledger.finish_run(connection, run_id, outcome="clean", finished_at=started(later))

    status = read_status(home, NOW)

    assert status.unpublished_run == run_id
    assert f"run {run_id} is loaded, but no snapshot shows it" in describe(status)
    checked = CliRunner().invoke(cli, ["--home", str(home.root), "status", "--check"], standalone_mode=False)
    assert checked.return_value == 3
    publish(home.warehouse, home.published, label=later, published_at=started(later), data_as_of=started(later))
    assert read_status(home, NOW).unpublished_run is None


def test_a_second_run_of_a_night_that_brings_nothing_is_not_called_unpublished(home):
    run(home)
    with open_writer(home.warehouse) as connection:
        run_id = ledger.start_run(
            connection, kind="nightly", label=NIGHT, started_at=started(), her2lit_version="1", rule_version="r"
        )
        ledger.finish_run(connection, run_id, outcome="clean", finished_at=started() + timedelta(hours=3))

    assert read_status(home, NOW).unpublished_run is None


def test_a_killed_run_is_told_of_as_interrupted_and_needs_a_look(home):
    """Killed between load and publication: nobody has closed its row in the ledger."""
    run(home)
    clean = read_status(home, NOW)
    with open_writer(home.warehouse) as connection:
        ledger.start_run(
            connection, kind="nightly", label=NIGHT, started_at=started() + timedelta(hours=3), her2lit_version="1",
            rule_version="r",
        )  # fmt: skip

    status = read_status(home, NOW)

    assert (clean.needs_a_look, status.needs_a_look) == (False, True)
    assert [(r["run_id"], r["outcome"]) for r in status.newest_by_kind] == [("2021-06-05.2", "interrupted")]
    assert "Last run     2021-06-05.2  INTERRUPTED" in describe(status)


@pytest.mark.parametrize(("days", "is_late"), [(9, False), (12, True)])
def test_a_missed_reconciliation_is_late_where_reconciliations_are_in_use(home, days, is_late):
    run(home)
    unused = read_status(home, NOW)
    with open_writer(home.warehouse) as connection:
        begun = started() - timedelta(days=days)
        run_id = ledger.start_run(
            connection, kind="reconcile", label=begun.date(), started_at=begun, her2lit_version="1", rule_version="r"
        )
        ledger.finish_run(connection, run_id, outcome="clean", finished_at=begun)

    status = read_status(home, NOW)

    assert (unused.reconciled_days_ago, unused.needs_a_look) == (None, False)
    assert (status.is_reconciliation_late, status.needs_a_look) == (is_late, is_late)
    assert ("LATE         the last reconciliation began 12 days ago" in describe(status)) is is_late


def test_a_damaged_manifest_is_told_of_and_the_next_publication_replaces_it(home):
    run(home)
    (home.published / "manifest.json").write_text("half a mani", encoding="utf-8")

    text = describe(read_status(home, NOW))

    assert "is no JSON. The next run publishes again" in text
    assert read_status(home, NOW).is_stale
    publish(home.warehouse, home.published, label=NIGHT, published_at=started(), data_as_of=started())
    assert read_status(home, NOW).manifest_problem is None
