from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from made_records import NIGHT, article, night, started

from her2lit.records import Reject, SearchRun, Window
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


def searched(arm, sha256, *, since=date(2021, 5, 1)):
    """A clean search of the harvest strategy."""
    return SearchRun(
        strategy="harvest", arm=arm, strategy_sha256=sha256, term="t", query_translation=None, warnings=(), count=1,
        window=Window(since=since, until=NIGHT), started_at=started(), finished_at=started(), outcome="clean",
        reason=None, n_requests=1,
    )  # fmt: skip


def run_of(connection, *searches, outcome, label=NIGHT, **more):
    """A run with *searches*, loaded and ended."""
    run_id = start(connection, label)
    load_night(connection, night(run_id=run_id, label=label, search_runs=searches, **more))
    ledger.finish_run(connection, run_id, outcome=outcome, finished_at=started(label))


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


def test_a_new_text_stays_new_until_a_comparison_with_it_has_ended_clean(writer):
    run_of(writer, searched("crdt", "old"), outcome="clean")
    told = [ledger.is_text_new(writer, "harvest", sha256) for sha256 in ("old", "new")]
    for outcome in ("incomplete", "clean"):
        run_of(writer, searched("covered", "new"), outcome=outcome)
        told.append(ledger.is_text_new(writer, "harvest", "new"))

    assert told == [False, True, True, False]


def test_days_are_watched_from_the_first_clean_search_on_and_settled_by_a_clean_run(writer):
    told = []
    for outcome, arm, since in (("incomplete", "crdt", 2015), ("clean", "crdt", 2021), ("clean", "covered", 2015)):
        run_of(writer, searched(arm, "a", since=date(since, 1, 1)), outcome=outcome)
        told.append((ledger.read_covered_since(writer, "harvest"), ledger.read_settled_since(writer, "harvest")))

    assert told == [
        (date(2015, 1, 1), None),
        (date(2015, 1, 1), date(2021, 1, 1)),
        (date(2015, 1, 1), date(2015, 1, 1)),
    ]


def test_an_arm_is_unfinished_from_where_nights_asked_since_its_watermark_moved(writer):
    """The first night moved the watermark of crdt only, the second none, the third both."""
    arms = ("crdt", "lr")
    told = []
    for day, since, moved in ((5, 2021, ["crdt"]), (6, 2015, []), (7, 2015, arms)):
        label = date(2021, 6, day)
        run_of(
            writer,
            *(searched(arm, "a", since=date(since, 1, 1)) for arm in arms),
            label=label,
            outcome="clean" if len(moved) == 2 else "incomplete",
            watermarks=tuple(("harvest", arm, label) for arm in moved),
        )
        told.append(ledger.read_unfinished(writer, "harvest"))

    assert told == [{"lr": date(2021, 1, 1)}, {"crdt": date(2015, 1, 1), "lr": date(2015, 1, 1)}, {}]
