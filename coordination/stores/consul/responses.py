"""Reading an answer of HTTP/1.1: what Consul and the proxies before it send, and little else.

The standard library parses headers as those of an e-mail, which takes as long as the rest of a call.
"""

from __future__ import annotations

import http.client
import re
import socket
from typing import BinaryIO

from coordination.stores.consul.message import Answer, TooMuch

LONGEST_LINE, MOST_LINES = 65_536, 100
"""Of a head: bytes in a line, and lines."""

_CHUNK = 65_536
_STATUS = re.compile(rb"HTTP/1\.([0-9]) +([1-9][0-9][0-9])(?: .*)?\r?\n", re.DOTALL)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
_HIGHEST = 2**63

Headers = dict[str, str]


def response(sock: socket.socket, limit: int) -> tuple[Answer, bool]:
    """The whole answer, and whether the connection goes on after it; `ValueError` if it makes no sense."""
    body = bytearray()
    try:
        with sock.makefile("rb") as stream:
            return _answer(stream, body, limit)
    except BaseException:
        body.clear()  # The error's traceback keeps this frame alive for a while.
        raise


def _answer(stream: BinaryIO, body: bytearray, limit: int) -> tuple[Answer, bool]:
    status, minor = _status(stream)
    headers = _headers(stream)
    while status < 200:  # It says that it will answer.
        status, minor = _status(stream)
        headers = _headers(stream)
    whole = status in (204, 304) or _fill(body, stream, headers, limit)
    connection = headers.get("connection", "").lower()
    lasting = "close" not in connection if minor else "keep-alive" in connection
    return Answer(status, _index(headers.get("x-consul-index", "")), bytes(body)), whole and lasting


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise http.client.LineTooLong("line of its answer")
    return line


def _status(stream: BinaryIO) -> tuple[int, int]:
    """The status, and 0 for HTTP/1.0."""
    line = _line(stream)
    if not line:
        raise http.client.RemoteDisconnected("it closed the connection without an answer")
    found = _STATUS.fullmatch(line)
    if found is None:
        raise http.client.BadStatusLine(repr(line[:200]))
    return int(found[2]), int(found[1])


def _headers(stream: BinaryIO) -> Headers:
    """The first of each name counts."""
    headers: Headers = {}
    for _ in range(MOST_LINES + 1):
        line = _line(stream)
        if line in (b"\r\n", b"\n"):
            return headers
        if not line:
            raise _cut_short()
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    raise ValueError(f"its answer has more than {MOST_LINES} headers")


def _fill(body: bytearray, stream: BinaryIO, headers: Headers, limit: int) -> bool:
    """Whether it had an end of its own, other than that of the connection."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        _fill_in_chunks(body, stream, limit)
        return True
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 19):
        _read(body, stream, limit + 1, limit)
        return False
    if _read(body, stream, int(length), limit) < int(length):
        raise _cut_short()
    return True


def _fill_in_chunks(body: bytearray, stream: BinaryIO, limit: int) -> None:
    while True:
        found = _SIZE.fullmatch(_line(stream))
        if found is None:
            raise ValueError("its answer has a chunk of no size")
        size = int(found[1], 16)
        if size == 0:
            break
        if _read(body, stream, size, limit) < size or _line(stream) not in (b"\r\n", b"\n"):
            raise _cut_short()
    _headers(stream)  # Of which nobody wants to know.


def _read(body: bytearray, stream: BinaryIO, size: int, limit: int) -> int:
    """Up to so many bytes more; how many came. Takes no more memory than that."""
    before = len(body)
    end = before + size
    while len(body) < end and (chunk := stream.read(min(_CHUNK, end - len(body)))):
        body += chunk
        if len(body) > limit:
            raise TooMuch(limit)
    return len(body) - before


def _cut_short() -> ValueError:
    return ValueError("the answer was cut short")


def _index(header: str) -> int:
    """A number as Go writes it, or 0."""
    if not header.isascii() or not header.isdigit() or len(header) > 19:
        return 0
    return min(int(header), _HIGHEST)
