"""Mail that every client reads the same way, and the file mailbox."""

from __future__ import annotations

import email
import email.policy
import stat
from datetime import datetime
from email.headerregistry import Address

import pytest

from her2lit.errors import Her2litError, UsageError
from her2lit.mail import build_message, checked_address, message_id, to_bytes, write_to_outbox


def message(**changes):
    plain = {
        "subject": "HER2+ mBC evidence 2021-06-08: nothing new",
        "html": "<p>Péter & HER2</p>",
        "text": "Péter & HER2\n",
        "to": Address("Reader", "reader", "hospital.org"),
        "sent_at": datetime(2021, 6, 8, 6, 30),
        "message_id": message_id("2021-06-02_2021-06-09", "abc123"),
    }
    return build_message(**(plain | changes))


def test_a_message_has_a_text_and_an_html_part_and_the_headers_of_a_list():
    read = email.message_from_bytes(to_bytes(message()), policy=email.policy.default)

    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert {name: str(read[name]) for name in ("Date", "Message-ID", "List-Id", "Auto-Submitted")} == {
        "Date": "Tue, 08 Jun 2021 06:30:00 +0000",
        "Message-ID": "<digest.2021-06-02_2021-06-09.abc123@her2lit.invalid>",
        "List-Id": "her2lit evidence digest <digest.her2lit.invalid>",
        "Auto-Submitted": "auto-generated",
    }
    assert read.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Péter & HER2\n"
    assert "List-Unsubscribe" not in read


def test_the_wire_is_ascii_in_short_lines():
    lines = to_bytes(message(html="<p>" + "é" * 3000 + "</p>")).split(b"\r\n")

    assert max(map(len, lines)) <= 100  # the boundary in Content-Type
    assert all(line.isascii() for line in lines)


def test_the_same_arguments_give_the_same_bytes():
    assert to_bytes(message()) == to_bytes(message())


def test_a_long_unsubscribe_address_is_not_folded_into_an_encoded_word():
    """
    The standard library would write =?utf-8?q?=3Chttps=3A//…, and one-click would be dead.
    """
    url = "https://digest.hospital.org/unsubscribe/" + "t" * 120

    wire = to_bytes(message(unsubscribe_url=url))

    assert f"List-Unsubscribe: <{url}>\r\n".encode() in wire
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in wire


@pytest.mark.parametrize("field", ["subject", "message_id", "unsubscribe_url"])
def test_a_line_break_cannot_add_a_header(field):
    with pytest.raises(UsageError, match="line break"):
        message(**{field: "a\r\nBcc: everybody@hospital.org"})


def test_the_owner_is_not_named():
    assert message(to=None)["To"] == "undisclosed-recipients:;"


@pytest.mark.parametrize("text", ["", "nobody", "a@b@c.org", "a b@c.org", "a@c.org\nBcc: x@y.org", "<a@c.org>", "a@-"])
def test_what_is_no_plain_address_is_refused_without_repeating_it(text):
    with pytest.raises(UsageError) as refused:
        checked_address(text)

    assert not text or text not in str(refused.value)


def test_the_file_mailbox_names_no_address_and_is_the_owners(tmp_path):
    path = write_to_outbox(message(), tmp_path / "outbox")

    assert path.name == "2021-06-08-digest-2021-06-02-2021-06-09-abc123.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == to_bytes(message())
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_mailbox_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "outbox").write_text("a file")

    with pytest.raises(Her2litError, match="cannot be written"):
        write_to_outbox(message(), tmp_path / "outbox")
