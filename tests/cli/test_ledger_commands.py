"""The commands of an operator who asks whether the ledger can be trusted: reconcile, strategies, raw, replay, status, why."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import nullcontext
from datetime import date
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from made_records import NIGHT, made_drugs, night, started
from nights import Stage
from replica_records import record, write_corpus

from flows import desk
from flows.reconcile_steps import ReconcilePlan, preview
from her2lit.cli import cli
from her2lit.cli.status import read_status
from her2lit.clock import SystemClock
from her2lit.errors import WarehouseError
from her2lit.home import Home, open_home
from her2lit.records import SearchHit
from her2lit.replica.corpus import Corpus
from her2lit.replica.server import Replica
from warehouse import ledger
from warehouse.connection import open_writer
from warehouse.load import load_drugs, load_night
from warehouse.publish import publish

FIRST, LATER = date(2021, 6, 5), date(2021, 6, 20)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home with one night and one reconciliation that found a gap, an absence and a lost sentinel; and its corpus."""
    folder = tmp_path_factory.mktemp("told")
    title = "Trastuzumab in HER2-positive metastatic breast cancer, report {}."
    papers = [
        record(pmid, title=title.format(pmid), created="2021-05-10", revised="2021-05-10",
               valid_from="2021-05-10T00:00:00-04:00") for pmid in (101, 102, 103, 104, 105, 106)
    ]  # fmt: skip
    late = record(900, title=title.format(900), created="2021-05-12", valid_from="2021-06-15T00:00:00-04:00")
    hidden = record(11248153, title="An antibody.", created="2001-03-15", valid_from="2001-03-15T00:00:00-04:00")
    gone = '<?her2lit-replica delete="106" at="2021-06-10T00:00:00-04:00"?>'
    corpus = Corpus.from_files([write_corpus(folder / "corpus.xml", *papers, late, hidden, gone)])
    with Stage(folder / "home", corpus, first=FIRST) as stage:
        stage.run(FIRST, publishes=False, lookback_days=30)
        stage.reconcile(LATER, publishes=False, lookback_days=30)
    publish(
        stage.home.warehouse, stage.home.published, label=LATER,
        published_at=stage.clock.now(), data_as_of=stage.clock.now(),
    )  # fmt: skip
    return stage.home, corpus


def her2lit(home, *arguments, **environ):
    """Run a command and return its exit code and what it printed."""
    given = {"HER2LIT_EMAIL": "", **environ}
    result = CliRunner().invoke(cli, ["--home", str(home.root), *arguments], standalone_mode=False, env=given)
    code = getattr(result.exception, "exit_code", None) if result.exception else result.return_value
    return code, result.output if not result.exception else str(result.exception)


def test_status_says_what_a_reconciliation_found(told):
    _, shown = her2lit(told[0], "status")

    assert "2021-06-20.1  reconcile CLEAN" in shown
    assert "a gap was closed: 1 records no night had brought, first PMID 900" in shown
    assert "Reconciled   2021-06-20: 0 of 1 landmark papers found, 1 records absent, 0 no longer matched" in shown


def test_why_says_that_a_record_came_by_a_reconciliation_or_stays_away(told):
    _, late = her2lit(told[0], "why", "900")
    _, away = her2lit(told[0], "why", "106")
    _, never = her2lit(told[0], "why", "555")

    assert "found by the harvest strategy: reconciliation of 2021-06-20" in late
    assert "absent from PubMed on 2021-06-20 according to efetch and esummary" in away
    assert "Created dates searched so far: 2021-05-06 to 2021-06-05, exclusive." in never


def test_why_promises_no_more_than_is_done_for_a_record_that_could_not_be_had(tmp_path):
    home = open_home(tmp_path / "home", create=True)
    hit = SearchHit(strategy="harvest", arm="crdt", pmid=907)
    with open_writer(home.warehouse) as connection:
        load_drugs(connection, made_drugs())
        run_id = ledger.start_run(
            connection, kind="nightly", label=NIGHT, started_at=started(), her2lit_version="1", rule_version="r"
        )
        load_night(connection, night(run_id=run_id, search_hits=(hit,)))
    publish(home.warehouse, home.published, label=NIGHT, published_at=started(), data_as_of=started())

    _, lost = her2lit(home, "why", "907")

    assert "PubMed did not hand it out. It is asked for again as long as a search lists it." in lost


def test_each_note_of_a_night_is_said_once_and_its_reasons_go_to_standard_error(tmp_path, monkeypatch):
    """Prefect is left out: what matters is what the command prints."""
    summary = SimpleNamespace(closing_line=lambda: "The night.", notes=("a drift",), reasons=("the watch failed",))
    monkeypatch.setitem(sys.modules, "flows.nightly", SimpleNamespace(run_night=lambda _plan: summary))
    monkeypatch.setattr("flows.runtime.prefect_runtime", lambda _home: nullcontext())

    shown = CliRunner().invoke(
        cli, ["--home", str(tmp_path / "home"), "nightly"], standalone_mode=False, env={"HER2LIT_EMAIL": "a@b.invalid"}
    )

    assert (shown.return_value, shown.stdout, shown.stderr) == (
        3, "The night.\n  note: a drift\n", "  incomplete: the watch failed\n",
    )  # fmt: skip


def test_strategies_are_listed_with_hash_count_and_pin(told):
    code, shown = her2lit(told[0], "strategies")
    _, full = her2lit(told[0], "strategies", "--full")
    _, as_json = her2lit(told[0], "strategies", "--json")

    assert code == 0
    assert shown.splitlines()[0].startswith("harvest  (harvest, text ")
    assert "  [whole] 6 on 2021-06-20 (clean); pinned at first sight 2021-06-05" in shown
    assert "    reads: " in full
    assert {"harvest", "keyword-her2"} <= {row["strategy"] for row in json.loads(as_json)}


def test_there_is_nothing_to_approve_while_pubmed_reads_as_pinned(told):
    assert her2lit(told[0], "strategies", "approve", "harvest") == (
        0, "There is nothing to approve: where its last search was clean, PubMed reads harvest as pinned.\n",
    )  # fmt: skip


def test_an_unknown_strategy_is_wrong_usage(told):
    code, said = her2lit(told[0], "strategies", "approve", "nonsense")

    assert code == 2
    assert "PubMed has not been asked for a strategy 'nonsense' yet. There are: harvest, " in said


def test_raw_lists_each_run_and_prunes_nothing_that_is_needed(told):
    _, listed = her2lit(told[0], "raw")
    code, pruned = her2lit(told[0], "raw", "prune", "--dry-run")

    assert [line.split()[:3] for line in listed.splitlines()] == [
        ["2021-06-05.1", "1", "batches"], ["2021-06-20.1", "2", "batches"], ["2", "runs,", listed.splitlines()[2].split()[2]],
    ]  # fmt: skip
    assert (code, pruned) == (0, "0 batches, 0.0 kB would go\n")


def test_pruning_what_a_replay_needs_says_so_and_asks_first(told):
    code, said = her2lit(told[0], "raw", "prune", "--dry-run", HER2LIT_KEEP_RAW_DAYS="1")

    assert code == 0
    assert "2 runs cannot be replayed afterwards, 2021-06-05.1 to 2021-06-20.1" in said
    assert len(list(told[0].raw.glob("??/*.xml.gz"))) == 3


def test_days_to_keep_beyond_any_date_are_wrong_usage(told):
    result = CliRunner().invoke(cli, ["--home", str(told[0].root), "raw", "prune", "--keep-days", "99999999"])

    assert result.exit_code == 2
    assert "99999999 is not in the range 1<=x<=36500" in result.output


@pytest.fixture
def damaged(told, tmp_path):
    """A copy of the home whose warehouse opens, but lacks tables."""
    home = Home(shutil.copytree(told[0].root, tmp_path / "home"))
    with open_writer(home.warehouse) as connection:
        connection.execute("DROP TABLE strategy_pins")
        connection.execute("DROP TABLE absences")
    return home


@pytest.mark.parametrize("words", [("strategies", "approve", "harvest"), ("replay", "2021-06-20.1")])
def test_an_error_of_duckdb_behind_the_opening_names_the_file(damaged, words):
    code, said = her2lit(damaged, *words)

    assert code == 1
    assert said.startswith(f"DuckDB refused work on {damaged.warehouse}: ")


def test_an_error_of_duckdb_in_a_dry_reconciliation_names_the_file(told, damaged):
    with Stage(damaged.root, told[1], first=LATER) as stage:
        plan = stage.plan(LATER, kind=ReconcilePlan)

        with pytest.raises(WarehouseError, match=r"DuckDB refused work on .*warehouse"):
            preview(plan)


def test_nothing_is_approved_on_a_nearly_full_disk(told, monkeypatch):
    monkeypatch.setattr(desk.shutil, "disk_usage", lambda _path: SimpleNamespace(free=10**6))

    code, said = her2lit(told[0], "strategies", "approve", "harvest")

    assert code == 1
    assert "nothing was started" in said


def test_one_run_and_all_runs_come_out_the_same_again(told):
    one, said_of_one = her2lit(told[0], "replay", "2021-06-20.1")
    every, said_of_all = her2lit(told[0], "replay")

    assert (one, every) == (0, 0)
    assert "Run 2021-06-20.1 comes out the same: " in said_of_one
    assert "It equals the home's warehouse." in said_of_all


def test_a_dry_run_of_a_reconciliation_names_the_differences_and_writes_nothing(told):
    home, corpus = told
    before = home.warehouse.read_bytes()

    with Replica(corpus, SystemClock()) as replica:
        code, shown = her2lit(
            home, "reconcile", "--dry-run", HER2LIT_EMAIL="me@hospital.org", HER2LIT_EUTILS_URL=replica.base_url
        )

    assert code == 0
    assert "6 records match, 7 are held" in shown
    assert "1 held records are matched no longer, first PMID 106" in shown
    assert "1 records stayed away on an earlier night, first PMID 106" in shown
    assert "not found by the strategy: H0648g (Slamon 2001) (PMID 11248153)" in shown
    assert shown.endswith("Dry run: nothing was fetched or written.\n")
    assert "efetch" not in {request.utility for request in replica.requests}
    assert home.warehouse.read_bytes() == before


def test_reconcile_needs_to_know_who_asks(told):
    code, said = her2lit(told[0], "reconcile")

    assert code == 2
    assert "Set HER2LIT_EMAIL" in said


def test_a_clean_reconciliation_does_not_hide_an_incomplete_night(told, tmp_path):
    """`status --check` looks at the last night and at the last reconciliation."""
    copy = Home(tmp_path / "copy")
    shutil.copytree(told[0].root, copy.root)
    with open_writer(copy.warehouse) as connection:
        connection.execute("UPDATE runs SET outcome = 'incomplete' WHERE kind = 'nightly'")

    status = read_status(copy, SystemClock().now())

    assert [(run["kind"], run["outcome"]) for run in status.newest_by_kind] == [
        ("nightly", "incomplete"), ("reconcile", "clean"),
    ]  # fmt: skip
