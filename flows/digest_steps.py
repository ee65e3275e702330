"""
The steps of a digest as plain functions: read, freeze, claim, deliver, confirm; and the pages.

No Prefect here: ``flows/digest.py`` wraps them. What is published is what is told: evidence comes
from the audited snapshot, never from the writer's file.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flows.lock import writer_lock
from her2lit import mail
from her2lit.clock import Clock
from her2lit.errors import Her2litError, RunIncomplete, WarehouseError
from her2lit.home import Home
from her2lit.records import ReportRows, Window
from her2lit.report.digest import Digest, build_digest
from her2lit.report.site import build_site, write_site
from warehouse import digests, private
from warehouse.connection import open_snapshot, open_writer
from warehouse.private import FrozenMail, Subscriber, open_private
from warehouse.publish import publish, read_manifest

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger("her2lit.digest")

#: A digest covers a week; the pages look further back.
PERIOD_DAYS = 7
PAGE_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """What a digest is told before it starts."""

    home: Home
    clock: Clock
    #: Nights by run label: [since, until)
    period: Window
    say: Callable[[str], None] = field(default=lambda _line: None, repr=False)

    @property
    def digest_id(self) -> str:
        """Return the key of this period's digest."""
        return f"{self.period.since}_{self.period.until}"


class DigestDesk:
    """
    One digest in the making: its plan, and what was frozen.

    A plain class with slots on purpose: Prefect walks dataclasses among the parameters of its tasks
    and writes those of a flow into its database; of this it notes the name only.
    """

    __slots__ = ("frozen", "plan")

    def __init__(self, plan: DigestPlan) -> None:
        self.plan = plan
        self.frozen: FrozenMail | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSummary:
    """How a digest ended."""

    digest_id: str
    subject: str
    #: Mails that stand in the file mailbox, written now or before
    mails: tuple[Path, ...]
    n_written: int
    #: Readers whose mail failed, by their random id, with the reason
    failures: tuple[tuple[str, str], ...]


def _utc(clock: Clock) -> datetime:
    return clock.now().astimezone(UTC).replace(tzinfo=None)


def last_period(published: date) -> Window:
    """Return the week of nights that ends with the one published last."""
    until = published + timedelta(days=1)
    return Window(since=until - timedelta(days=PERIOD_DAYS), until=until)


def published_label(home: Home) -> date:
    """
    Return the label of the night published last.

    Raises:
        WarehouseError: Nothing has been published.
    """
    manifest = read_manifest(home.published)
    if manifest is None:
        raise WarehouseError("Nothing has been published yet. Run `her2lit nightly` first, or `her2lit demo`.")
    return manifest.label


# ---------------------------------------------------------------------------------------------
# Read and freeze
# ---------------------------------------------------------------------------------------------


def read_rows(plan: DigestPlan) -> ReportRows:
    """
    Return the rows of the period from the published snapshot.

    Raises:
        WarehouseError: Nothing has been published.
        RunIncomplete: No night of the period brought data: a digest would say "nothing new" and be wrong.
    """
    connection = open_snapshot(plan.home.published_database)
    try:
        rows = digests.read_digest_rows(connection, plan.period.since, plan.period.until)
    finally:
        connection.close()
    if not any(run.outcome in ("clean", "incomplete") for run in rows.runs):
        raise RunIncomplete(
            f"No night from {plan.period.since} to {plan.period.until - timedelta(days=1)} brought data, so no digest "
            "was made. Run `her2lit nightly`, then `her2lit digest` again."
        )
    return rows


def preview(plan: DigestPlan) -> Digest:
    """Build the digest of the period; nothing is kept and nothing is sent."""
    return build_digest(read_rows(plan))


def freeze(desk: DigestDesk) -> str:
    """
    Lay the period's digest on the desk, frozen before or now (first its rows, then its words); return its id.

    Nothing is sent before the words are frozen, so a run killed in between freezes again.

    Raises:
        WarehouseLocked: A night is being written.
        AuditRefused: An audit failed; nothing was frozen that readers would see.
    """
    plan = desk.plan
    with open_private(plan.home.private) as connection:
        held = private.read_frozen_mail(connection, plan.digest_id)
    if held is not None:
        plan.say(f"digest {plan.digest_id} was frozen at {held.frozen_at:%Y-%m-%d %H:%M} UTC")
        desk.frozen = held
        return held.digest_id
    with writer_lock(plan.home):
        digest = _freeze_rows(plan)
        _publish_again(plan)
    frozen = FrozenMail(
        digest_id=digest.digest_id,
        frozen_at=_utc(plan.clock),
        subject=digest.subject,
        html=digest.html,
        text=digest.text,
    )
    with open_private(plan.home.private) as connection:
        private.keep_frozen(connection, frozen)
    plan.say(f"froze the digest: {digest.subject} ({digest.n_shown} shown, {digest.n_held_over} held over)")
    desk.frozen = frozen
    return frozen.digest_id


def _freeze_rows(plan: DigestPlan) -> Digest:
    rows = read_rows(plan)
    with open_writer(plan.home.warehouse) as connection:
        # A failed night is in the writer's ledger only; the receipt names it.
        digest = build_digest(dataclasses.replace(rows, runs=digests.read_runs(connection, plan.period)))
        digests.freeze_digest(
            connection,
            digest_id=digest.digest_id,
            period=plan.period,
            frozen_at=_utc(plan.clock),
            subject=digest.subject,
            content_sha256=digest.content_sha256,
            items=digest.items,
        )
    return digest


def _publish_again(plan: DigestPlan) -> None:
    """Publish what the digest added, so that analysts see what readers were told."""
    manifest = read_manifest(plan.home.published)
    if manifest is None:
        raise WarehouseError("Nothing has been published yet. Run `her2lit nightly` first.")
    publish(
        plan.home.warehouse,
        plan.home.published,
        label=manifest.label,
        published_at=_utc(plan.clock),
        data_as_of=manifest.data_as_of,
    )


# ---------------------------------------------------------------------------------------------
# Claim, deliver, confirm
# ---------------------------------------------------------------------------------------------


def deliver(desk: DigestDesk) -> DigestSummary:
    """
    Put the frozen mail into the file mailbox, once for each reader and period.

    One reader's failure never stops the next. A claim without a confirmation is from a run that was
    killed: in the file mailbox one can look whether the mail is there, so it is mended at once.
    """
    plan, frozen = desk.plan, desk.frozen
    if frozen is None:
        raise RunIncomplete("the digest has not been frozen yet")
    mails: list[Path] = []
    failures: list[tuple[str, str]] = []
    n_written = 0
    with open_private(plan.home.private) as connection:
        for reader in private.readers(connection):
            try:
                path, is_new = _deliver_one(plan, frozen, reader, connection)
            except Her2litError as error:
                failures.append((reader.subscriber_id, str(error)))
                continue
            mails.append(path)
            n_written += is_new
    plan.say(f"{n_written} mail(s) written, {len(mails) - n_written} already there, {len(failures)} failed")
    return DigestSummary(
        digest_id=frozen.digest_id,
        subject=frozen.subject,
        mails=tuple(mails),
        n_written=n_written,
        failures=tuple(failures),
    )


def _deliver_one(
    plan: DigestPlan, frozen: FrozenMail, reader: Subscriber, connection: duckdb.DuckDBPyConnection
) -> tuple[Path, bool]:
    """Return the mail's file and whether it was written now."""
    message_id = mail.message_id(frozen.digest_id, reader.subscriber_id)
    held = private.claim_delivery(
        connection,
        subscriber_id=reader.subscriber_id,
        period=plan.period,
        digest_id=frozen.digest_id,
        message_id=message_id,
        claimed_at=_utc(plan.clock),
    )
    message = mail.build_message(
        subject=frozen.subject,
        html=frozen.html,
        text=frozen.text,
        to=mail.checked_address(reader.email) if reader.email else None,
        sent_at=frozen.frozen_at,
        message_id=message_id,
    )
    path = mail.outbox_path(message, plan.home.outbox)
    if held is not None and held.state == "sent":
        return path, False
    is_new = not path.is_file()
    state, reason = "sent", None
    try:
        if is_new:
            mail.write_to_outbox(message, plan.home.outbox)
    except Her2litError as error:
        state, reason = "failed", str(error)
        raise
    finally:
        private.end_delivery(
            connection,
            subscriber_id=reader.subscriber_id,
            period=plan.period,
            state=state,
            ended_at=_utc(plan.clock),
            reason=reason,
        )
    return path, is_new


# ---------------------------------------------------------------------------------------------
# Pages
# ---------------------------------------------------------------------------------------------


def write_pages(home: Home) -> int:
    """
    Make the pages anew from the published snapshot; return how many files changed.

    Raises:
        WarehouseError: Nothing has been published.
        HomeError: The pages cannot be written.
    """
    until = published_label(home) + timedelta(days=1)
    connection = open_snapshot(home.published_database)
    try:
        rows = digests.read_page_rows(connection, until - timedelta(days=PAGE_DAYS), until)
    finally:
        connection.close()
    n_changed = write_site(build_site(rows), home.site)
    _LOG.info("pages: %d files changed", n_changed)
    return n_changed
