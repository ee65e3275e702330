"""private.duckdb: who gets mail, and that nobody gets it twice."""

from __future__ import annotations

import stat
from datetime import date, datetime

import duckdb
import pytest

from her2lit.errors import UsageError, WarehouseDamaged, WarehouseTooNew
from her2lit.records import Window
from warehouse.private import (
    Delivery,
    FrozenMail,
    Subscriber,
    add_subscriber,
    claim_delivery,
    end_delivery,
    keep_frozen,
    list_subscribers,
    open_private,
    read_frozen_mail,
    readers,
    remove_subscriber,
)

NOW = datetime(2021, 6, 8, 6, 30)
WEEK = Window(since=date(2021, 6, 2), until=date(2021, 6, 9))


@pytest.fixture
def private(tmp_path):
    with open_private(tmp_path / "private.duckdb") as connection:
        yield connection


def claim(connection, subscriber_id="abc", period=WEEK):
    return claim_delivery(
        connection, subscriber_id=subscriber_id, period=period, digest_id="d", message_id="<m>", claimed_at=NOW
    )


def test_only_the_owner_can_read_the_file(tmp_path):
    path = tmp_path / "private.duckdb"

    with open_private(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    path.chmod(0o644)
    with open_private(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_subscribers_the_owner_reads(private):
    assert readers(private) == (Subscriber(subscriber_id="owner", email=None),)


def test_readers_are_added_once_listed_and_removed(private):
    added = add_subscriber(private, subscriber_id="abc", email="Name@hospital.org", added_at=NOW)

    with pytest.raises(UsageError, match="subscribed already"):
        add_subscriber(private, subscriber_id="def", email="name@hospital.org", added_at=NOW)
    assert list_subscribers(private) == readers(private) == (added,)
    remove_subscriber(private, "NAME@hospital.org")
    with pytest.raises(UsageError, match="not subscribed"):
        remove_subscriber(private, "name@hospital.org")
    assert list_subscribers(private) == ()


def test_an_address_is_not_printed_with_its_reader(private):
    assert "hospital" not in repr(add_subscriber(private, subscriber_id="abc", email="n@hospital.org", added_at=NOW))


def test_a_period_is_claimed_once_for_each_reader(private):
    assert claim(private) is None
    assert claim(private, "def") is None
    assert claim(private, period=Window(since=date(2021, 6, 9), until=date(2021, 6, 16))) is None

    assert claim(private) == Delivery(
        subscriber_id="abc", digest_id="d", state="pending", message_id="<m>", reason=None
    )


def test_how_a_delivery_ended_is_kept(private):
    claim(private)

    end_delivery(private, subscriber_id="abc", period=WEEK, state="failed", ended_at=NOW, reason="no room")

    assert claim(private) == Delivery(
        subscriber_id="abc", digest_id="d", state="failed", message_id="<m>", reason="no room"
    )


def test_a_frozen_mail_comes_back_as_it_was(private):
    mail = FrozenMail(digest_id="d", frozen_at=NOW, subject="s", html="<p>", text="t")

    keep_frozen(private, mail)

    assert read_frozen_mail(private, "d") == mail
    assert read_frozen_mail(private, "other") is None


def test_what_is_frozen_is_never_replaced(private):
    mail = FrozenMail(digest_id="d", frozen_at=NOW, subject="s", html="<p>", text="t")
    keep_frozen(private, mail)

    with pytest.raises(duckdb.ConstraintException):
        keep_frozen(private, mail)


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "private.duckdb"
    with open_private(path) as connection:
        connection.execute("INSERT INTO private_migrations VALUES (99)")

    with pytest.raises(WarehouseTooNew), open_private(path):
        pass


def test_a_file_that_is_none_of_ours_is_refused(tmp_path):
    path = tmp_path / "private.duckdb"
    path.write_text("no database, but a text long enough to be looked at")

    with pytest.raises(WarehouseDamaged), open_private(path):
        pass


def test_the_log_beside_the_file_is_as_private_as_the_file(tmp_path):
    """
    DuckDB makes the write-ahead log at the first write; a kill can leave it behind with an address in it.
    """
    path = tmp_path / "private.duckdb"

    with open_private(path) as connection:
        add_subscriber(connection, subscriber_id="s1", email="reader@hospital.invalid", added_at=datetime(2021, 6, 8))
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}

    assert set(modes.values()) == {0o600}
    assert "private.duckdb" in modes
