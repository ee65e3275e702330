"""
private.duckdb: who gets mail, unsubscribe tokens, frozen mails and delivery claims.

Mode 0600, in the home only. Nothing of it ever enters the warehouse, a published file or a log.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from her2lit.errors import UsageError, WarehouseTooNew
from her2lit.records import Window
from warehouse.connection import STORAGE_VERSION, translate

#: The reader that exists without an address: the owner of this home, through the file mailbox.
OWNER = "owner"
#: Small migrations of this file only, in order; never edited once released.
_MIGRATIONS = (
    """
    CREATE TABLE subscribers (
        subscriber_id VARCHAR NOT NULL PRIMARY KEY,
        email VARCHAR NOT NULL UNIQUE,
        added_at TIMESTAMP NOT NULL
    );
    CREATE TABLE tokens (
        token VARCHAR NOT NULL PRIMARY KEY,
        subscriber_id VARCHAR NOT NULL,
        created_at TIMESTAMP NOT NULL
    );
    CREATE TABLE frozen_mails (
        digest_id VARCHAR NOT NULL PRIMARY KEY,
        frozen_at TIMESTAMP NOT NULL,
        subject VARCHAR NOT NULL,
        html VARCHAR NOT NULL,
        text VARCHAR NOT NULL
    );
    CREATE TABLE deliveries (
        subscriber_id VARCHAR NOT NULL,
        period_start DATE NOT NULL,
        period_end DATE NOT NULL,
        digest_id VARCHAR NOT NULL,
        state VARCHAR NOT NULL CHECK (state IN ('pending', 'sent', 'unknown', 'failed')),
        message_id VARCHAR NOT NULL,
        claimed_at TIMESTAMP NOT NULL,
        ended_at TIMESTAMP,
        reason VARCHAR,
        PRIMARY KEY (subscriber_id, period_start, period_end)
    );
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Somebody who gets the digest; ``repr`` does not show the address."""

    #: Random, says nothing about the person
    subscriber_id: str
    #: None only for the owner, who reads the file mailbox
    email: str | None = field(repr=False)
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenMail:
    """A digest as it was frozen: what is sent is this, however the program changes afterwards."""

    digest_id: str
    #: UTC, without a zone
    frozen_at: datetime
    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One digest for one reader, and how far it got."""

    subscriber_id: str
    digest_id: str
    #: "pending" (claimed, not confirmed), "sent", "unknown" (a crash lay between) or "failed"
    state: str
    message_id: str
    reason: str | None


@contextmanager
def open_private(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open private.duckdb at *path*, made with mode 0600 and migrated when needed; closed at the end.

    Raises:
        WarehouseError: It cannot be opened, or a newer her2lit wrote it.
    """
    # DuckDB makes the write-ahead log at the first write, so the mask must hold until the file is closed.
    previous = os.umask(0o077)
    try:
        connection = _connect(path)
        try:
            # A file that was copied here by hand, or a killed run's log, may be readable by others.
            path.chmod(0o600)
            _migrate(connection)
            yield connection
        finally:
            connection.close()
    finally:
        os.umask(previous)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        wal.chmod(0o600)
    try:
        return duckdb.connect(
            str(path),
            config={
                "storage_compatibility_version": STORAGE_VERSION,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
    except duckdb.Error as error:
        raise translate(error, path) from error


def _migrate(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS private_migrations (version INTEGER NOT NULL)")
    applied = _rows(connection, "SELECT coalesce(max(version), 0) FROM private_migrations")[0][0]
    if applied > len(_MIGRATIONS):
        raise WarehouseTooNew("private.duckdb was written by a newer her2lit. Upgrade; nothing was changed.")
    for version, sql in enumerate(_MIGRATIONS[applied:], applied + 1):
        with _transaction(connection):
            connection.execute(sql)
            connection.execute("INSERT INTO private_migrations VALUES (?)", [version])


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> list[Any]:
    return connection.execute(sql, parameters).fetchall()


# ---------------------------------------------------------------------------------------------
# Readers
# ---------------------------------------------------------------------------------------------


def add_subscriber(
    connection: duckdb.DuckDBPyConnection, *, subscriber_id: str, email: str, added_at: datetime
) -> Subscriber:
    """
    Add a reader.

    Args:
        subscriber_id: Random; it appears in file names and Message-IDs.

    Raises:
        UsageError: The address is there already.
    """
    if _rows(connection, "SELECT 1 FROM subscribers WHERE lower(email) = lower(?)", [email]):
        raise UsageError("This address is subscribed already. `her2lit subscribers list` shows all.")
    connection.execute("INSERT INTO subscribers VALUES (?, ?, ?)", [subscriber_id, email, added_at])
    return Subscriber(subscriber_id=subscriber_id, email=email, added_at=added_at)


def remove_subscriber(connection: duckdb.DuckDBPyConnection, email: str) -> None:
    """
    Remove a reader and their tokens; that mails were sent stays on record under the random id.

    Raises:
        UsageError: There is no such address.
    """
    found = _rows(connection, "SELECT subscriber_id FROM subscribers WHERE lower(email) = lower(?)", [email])
    if not found:
        raise UsageError("This address is not subscribed. `her2lit subscribers list` shows all.")
    with _transaction(connection):
        connection.execute("DELETE FROM tokens WHERE subscriber_id = ?", [found[0][0]])
        connection.execute("DELETE FROM subscribers WHERE subscriber_id = ?", [found[0][0]])


def list_subscribers(connection: duckdb.DuckDBPyConnection) -> tuple[Subscriber, ...]:
    """Return the readers in the order in which they were added."""
    sql = "SELECT subscriber_id, email, added_at FROM subscribers ORDER BY added_at, subscriber_id"
    return tuple(
        Subscriber(subscriber_id=subscriber_id, email=email, added_at=added_at)
        for subscriber_id, email, added_at in _rows(connection, sql)
    )


def readers(connection: duckdb.DuckDBPyConnection) -> tuple[Subscriber, ...]:
    """Return who gets the digest: the subscribers, or the owner alone where there are none."""
    return list_subscribers(connection) or (Subscriber(subscriber_id=OWNER, email=None),)


# ---------------------------------------------------------------------------------------------
# Frozen mails and claims
# ---------------------------------------------------------------------------------------------


def keep_frozen(connection: duckdb.DuckDBPyConnection, mail: FrozenMail) -> None:
    """Keep *mail*; what is frozen is never replaced."""
    connection.execute(
        "INSERT INTO frozen_mails VALUES (?, ?, ?, ?, ?)",
        [mail.digest_id, mail.frozen_at, mail.subject, mail.html, mail.text],
    )


def read_frozen_mail(connection: duckdb.DuckDBPyConnection, digest_id: str) -> FrozenMail | None:
    """Return the mail frozen under *digest_id*, or None."""
    sql = "SELECT digest_id, frozen_at, subject, html, text FROM frozen_mails WHERE digest_id = ?"
    for key, frozen_at, subject, html, text in _rows(connection, sql, [digest_id]):
        return FrozenMail(digest_id=key, frozen_at=frozen_at, subject=subject, html=html, text=text)
    return None


def claim_delivery(
    connection: duckdb.DuckDBPyConnection,
    *,
    subscriber_id: str,
    period: Window,
    digest_id: str,
    message_id: str,
    claimed_at: datetime,
) -> Delivery | None:
    """
    Claim the digest of a period for a reader before it is sent.

    Returns:
        None when the claim is ours and the mail is to be sent now; else the delivery that was there.
    """
    with _transaction(connection):
        held = _rows(
            connection,
            "SELECT digest_id, state, message_id, reason FROM deliveries"
            " WHERE subscriber_id = ? AND period_start = ? AND period_end = ?",
            [subscriber_id, period.since, period.until],
        )
        if not held:
            connection.execute(
                "INSERT INTO deliveries VALUES (?, ?, ?, ?, 'pending', ?, ?, NULL, NULL)",
                [subscriber_id, period.since, period.until, digest_id, message_id, claimed_at],
            )
            return None
    key, state, held_message_id, reason = held[0]
    return Delivery(subscriber_id=subscriber_id, digest_id=key, state=state, message_id=held_message_id, reason=reason)


def end_delivery(
    connection: duckdb.DuckDBPyConnection,
    *,
    subscriber_id: str,
    period: Window,
    state: str,
    ended_at: datetime,
    reason: str | None = None,
) -> None:
    """Say how a claimed delivery ended: "sent", "unknown" or "failed", with the reason."""
    connection.execute(
        "UPDATE deliveries SET state = ?, ended_at = ?, reason = ?"
        " WHERE subscriber_id = ? AND period_start = ? AND period_end = ?",
        [state, ended_at, reason, subscriber_id, period.since, period.until],
    )
