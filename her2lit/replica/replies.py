"""What a utility answers, before transport: status, type, body."""

from __future__ import annotations

from dataclasses import dataclass

XML = "text/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
TEXT = "text/plain; charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; headers that every reply carries are added by the server."""

    body: bytes
    content_type: str = XML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def xml_reply(text: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return an XML answer."""
    return Reply(body=text.encode(), status=status, headers=headers)


def text_reply(text: str, *, status: int = 200) -> Reply:
    """Return a plain text answer."""
    return Reply(body=text.encode(), content_type=TEXT, status=status)


def json_reply(text: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return a JSON answer."""
    return Reply(body=text.encode(), content_type=JSON, status=status, headers=headers)
