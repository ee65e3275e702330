"""Send an answer as HTTP/1.1: chunked, gzip where asked; or break off in a chosen way."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler

from her2lit.replica.faults import Fault
from her2lit.replica.replies import Reply

_CHUNK = 1 << 16
#: CRC32 and length close a gzip member.
_GZIP_TRAILER = 8
_STALL_S = 60.0
_DRIP_S = 1.0


def send_reply(
    handler: BaseHTTPRequestHandler,
    reply: Reply,
    headers: Iterable[tuple[str, str]],
    fault: Fault | None,
    stopping: threading.Event,
) -> None:
    """
    Send *reply*; a client that goes away ends the connection quietly.

    Args:
        fault: A disturbance of the transport; kinds that only change the answer are ignored here.
        stopping: Ends stalls and drips early.
    """
    kind = fault.kind if fault else None
    try:
        if kind == "reset_connect":
            _reset(handler)
            return
        body, is_gzip = _encode(handler, reply.body, kind)
        _send_head(handler, reply, [*headers, *([("Content-Encoding", "gzip")] if is_gzip else [])])
        if kind == "reset_after_headers":
            _reset(handler)
        elif kind == "cut_chunk":
            _cut_inside_chunk(handler, body, fault.options.get("bytes", len(body) // 2) if fault else 0)
        elif kind == "stall":
            stopping.wait(fault.options.get("seconds", _STALL_S) if fault else 0)
            _send_chunks(handler, body)
        elif kind == "drip":
            _drip(handler, body, fault.options.get("seconds", _DRIP_S) if fault else 0, stopping)
        else:
            _send_chunks(handler, body)
    except OSError:
        handler.close_connection = True  # the client gave up; its request is in the log


def _encode(handler: BaseHTTPRequestHandler, body: bytes, kind: str | None) -> tuple[bytes, bool]:
    """Return the body as it travels, and whether it is declared gzip."""
    if kind == "gzip_false":
        return body, True
    if "gzip" not in (handler.headers.get("Accept-Encoding") or "").lower():
        return body, False
    packed = gzip.compress(body, compresslevel=1, mtime=0)
    if kind == "gzip_crc":
        crc = bytes(byte ^ 0xFF for byte in packed[-_GZIP_TRAILER : -_GZIP_TRAILER + 4])
        packed = packed[:-_GZIP_TRAILER] + crc + packed[-_GZIP_TRAILER + 4 :]
    elif kind == "gzip_cut":
        packed = packed[: len(packed) // 2]
    return packed, True


def _send_head(handler: BaseHTTPRequestHandler, reply: Reply, headers: Iterable[tuple[str, str]]) -> None:
    handler.send_response_only(reply.status)
    for name, value in (*headers, ("Content-Type", reply.content_type), *reply.headers):
        handler.send_header(name, value)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.flush()


def _send_chunks(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    for start in range(0, len(body), _CHUNK):
        _send_chunk(handler, body[start : start + _CHUNK])
    handler.wfile.write(b"0\r\n\r\n")
    handler.wfile.flush()


def _send_chunk(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def _cut_inside_chunk(handler: BaseHTTPRequestHandler, body: bytes, length: int) -> None:
    """Announce the whole body as one chunk and close after a part of it."""
    handler.wfile.write(b"%x\r\n%s" % (len(body), body[:length]))
    handler.wfile.flush()
    handler.close_connection = True


def _drip(handler: BaseHTTPRequestHandler, body: bytes, seconds: float, stopping: threading.Event) -> None:
    for offset in range(len(body)):
        if stopping.wait(seconds):
            handler.close_connection = True
            return
        _send_chunk(handler, body[offset : offset + 1])
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")
    handler.wfile.flush()


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Close so that the client gets a reset, not an orderly end."""
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
