"""Reconciliation: gaps, deletions, silent changes and lost matches, found against a replica whose records vanish."""

from __future__ import annotations

import dataclasses
import lzma
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import duckdb
import nights as nights_program
import pytest
from contents import contents
from nights import Stage
from replica_records import record, write_corpus

from flows import reconcile_steps
from flows.approval import approve
from flows.replay import differing_tables, replay
from flows.steps import is_store_suspect, write_pages
from her2lit.errors import UsageError, WarehouseError
from her2lit.replica.corpus import Corpus
from her2lit.replica.faults import Fault, FaultPlan, FaultRule
from her2lit.settings import EutilsSettings
from warehouse.connection import open_writer

TITLE = "Trastuzumab in HER2-positive metastatic breast cancer, report {}."
FIRST, LATER = date(2021, 6, 5), date(2021, 6, 20)
#: After the records were fetched and before they are loaded; kills before the other verbs belong to the second tier.
VERBS = ("load",)
OTHER_VERBS = (
    "probe", "enumerate", "compare", "check_sentinels", "match_gap", "fetch", "parse", "annotate", "audit",
    "publish_snapshot", "report", "the end",
)  # fmt: skip


def paper(pmid, *, valid_from="2021-05-10T00:00:00-04:00", **more):
    """A record of the topic, created on 10 May 2021."""
    told = {"title": TITLE.format(pmid), "created": "2021-05-10", "revised": "2021-05-10"}
    return record(pmid, valid_from=valid_from, **{**told, **more})


def gone(pmid, *, at="2021-06-10T00:00:00-04:00"):
    """The replica's instruction that deletes *pmid*."""
    return f'<?her2lit-replica delete="{pmid}" at="{at}"?>'


class QuickStage(Stage):
    """A stage whose runs end before they publish, unless told otherwise; a night looks back a month at first."""

    def run(self, night, *, publishes=False, **more):
        return super().run(night, **{"publishes": publishes, "lookback_days": 30, **more})

    def reconcile(self, night, *, publishes=False, **more):
        return super().reconcile(night, **{"publishes": publishes, "lookback_days": 30, **more})


def staged(tmp_path, *records, n_others=8):
    """A stage over *records* and some that nothing happens to; the first night is 5 June."""
    others = [paper(pmid) for pmid in range(101, 101 + n_others)]
    corpus = Corpus.from_files([write_corpus(tmp_path / "corpus.xml", *others, *records)])
    return QuickStage(tmp_path / "home", corpus, first=FIRST)


def events(stage, *kinds):
    """(night, event, PMID) of every event that is no arrival, or of the named ones, in order."""
    wanted = (
        "event_type NOT IN ('appeared', 'loaded', 'late_arrival')" if not kinds else "event_type IN (SELECT unnest(?))"
    )
    with duckdb.connect(str(stage.home.warehouse), read_only=True) as connection:
        return connection.execute(
            f"SELECT run_label::VARCHAR, event_type, pmid FROM evidence_events WHERE {wanted} ORDER BY event_id",
            [list(kinds)] if kinds else [],
        ).fetchall()


def ask(stage, sql):
    with duckdb.connect(str(stage.home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_home_without_nights_has_nothing_to_reconcile(tmp_path):
    with staged(tmp_path) as stage, pytest.raises(UsageError, match="Run `her2lit nightly` first"):
        stage.reconcile(FIRST)

    assert not stage.home.warehouse.exists()


def test_nothing_differs_when_every_night_was_clean(tmp_path):
    with staged(tmp_path) as stage:
        stage.run(FIRST)
        summary = stage.reconcile(FIRST)

    said = summary.comparison
    assert (summary.outcome, summary.reasons, summary.notes) == ("clean", (), ())
    assert (said.n_whole, said.n_held, said.gap, said.unmatched, said.returned) == (8, 8, (), (), ())
    assert not summary.load.has_changes
    assert stage.replica.violations == 0


def test_a_record_that_no_night_brought_is_a_gap_that_is_named_and_closed(tmp_path):
    """Created on 12 May, indexed on 15 June only: no window of any night saw it."""
    late = paper(900, created="2021-05-12", revised="2021-05-12", valid_from="2021-06-15T00:00:00-04:00")
    with staged(tmp_path, late) as stage:
        stage.run(FIRST)
        stage.run(LATER)
        summary = stage.reconcile(LATER)

    assert summary.comparison.gap == (900,)
    assert summary.notes == ("a gap was closed: 1 records no night had brought, first PMID 900",)
    assert summary.outcome == "clean"
    assert events(stage, "late_arrival") == [("2021-06-20", "late_arrival", 900)]
    assert ask(stage, "SELECT strategy, arm FROM search_hits WHERE pmid = 900 AND arm = 'covered'") == [
        ("harvest", "covered")
    ]
    assert ask(stage, "SELECT message FROM runs WHERE kind = 'reconcile'") == [summary.notes]


def test_older_records_are_counted_and_only_loaded_when_asked_for_and_then_as_history(tmp_path):
    old = paper(901, created="2019-03-01", revised="2019-03-01", valid_from="2019-03-02T00:00:00-04:00")
    with staged(tmp_path, old) as stage:
        stage.run(FIRST)
        left = stage.reconcile(FIRST)
        taken = stage.reconcile(FIRST, since=date(2019, 1, 1))
        again = stage.reconcile(FIRST)

    assert (left.comparison.n_older, left.comparison.gap) == (1, ())
    assert left.notes == (
        "1 matching records from before the days watched are not held; --since DATE loads them as history",
    )
    assert taken.comparison.gap == (901,)
    assert dict(taken.load.events) == {"loaded": 1}
    assert (again.comparison.n_older, again.comparison.covered.since) == (0, date(2019, 1, 1))


def failing(stage, verb, *rules):
    """A callback for a stage's run: *rules* strike during *verb* only, by default every search."""
    down = FaultPlan(rules or [FaultRule(fault=Fault(kind="backend_down"), utility="esearch")])
    return lambda reached: stage.replica.set_faults(down if reached == verb else None)


OLD = {"created": "2019-03-01", "revised": "2019-03-01", "valid_from": "2019-03-02T00:00:00-04:00"}


@pytest.mark.parametrize("is_first", [True, False])
def test_history_that_a_night_could_not_search_is_searched_by_the_next_one_and_is_no_news(tmp_path, is_first):
    """A --since whose searches fail, over all tries, on a home with or without watermarks."""
    with staged(tmp_path, paper(901, **OLD)) as stage:
        if not is_first:
            stage.run(FIRST)
        missed = stage.run(date(2021, 6, 6), since=date(2015, 1, 1), before=failing(stage, "search"))
        caught_up = stage.run(date(2021, 6, 7))
        later = stage.run(date(2021, 6, 8))
        asked = ask(
            stage,
            "SELECT window_since::VARCHAR FROM search_runs WHERE strategy = 'harvest' AND arm = 'crdt' ORDER BY run_id",
        )

    assert (missed.outcome, caught_up.outcome, later.outcome) == ("incomplete", "clean", "clean")
    assert asked[-3:] == [("2015-01-01",), ("2015-01-01",), ("2021-06-01",)]
    assert events(stage, "loaded", "late_arrival") == [("2021-06-07", "loaded", 901)]


POISONED = FaultRule(fault=Fault(kind="backend_down"), utility="efetch")


@pytest.mark.parametrize("begun_by", ["nightly", "reconcile"])
def test_history_that_could_not_be_fetched_whole_is_history_when_the_next_reconciliation_brings_it(tmp_path, begun_by):
    """The search was clean, so its days count as watched; EFetch was out. A later gap there is told as late again."""
    late = paper(900, **{**OLD, "valid_from": "2021-06-15T00:00:00-04:00"})
    with staged(tmp_path, paper(901, **OLD), late) as stage:
        stage.run(FIRST)
        run = stage.run if begun_by == "nightly" else stage.reconcile
        missed = run(FIRST, since=date(2019, 1, 1), before=failing(stage, "fetch", POISONED))
        taken = stage.reconcile(date(2021, 6, 12))
        gap = stage.reconcile(LATER)

    assert [said.outcome for said in (missed, taken, gap)] == ["incomplete", "clean", "clean"]
    assert (missed.load.n_new, taken.comparison.gap, gap.comparison.gap) == (0, (901,), (900,))
    assert events(stage, "loaded", "late_arrival") == [
        ("2021-06-12", "loaded", 901),
        ("2021-06-20", "late_arrival", 900),
    ]


def test_which_keywords_match_a_closed_gap_is_asked_until_it_is_answered(tmp_path):
    late = paper(900, created="2021-05-12", revised="2021-05-12", valid_from="2021-06-15T00:00:00-04:00")
    with staged(tmp_path, late) as stage:
        stage.run(FIRST)
        stage.run(LATER)
        closed = stage.reconcile(LATER, before=failing(stage, "match_gap"))
        answered = stage.reconcile(date(2021, 6, 21))
        settled = stage.reconcile(date(2021, 6, 22))
        runs = ask(stage, "SELECT run_id FROM search_hits WHERE pmid = 900 AND arm = 'provenance' GROUP BY ALL")
        asked = ask(stage, "SELECT run_id FROM search_runs WHERE arm = 'provenance' GROUP BY ALL ORDER BY ALL")

    assert [said.outcome for said in (closed, answered, settled)] == ["incomplete", "clean", "clean"]
    assert (closed.comparison.gap, answered.comparison.gap) == ((900,), ())
    assert runs == [("2021-06-21.1",)]
    assert [run_id for (run_id,) in asked][-2:] == ["2021-06-20.2", "2021-06-21.1"]


@pytest.mark.parametrize("since", [date(1900, 1, 1), date(1850, 1, 1)])
def test_a_home_that_watches_every_day_there_is_can_be_reconciled_ever_after(tmp_path, since):
    old = paper(901, created="2019-03-01", revised="2019-03-01", valid_from="2019-03-02T00:00:00-04:00")
    with staged(tmp_path, old) as stage:
        stage.run(FIRST)
        taken = stage.reconcile(FIRST, since=since)
        again = stage.reconcile(LATER)

    assert [(said.outcome, said.comparison.covered.since) for said in (taken, again)] == [
        ("clean", date(1900, 1, 1)),
        ("clean", date(1900, 1, 1)),
    ]
    assert (taken.comparison.gap, again.comparison.gap, again.comparison.n_older) == ((901,), (), 0)


@pytest.mark.case("53")
def test_a_deletion_is_believed_on_the_second_night_and_told_once(tmp_path):
    """Two nights, two utilities: the reconciliation notes the absence, the next night confirms it."""
    with staged(tmp_path, paper(902), gone(902)) as stage:
        stage.run(FIRST)
        first = stage.reconcile(LATER)
        noted = events(stage)
        second = stage.run(date(2021, 6, 21))
        third = stage.reconcile(date(2021, 6, 22))

    assert (first.n_absent, first.n_deleted, noted) == (1, 0, [])
    assert dict(second.load.events) == {"deleted": 1}
    assert (third.n_absent, third.comparison.unmatched, third.comparison.returned) == (0, (), ())
    assert events(stage) == [("2021-06-21", "deleted", 902)]
    assert ask(stage, "SELECT label::VARCHAR, utilities, returned_at FROM absences WHERE pmid = 902 ORDER BY ALL") == [
        ("2021-06-20", ["efetch", "esummary"], None),
        ("2021-06-21", ["efetch", "esummary"], None),
    ]


def test_two_runs_of_one_night_are_one_night(tmp_path):
    with staged(tmp_path, paper(902), gone(902)) as stage:
        stage.run(FIRST)
        stage.reconcile(LATER, publishes=True)
        before = contents(stage.home.warehouse)
        again = stage.reconcile(LATER, publishes=True)

    assert not again.load.has_changes
    assert not again.is_published_anew
    assert contents(stage.home.warehouse) == before
    assert events(stage) == []


@pytest.mark.case("56")
def test_an_absence_of_one_night_is_no_deletion(tmp_path):
    back = paper(903, valid_from="2021-06-20T12:00:00-04:00")
    with staged(tmp_path, paper(903), gone(903), back) as stage:
        stage.run(FIRST)
        away = stage.reconcile(LATER)
        stage.run(date(2021, 6, 21))
        found = stage.reconcile(date(2021, 6, 22))

    assert (away.n_absent, found.n_absent) == (1, 0)
    assert events(stage) == []
    [(label, returned_at)] = ask(stage, "SELECT label::VARCHAR, returned_at::DATE::VARCHAR FROM absences")
    assert (label, returned_at) == ("2021-06-20", "2021-06-21")


def test_a_deleted_record_that_comes_back_has_reappeared(tmp_path):
    back = paper(902, valid_from="2021-06-25T00:00:00-04:00")
    with staged(tmp_path, paper(902), gone(902), back) as stage:
        stage.run(FIRST)
        stage.reconcile(LATER)
        stage.run(date(2021, 6, 21))
        found = stage.reconcile(date(2021, 6, 27))

    assert found.comparison.returned == (902,)
    assert events(stage) == [("2021-06-21", "deleted", 902), ("2021-06-27", "reappeared", 902)]


@pytest.mark.case("41")
def test_a_count_that_falls_by_more_than_a_fifth_holds_deletions_and_is_named(tmp_path):
    """Four of ten records vanish at once: more likely an index that is broken than four deletions."""
    vanished = [text for pmid in (911, 912, 913, 914) for text in (paper(pmid), gone(pmid))]
    with staged(tmp_path, *vanished, n_others=6) as stage:
        stage.run(FIRST)
        summary = stage.reconcile(LATER)
        night = stage.run(date(2021, 6, 21))

    assert (summary.outcome, summary.n_absent, summary.comparison.unmatched) == ("incomplete", 0, None)
    assert "fell from 10 to 6; no record is taken for deleted" in summary.reasons[0]
    assert "fell from 10 to 6" in night.reasons[0]
    assert ask(stage, "SELECT count(*) FROM absences") == [(0,)]
    assert ask(stage, "SELECT DISTINCT watermark::VARCHAR FROM watermarks") == [("2021-06-05",)]


def test_a_record_that_efetch_withholds_and_esummary_knows_is_not_absent_and_makes_the_run_incomplete(tmp_path):
    with staged(tmp_path) as stage:
        stage.run(FIRST)
        drop = FaultRule(fault=Fault(kind="drop_records", options={"records": 1}), utility="efetch")
        stage.replica.set_faults(FaultPlan([drop]))
        summary = stage.reconcile(LATER)

    assert summary.outcome == "incomplete"
    assert "EFetch hands out no record for" in summary.reasons[0]
    assert ask(stage, "SELECT count(*) FROM absences") == [(0,)]


@pytest.mark.parametrize(
    ("n_lost", "n_others", "outcome", "watermark"),
    [(1, 8, "clean", "2021-06-05"), (3, 0, "incomplete", None), (9, 1, "incomplete", None)],
)
def test_a_night_ends_clean_when_one_listed_record_vanishes_and_not_when_the_store_is_out(
    tmp_path, n_lost, n_others, outcome, watermark
):
    """The records go between the search that lists them and the fetch; ESummary does not have them either."""
    at = "2021-06-05T12:00:00-04:00"
    lost = range(901, 901 + n_lost)
    records = (*map(paper, lost), *(gone(pmid, at=at) for pmid in lost))
    with staged(tmp_path, *records, n_others=n_others) as stage:
        summary = stage.run(
            FIRST, before=lambda verb: stage.clock.set(datetime.fromisoformat(at)) if verb == "fetch" else None
        )
        moved = ask(stage, "SELECT max(watermark)::VARCHAR FROM watermarks")

    assert (summary.outcome, moved) == (outcome, [(watermark,)])
    [said] = summary.notes or summary.reasons
    assert (
        said
        == {
            1: "1 new records are listed, but neither EFetch nor ESummary has them: PMID 901",
            3: "3 of 3 records that a search lists are neither in EFetch nor in ESummary, first 901: PubMed's store may be out",
            9: "9 of 10 records that a search lists are neither in EFetch nor in ESummary, first 901: PubMed's store may be out",
        }[n_lost]
    )
    assert ask(stage, "SELECT count(*) FROM absences") == [(0,)]


@pytest.mark.parametrize(
    ("n_lost", "n_asked", "is_suspect"),
    [(0, 0, False), (2, 2, False), (3, 3, True), (5, 6, False), (6, 30, False), (6, 29, True), (120, 120, True)],
)
def test_the_store_is_suspect_when_all_of_several_or_many_and_a_fifth_are_lost(n_lost, n_asked, is_suspect):
    assert is_store_suspect(n_lost, n_asked) is is_suspect


@pytest.mark.case("16b")
def test_a_silent_change_is_found_when_the_rotation_reaches_the_record(tmp_path):
    """The title changes on 10 June with the same DateRevised: no window shows it, fetching it again does."""
    silent = paper(904, title=TITLE.format("904, with a corrected title"), valid_from="2021-06-10T00:00:00-04:00")
    with staged(tmp_path, paper(904), silent, n_others=7) as stage:
        stage.run(FIRST)
        night = stage.run(date(2021, 6, 11))
        before = events(stage)
        stage.reconcile(date(2021, 6, 12), renewal_days=7)

    assert (night.load.has_changes, before) == (False, [])
    assert events(stage) == [("2021-06-12", "revised", 904)]
    assert ask(stage, "SELECT changed_fields FROM evidence_events WHERE event_type = 'revised'") == [(["title"],)]


def test_the_whole_known_set_is_fetched_again_within_four_weeks_and_none_twice(tmp_path):
    with staged(tmp_path) as stage:
        stage.run(FIRST)
        slices = [stage.reconcile(date(2021, 6, day)).comparison.renewal for day in (6, 13, 20, 27)]

    assert slices == [(101, 102), (103, 104), (105, 106), (107, 108)]


def test_a_match_lost_by_editing_is_noted_and_no_deletion(tmp_path):
    edited = paper(905, title="Aspirin in migraine.", revised="2021-06-10", valid_from="2021-06-10T00:00:00-04:00")
    with staged(tmp_path, paper(905), edited) as stage:
        stage.run(FIRST)
        summary = stage.reconcile(LATER)
        stage.reconcile(date(2021, 6, 21))

    assert summary.comparison.unmatched == (905,)
    assert (summary.n_absent, summary.outcome) == (0, "clean")
    assert "1 held records are no longer matched but exist, first PMID 905" in summary.notes
    assert events(stage) == [("2021-06-20", "revised", 905)]
    assert ask(stage, "SELECT pmid, lost_at::DATE::VARCHAR, regained_at FROM lost_matches") == [
        (905, "2021-06-20", None)
    ]


def test_a_landmark_paper_that_the_strategy_does_not_find_is_named(tmp_path):
    """11248153 is there but reads like something else; 17192538 is found; the others are not in this PubMed."""
    hidden = paper(11248153, title="Chemotherapy plus an antibody.")
    with staged(tmp_path, hidden, paper(17192538)) as stage:
        stage.run(FIRST)
        summary = stage.reconcile(FIRST)

    there = [(s.pmid, s.is_matched) for s in summary.sentinels if s.is_in_pubmed]
    assert there == [(11248153, False), (17192538, True)]
    assert summary.notes == (
        "1 of 2 landmark papers are not found by the strategy: H0648g (Slamon 2001) (PMID 11248153)",
    )
    assert ask(stage, "SELECT pmid, is_matched FROM sentinel_checks WHERE is_in_pubmed ORDER BY pmid") == there


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A file with a gap, a deletion and a silent change, and what an undisturbed reconciliation makes of it."""
    folder = tmp_path_factory.mktemp("troubled")
    late = paper(900, created="2021-05-12", revised="2021-05-12", valid_from="2021-06-15T00:00:00-04:00")
    silent = paper(101, title=TITLE.format("101, corrected"), valid_from="2021-06-10T00:00:00-04:00")
    others = [paper(pmid) for pmid in range(101, 109)]
    file = write_corpus(folder / "corpus.xml", *others, late, silent, paper(902), gone(902))
    corpus = Corpus.from_files([file], cache=folder / "index")
    with Stage(folder / "home", corpus, first=FIRST) as stage:
        stage.run(FIRST, lookback_days=30)
        stage.reconcile(LATER)
        return file, corpus, contents(stage.home.warehouse)


@pytest.mark.case("99")
@pytest.mark.parametrize("verb", [*VERBS, *(pytest.param(verb, marks=pytest.mark.extra) for verb in OTHER_VERBS)])
def test_a_reconciliation_killed_before_any_step_and_started_again_ends_in_the_same_warehouse(tmp_path, troubled, verb):
    file, corpus, expected = troubled
    home = tmp_path / "home"
    with Stage(home, corpus, first=FIRST) as stage:
        stage.run(FIRST, lookback_days=30)
    program = [
        sys.executable, nights_program.__file__, str(home), str(file), str(file.parent / "index"), str(LATER),
        f"reconcile:{verb}",
    ]  # fmt: skip

    killed = subprocess.run(program, check=False, capture_output=True, timeout=120)
    with Stage(home, corpus, first=LATER) as stage:
        summary = stage.reconcile(LATER)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert summary.outcome == "clean"
    assert contents(home / "warehouse.duckdb") == expected


@pytest.mark.case("40")
def test_a_reading_that_drifts_is_named_every_night_until_it_is_approved(tmp_path):
    """NLM renamed a heading: the search still runs, somebody has to look, and approving is a run of its own."""
    with staged(tmp_path) as stage:
        stage.run(FIRST)
        with open_writer(stage.home.warehouse) as connection:
            connection.execute(
                "UPDATE strategy_pins SET translation = replace(translation, 'breast neoplasms', 'mammary neoplasms')"
                " WHERE strategy = 'harvest'"
            )
        drifted = stage.run(date(2021, 6, 6))
        named = ask(stage, "SELECT message, n_drifted FROM out.run_health ORDER BY run_id DESC LIMIT 1")
        would = approve(stage.home, stage.clock, "harvest", is_dry_run=True)
        done = approve(stage.home, stage.clock, "harvest", is_dry_run=False)
        again = approve(stage.home, stage.clock, "harvest", is_dry_run=False)
        quiet = stage.run(date(2021, 6, 7))

    assert (drifted.outcome, len(drifted.notes)) == ("clean", 1)
    assert drifted.notes[0].startswith("harvest: PubMed reads the strategy differently: gone ")
    assert "her2lit strategies approve harvest" in drifted.notes[0]
    assert named == [(drifted.notes[0], 1)]
    assert would == done
    assert [change.pin.arm for change in done] == ["crdt", "lr", "mhda", "whole"]
    assert (again, quiet.notes) == ((), ())
    assert ask(stage, "SELECT kind, outcome, message FROM runs ORDER BY run_id") == [
        ("nightly", "clean", None),
        ("nightly", "clean", drifted.notes[0]),
        ("approval", "clean", "approved how PubMed reads harvest"),
        ("nightly", "clean", None),
    ]


def test_a_count_that_fell_is_held_until_it_is_approved(tmp_path):
    vanished = [text for pmid in (911, 912, 913, 914) for text in (paper(pmid), gone(pmid))]
    with staged(tmp_path, *vanished, n_others=6) as stage:
        stage.run(FIRST)
        held = stage.run(LATER)
        [change] = approve(stage.home, stage.clock, "harvest", is_dry_run=False)
        again = approve(stage.home, stage.clock, "harvest", is_dry_run=True)
        believed = stage.run(date(2021, 6, 21))

    assert again == ()
    assert (held.outcome, believed.outcome) == ("incomplete", "clean")
    assert change.what == "[whole] a count of 6 instead of 10"


def test_a_search_that_was_held_or_failed_is_not_approved_however_it_read(tmp_path):
    """A clause that PubMed dropped, or parts that do not add up, would pass for right ever after."""
    with staged(tmp_path) as stage:
        stage.run(FIRST)
        with open_writer(stage.home.warehouse) as connection:
            connection.execute(
                "UPDATE strategy_pins SET translation = replace(translation, 'breast neoplasms', 'mammary neoplasms')"
                " WHERE strategy = 'harvest'"
            )
            for arm, outcome, reason in (
                ("crdt", "held", "PubMed dropped a whole clause"),
                ("lr", "failed", "cut off"),
                (
                    "whole",
                    "held",
                    "created dates hold 7 records, the strategy without dates 8: nothing is taken for lost",
                ),
            ):
                connection.execute(
                    "UPDATE search_runs SET outcome = ?, reason = ? WHERE strategy = 'harvest' AND arm = ?",
                    [outcome, reason, arm],
                )
        changes = approve(stage.home, stage.clock, "harvest", is_dry_run=True)

    assert [change.pin.arm for change in changes] == ["mhda"]


def test_reconciliations_and_approvals_are_replayed_with_the_nights(tmp_path):
    """Absences, a deletion, lost matches, sentinels and pins come out of journals and raw replies, offline."""
    with staged(tmp_path, paper(902), gone(902), paper(17192538)) as stage:
        stage.run(FIRST)
        stage.reconcile(LATER)
        stage.reconcile(date(2021, 6, 21))
        n_requests = len(stage.replica.requests)
        n_runs = replay(stage.home, tmp_path / "again.duckdb", last_run=None, say=stage.lines.append)

    assert n_runs == 3
    assert differing_tables(stage.home.warehouse, tmp_path / "again.duckdb") == ()
    assert len(stage.replica.requests) == n_requests
    assert events(stage) == [("2021-06-21", "deleted", 902)]


def test_a_dry_run_leaves_a_warehouse_of_an_older_schema_as_it_is(tmp_path):
    """schema_0005.duckdb.xz holds two made-up nights as her2lit 0.1.0 left them."""
    stored = Path(__file__).parents[1] / "warehouse" / "schema_0005.duckdb.xz"
    with staged(tmp_path) as stage:
        stage.home.warehouse.write_bytes(lzma.decompress(stored.read_bytes()))
        before = stage.home.warehouse.read_bytes()

        with pytest.raises(WarehouseError, match=r"has schema 5, .* a dry run changes nothing"):
            reconcile_steps.preview(stage.plan(LATER, kind=reconcile_steps.ReconcilePlan))

        assert stage.home.warehouse.read_bytes() == before
        assert not stage.home.warehouse.with_suffix(".duckdb.wal").exists()


def test_no_key_and_no_address_reaches_ledger_journal_pages_or_what_is_published(tmp_path):
    """Both are planted in a night and a reconciliation, and every byte of the home is looked at."""
    planted = EutilsSettings(email="planted@hospital.org", api_key="plantedkey0123456789abcdef")
    with staged(tmp_path) as stage:
        settings = dataclasses.replace(planted, base_url=stage.replica.base_url)
        stage.run(FIRST, publishes=True, settings=settings)
        stage.reconcile(LATER, publishes=True, settings=settings)
        write_pages(stage.home)

        files = [path for path in stage.home.root.rglob("*") if path.is_file()]
        told = [p.name for p in files if any(w in p.read_bytes() for w in (b"planted@hospital", b"plantedkey"))]
        said = [line for line in stage.lines if "planted" in line]

    assert {"her2lit.duckdb", "manifest.json", "index.html"} <= {path.name for path in files}
    assert any(path.parent.name == "parquet" or path.suffix == ".parquet" for path in files)
    assert (told, said) == ([], [])
