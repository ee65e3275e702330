from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from made_records import NIGHT, article, night, started

from her2lit.records import Reject
from warehouse import ledger
from warehouse.load import load_night


def start(connection, label=NIGHT, **changes):
    given = {
        "kind": "nightly",
        "label": label,
        "started_at": started(label),
        "her2lit_version": "1",
        "rule_version": "r",
    }
    return ledger.start_run(connection, **{**given, **changes})


def outcomes(connection):
    return connection.execute("SELECT run_id, outcome FROM runs ORDER BY started_at, attempt").fetchall()


def test_runs_of_one_night_are_numbered(writer):
    assert [start(writer), start(writer), start(writer, NIGHT + timedelta(days=1))] == [
        "2021-06-05.1",
        "2021-06-05.2",
        "2021-06-06.1",
    ]


def test_a_run_that_never_ended_was_interrupted(writer):
    start(writer)
    start(writer)

    assert outcomes(writer) == [("2021-06-05.1", "interrupted"), ("2021-06-05.2", "running")]


def test_a_finished_run_says_what_it_did(writer):
    run_id = start(writer)
    report = load_night(
        writer, night(article(1), article(2), run_id=run_id, rejects=(Reject(pmid=None, offset=0, reason="broken"),))
    )

    ledger.finish_run(
        writer,
        run_id,
        outcome="incomplete",
        finished_at=started() + timedelta(seconds=90),
        message="one batch is missing",
        report=report,
        n_requests=12,
    )

    assert writer.execute(
        "SELECT run_id, label, outcome, duration_s, n_articles, n_new, n_revised, n_unchanged, n_reannotated, n_rejects,"
        " n_events, n_requests, message FROM out.run_health"
    ).fetchall() == [(run_id, NIGHT, "incomplete", 90, 2, 2, 0, 0, 0, 1, 2, 12, "one batch is missing")]


def test_times_are_stored_in_utc_whatever_zone_they_come_in(writer):
    start(writer, started_at=datetime(2021, 6, 5, 2, 30, tzinfo=timezone(timedelta(hours=-4))))
    start(writer, NIGHT + timedelta(days=1), started_at=datetime(2021, 6, 6, 6, 30, tzinfo=UTC))

    assert writer.execute("SELECT started_at FROM runs ORDER BY 1").fetchall() == [
        (started(NIGHT),),
        (started(NIGHT + timedelta(days=1)),),
    ]


@pytest.mark.parametrize(("run_id", "outcome"), [("2021-06-05.1", "running"), ("2021-06-05.9", "clean")])
def test_an_unknown_run_or_outcome_is_a_mistake_of_the_caller(writer, run_id, outcome):
    start(writer)

    with pytest.raises(ValueError, match="run"):
        ledger.finish_run(writer, run_id, outcome=outcome, finished_at=started())


def test_watermarks_are_read_by_strategy_and_arm(writer):
    load_night(writer, night(watermarks=(("harvest", "crdt", NIGHT), ("harvest", "lr", date(2021, 6, 1)))))

    assert ledger.read_watermarks(writer) == {("harvest", "crdt"): NIGHT, ("harvest", "lr"): date(2021, 6, 1)}


def test_what_is_new_is_history_until_a_run_has_ended_clean(writer):
    first, second = start(writer), start(writer)
    ledger.finish_run(writer, first, outcome="incomplete", finished_at=started())
    assert ledger.is_first_run(writer)

    ledger.finish_run(writer, second, outcome="clean", finished_at=started())
    assert not ledger.is_first_run(writer)
