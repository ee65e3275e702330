"""Mail: build a message that every client reads the same way, and the file mailbox it is put into."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from her2lit.errors import Her2litError, UsageError

#: Of the sender where nobody has said another: a name that can never be delivered to (RFC 2606).
SENDER = Address("her2lit", "her2lit", "her2lit.invalid")
LIST_ID = "her2lit evidence digest <digest.her2lit.invalid>"
#: For writing only, so that bodies keep their short lines: a long List-Unsubscribe would be folded into an
#: encoded word, and one-click would die. 998 is RFC 5322's hard limit.
WIRE_POLICY = SMTP.clone(max_line_length=998)
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_SLUG = re.compile(r"[^a-z0-9]+")


def checked_address(text: str) -> Address:
    """
    Return *text* as one plain mail address.

    Raises:
        UsageError: It is none; the message does not repeat it.
    """
    if not _ADDRESS.fullmatch(text):
        raise UsageError("This is not a plain mail address such as name@hospital.org.")
    try:
        return Address(addr_spec=text)
    except (MessageError, ValueError) as error:
        raise UsageError("This is not a plain mail address such as name@hospital.org.") from error


def message_id(digest_id: str, subscriber_id: str) -> str:
    """Return the Message-ID of a digest for a reader: the same whenever it is built, so a second one is seen."""
    return f"<digest.{digest_id}.{subscriber_id}@{SENDER.domain}>"


def build_message(
    *,
    subject: str,
    html: str,
    text: str,
    to: Address | None,
    sent_at: datetime,
    message_id: str,
    unsubscribe_url: str | None = None,
) -> EmailMessage:
    """
    Build a multipart/alternative message, text first; equal arguments give equal bytes.

    Args:
        to: None addresses nobody by name, for the owner's own file mailbox.
        sent_at: UTC, without a zone.
        unsubscribe_url: https address that unsubscribes on POST (RFC 8058); no header without it.

    Raises:
        UsageError: A header would hold a line break.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["Subject"] = subject
        message["From"] = SENDER
        message["To"] = to if to is not None else "undisclosed-recipients:;"
        message["Date"] = format_datetime(sent_at.replace(tzinfo=UTC))
        message["Message-ID"] = message_id
        message["List-Id"] = LIST_ID
        message["Auto-Submitted"] = "auto-generated"
        if unsubscribe_url is not None:
            message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    except ValueError as error:
        raise UsageError("A mail header may not hold a line break; the mail was not built.") from error
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # Random by default: a digest that is frozen stays frozen to the byte.
    digest = hashlib.sha256(f"{message_id}\0{text}".encode()).hexdigest()[:32]
    message.set_boundary(f"=_her2lit_{digest}")
    return message


def to_bytes(message: EmailMessage) -> bytes:
    """Return the message as it goes over the wire: ASCII, CRLF."""
    return message.as_bytes(policy=WIRE_POLICY)


def outbox_path(message: EmailMessage, outbox: Path) -> Path:
    """Return where the file mailbox keeps *message*: <date>-<slug>.eml, without any address."""
    sent_on = message["Date"].datetime.date()
    slug = _SLUG.sub("-", str(message["Message-ID"]).partition("@")[0].lower()).strip("-")
    return outbox / f"{sent_on}-{slug}.eml"


def write_to_outbox(message: EmailMessage, outbox: Path) -> Path:
    """
    Put *message* into the file mailbox by one rename, readable by the owner only; return the file.

    Raises:
        Her2litError: The folder cannot be written.
    """
    path = outbox_path(message, outbox)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        outbox.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(to_bytes(message))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise Her2litError(f"The file mailbox {outbox} cannot be written: {error.strerror}.") from error
    return path
