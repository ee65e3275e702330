"""The rows a digest is made of, over the real views; and what it showed, kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from made_records import NIGHT, annotation, article, night, started

from her2lit.records import DigestItem, SearchHit, Window
from warehouse.digests import freeze_digest, read_digest_rows, read_page_rows, read_runs
from warehouse.ledger import finish_run, start_run
from warehouse.load import load_night

WEEK = Window(since=NIGHT - timedelta(days=6), until=NIGHT + timedelta(days=1))
NEXT_WEEK = Window(since=WEEK.until, until=WEEK.until + timedelta(days=7))


def run_night(connection, *articles, label=NIGHT, **changes):
    run_id = start_run(
        connection, kind="nightly", label=label, started_at=started(label), her2lit_version="1", rule_version="rules-1"
    )
    handed = night(*articles, label=label, **changes)
    report = load_night(connection, replace(handed, run_id=run_id))
    finish_run(
        connection, run_id, outcome="clean", finished_at=started(label), message=None, report=report, n_requests=3
    )


def freeze(connection, *shown, period=WEEK):
    freeze_digest(
        connection,
        digest_id=f"{period.since}_{period.until}",
        period=period,
        frozen_at=started(NIGHT),
        subject="s",
        content_sha256="ab",
        items=[
            DigestItem(position=i, section="new", event_id=i, pmid=pmid, drug_id=None)
            for i, pmid in enumerate(shown, 1)
        ],
    )


def pmids(rows):
    return sorted({row.pmid for row in rows.evidence})


def test_the_rows_of_a_period_are_whole(writer):
    run_night(writer, article(1), search_hits=(SearchHit(strategy="keyword-her2", arm="provenance", pmid=1),))

    rows = read_digest_rows(writer, WEEK.since, WEEK.until)

    [row] = rows.evidence
    assert (row.event_type, row.pmid, row.drug_id, row.role, row.is_on_topic, row.strategies, row.run_label) == (
        "appeared", 1, "trastuzumab-deruxtecan", "studied", True, ("keyword-her2",), NIGHT,
    )  # fmt: skip
    assert (rows.data_as_of, rows.rule_version) == (started(NIGHT), "rules-1")
    assert [(run.run_id, run.outcome, run.n_new) for run in rows.runs] == [(f"{NIGHT}.1", "clean", 1)]
    assert [drug.drug_id for drug in rows.drugs] == sorted(d.drug_id for d in rows.drugs)
    assert [(m.drug_id, m.n_articles) for m in rows.drug_months] == [("trastuzumab-deruxtecan", 1)]


def test_history_is_never_in_a_digest_nor_on_the_page(writer):
    run_night(writer, article(1, created_date=date(2019, 1, 1)), is_history=True)

    assert read_digest_rows(writer, WEEK.since, WEEK.until).evidence == ()
    assert read_page_rows(writer, WEEK.since, WEEK.until).evidence == ()


def test_an_empty_warehouse_gives_empty_rows(writer):
    rows = read_digest_rows(writer, WEEK.since, WEEK.until)

    assert (rows.evidence, rows.alerts, rows.runs, rows.data_as_of) == ((), (), (), None)


def test_what_a_digest_held_over_is_offered_again_until_it_is_shown(writer):
    run_night(writer, article(1), article(2), annotations=tuple(annotation(article(p)) for p in (1, 2)))
    freeze(writer, 1)

    assert pmids(read_digest_rows(writer, NEXT_WEEK.since, NEXT_WEEK.until)) == [2]
    freeze(writer, 2, period=NEXT_WEEK)
    after = NEXT_WEEK.until
    assert pmids(read_digest_rows(writer, after, after + timedelta(days=7))) == []


def test_what_came_before_the_first_digest_is_not_held_over(writer):
    run_night(writer, article(1))

    assert pmids(read_digest_rows(writer, NEXT_WEEK.since, NEXT_WEEK.until)) == []


def test_the_page_does_not_repeat_what_was_held_over(writer):
    run_night(writer, article(1))
    freeze(writer)

    assert pmids(read_page_rows(writer, NEXT_WEEK.since, NEXT_WEEK.until)) == []


def test_freezing_again_replaces_the_rows(writer):
    freeze(writer, 1, 2)
    freeze(writer, 3)

    assert writer.execute("SELECT digest_id, pmid FROM digest_items").fetchall() == [(f"{WEEK.since}_{WEEK.until}", 3)]


def test_a_failed_run_is_among_the_runs(writer):
    run_id = start_run(
        writer, kind="nightly", label=NIGHT, started_at=started(NIGHT), her2lit_version="1", rule_version="rules-1"
    )
    finish_run(
        writer, run_id, outcome="failed", finished_at=started(NIGHT), message="no answer", report=None, n_requests=1
    )

    assert [(run.outcome, run.message) for run in read_runs(writer, WEEK)] == [("failed", "no answer")]
    assert read_digest_rows(writer, WEEK.since, WEEK.until).data_as_of is None
