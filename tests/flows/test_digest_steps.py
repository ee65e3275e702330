"""A digest, once per reader and period, whatever is killed in between."""

from __future__ import annotations

import email
import email.policy
from datetime import date

import duckdb
import filelock
import pytest
from contents import contents
from nights import Stage

from flows import digest_steps as steps
from her2lit import mail
from her2lit.errors import Her2litError, RunIncomplete, WarehouseError, WarehouseLocked
from her2lit.home import open_home
from her2lit.records import Window
from warehouse.private import add_subscriber, claim_delivery, open_private

NIGHTS = tuple(date(2021, 6, day) for day in (5, 6, 7, 8))
WEEK = Window(since=date(2021, 6, 2), until=date(2021, 6, 9))


@pytest.fixture(scope="module")
def after_four_nights(tmp_path_factory, lifecycle_corpus):
    """A home after four nights, not to be written to."""
    with Stage(tmp_path_factory.mktemp("nights") / "home", lifecycle_corpus) as stage:
        for night in NIGHTS:
            stage.run(night)
        return stage


@pytest.fixture
def plan(after_four_nights, tmp_path):
    """A plan over a home of this test's own."""
    import shutil

    shutil.copytree(after_four_nights.home.root, tmp_path / "home")
    return steps.DigestPlan(home=open_home(tmp_path / "home", create=True), clock=after_four_nights.clock, period=WEEK)


def run(plan):
    desk = steps.DigestDesk(plan)
    steps.freeze(desk)
    return steps.deliver(desk)


def mails(plan):
    return sorted(path.name for path in plan.home.outbox.iterdir())


def test_the_owner_gets_one_mail_and_a_second_run_writes_nothing(plan):
    first = run(plan)
    before = ((plan.home.outbox / mails(plan)[0]).read_bytes(), contents(plan.home.warehouse))
    again = run(plan)

    assert (first.n_written, again.n_written) == (1, 0)
    assert first.mails == again.mails
    assert ((plan.home.outbox / mails(plan)[0]).read_bytes(), contents(plan.home.warehouse)) == before


def test_the_mail_leads_with_the_retraction_and_analysts_see_what_was_told(plan):
    from warehouse.query import run_query

    [path] = run(plan).mails
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)

    assert "1 retraction, 1 correction" in read["Subject"]
    shown = run_query(plan.home.published_database, "SELECT section, pmid FROM digest_items ORDER BY 1, 2", timeout_s=5)
    assert ("alert", 990000004) in shown.rows


def test_a_run_killed_after_its_claim_is_mended_and_nobody_gets_two(plan):
    desk = steps.DigestDesk(plan)
    key = steps.freeze(desk)
    with open_private(plan.home.private) as connection:
        claim_delivery(
            connection,
            subscriber_id="owner",
            period=WEEK,
            digest_id=key,
            message_id="<m>",
            claimed_at=desk.frozen.frozen_at,
        )

    assert [run(plan).n_written, run(plan).n_written] == [1, 0]
    assert len(mails(plan)) == 1


def test_a_run_killed_before_its_words_were_frozen_freezes_again(plan):
    steps._freeze_rows(plan)

    assert run(plan).n_written == 1
    with_rows = contents(plan.home.warehouse)["digests"]
    assert len(with_rows) == 1


def test_every_reader_gets_one_and_one_failure_does_not_stop_the_rest(plan, monkeypatch):
    with open_private(plan.home.private) as connection:
        for reader in ("aaa", "bbb", "ccc"):
            add_subscriber(
                connection,
                subscriber_id=reader,
                email=f"{reader}@hospital.org",
                added_at=plan.clock.now().replace(tzinfo=None),
            )
    write = mail.write_to_outbox

    def fail_for_b(message, outbox):
        if "bbb@" in message["To"]:
            raise Her2litError("no room")
        return write(message, outbox)

    monkeypatch.setattr(mail, "write_to_outbox", fail_for_b)
    broken = run(plan)
    monkeypatch.undo()
    mended = run(plan)

    assert (broken.n_written, broken.failures) == (2, (("bbb", "no room"),))
    assert (mended.n_written, mended.failures) == (1, ())
    assert len(mails(plan)) == 3


def test_an_address_stands_in_its_mail_and_the_private_file_only(plan):
    with open_private(plan.home.private) as connection:
        add_subscriber(
            connection,
            subscriber_id="aaa",
            email="planted@hospital.org",
            added_at=plan.clock.now().replace(tzinfo=None),
        )
    run(plan)
    steps.write_pages(plan.home)

    found = {
        path.relative_to(plan.home.root).parts[0]
        for path in plan.home.root.rglob("*")
        if path.is_file() and b"planted@hospital.org" in path.read_bytes()
    }
    assert found == {"private.duckdb", "outbox"}


def places_that_say(published, words):
    """Word -> where it stands: in the bytes of a file, or in a value once DuckDB's or Parquet's compression is undone."""
    found = {word: set() for word in words}
    for path in (path for path in published.rglob("*") if path.is_file()):
        data = path.read_bytes()
        note(found, path.name, [word for word in words if word.encode() in data])
    for database in published.rglob("*.duckdb"):
        with duckdb.connect(str(database), read_only=True) as connection:
            names = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
                " UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
            ).fetchall()
            for schema, name in names:
                note(found, f"{schema}.{name}", said_by(connection, f'"{schema}"."{name}"', words))
            sql = "SELECT sql FROM duckdb_views() UNION ALL SELECT macro_definition FROM duckdb_functions()"
            texts = [text for (text,) in connection.execute(sql).fetchall() if text]
            note(found, "sql", [word for word in words if any(word in text for text in texts)])
    with duckdb.connect() as connection:
        for path in published.rglob("*.parquet"):
            note(found, path.name, said_by(connection, f"'{path}'", words))
    return found


def note(found, place, words):
    for word in words:
        found[word].add(place)


def said_by(connection, source, words):
    """Those of *words* that stand in a row of *source*; every row is written out once."""
    counts = ", ".join("count(*) FILTER (contains(t, ?))" for _ in words)
    [row] = connection.execute(f"SELECT {counts} FROM (FROM {source} AS r SELECT r::VARCHAR AS t)", words).fetchall()
    return [word for word, n_rows in zip(words, row, strict=True) if n_rows]


def test_nothing_private_stands_in_any_byte_or_value_of_what_is_published(plan, after_four_nights):
    """
    No reader's address, no address that NCBI is told, no path of this machine; views and macros are looked into as well.
    """
    with open_private(plan.home.private) as connection:
        add_subscriber(
            connection,
            subscriber_id="aaa",
            email="planted@hospital.org",
            added_at=plan.clock.now().replace(tzinfo=None),
        )
    run(plan)
    published = plan.home.published
    private = [
        "planted@hospital.org",
        "planted",
        "night@her2lit.invalid",
        str(plan.home.root),
        str(after_four_nights.home.root),
    ]

    found = places_that_say(published, [*private, "SYNTHETIC"])

    assert {word: found[word] for word in private} == {word: set() for word in private}
    assert {"main.article_versions", "out.new_evidence", "article_versions.parquet"} <= found["SYNTHETIC"]
    assert not list(published.rglob("*.wal"))


def test_a_preview_keeps_and_sends_nothing(plan):
    before = contents(plan.home.warehouse)

    shown = steps.preview(plan)

    assert shown.n_shown > 0
    assert contents(plan.home.warehouse) == before
    assert mails(plan) == []
    assert not plan.home.private.exists()


def test_a_week_without_any_night_is_an_error_and_no_empty_mail(plan):
    from dataclasses import replace

    empty = replace(plan, period=Window(since=date(2021, 7, 1), until=date(2021, 7, 8)))

    with pytest.raises(RunIncomplete, match="No night from 2021-07-01 to 2021-07-07"):
        run(empty)
    assert mails(plan) == []


def test_a_night_at_work_is_not_disturbed(plan):
    with filelock.FileLock(plan.home.lock), pytest.raises(WarehouseLocked):
        run(plan)


def test_without_a_snapshot_one_is_told_what_to_do(tmp_path):
    home = open_home(tmp_path / "home", create=True)

    with pytest.raises(WarehouseError, match="her2lit nightly"):
        steps.published_label(home)


def test_the_pages_are_written_once_and_only_when_they_change(plan):
    steps.write_pages(plan.home)

    assert steps.write_pages(plan.home) == 0
    assert "990000004" in (plan.home.site / "index.html").read_text(encoding="utf-8")


def test_the_last_period_is_the_week_that_ends_with_the_published_night(plan):
    assert steps.last_period(steps.published_label(plan.home)) == WEEK
