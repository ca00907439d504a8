"""Answers of HTTP, byte by byte: what they mean, when they end, and whether the connection goes on."""

from __future__ import annotations

import http.client
import socket

import pytest

from coordination.stores.consul.message import Answer, TooMuch
from coordination.stores.consul.responses import LONGEST_LINE, MOST_LINES, response

OK = b"HTTP/1.1 200 OK\r\n"
LIMIT = 100


def read(text: bytes, limit: int = LIMIT) -> tuple[Answer, bool]:
    """What it is taken for, when the connection ends after it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(text)
        theirs.shutdown(socket.SHUT_WR)
        return response(ours, limit)


ANSWERS = {
    "length": OK + b"X-Consul-Index: 7\r\ncontent-length:2\r\n\r\n[]and more",
    "nothing": OK + b"Content-Length: 0\r\n\r\n",
    "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1;x=y\r\n]\r\n0\r\nTrailer: x\r\n\r\n",
    "to the end": OK + b"X-Consul-Index: 8\r\n\r\n[]",
    "no length": OK + b"Content-Length: many\r\n\r\n[]",
    "closing": OK + b"Connection: Close\r\nContent-Length: 2\r\n\r\n[]",
    "old": b"HTTP/1.0 404 Not Found\r\nContent-Length: 2\r\n\r\n[]",
    "old and lasting": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n[]",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\nof another answer",
    "no reason": b"HTTP/1.1 500\r\nContent-Length: 2\r\n\r\n[]",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n[]",
    "bare lines": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n[]",
    "twice": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]x",
}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_the_standard_library_reads_the_same(text: bytes) -> None:
    """Status, index, body, and whether the connection goes on."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(text)
        theirs.shutdown(socket.SHUT_WR)
        with http.client.HTTPResponse(ours, method="GET") as known:
            known.begin()
            index = int(known.getheader("X-Consul-Index", "0"))
            expected = Answer(known.status, index, known.read()), not known.will_close
    assert read(text) == expected


NONSENSE = {
    "another protocol": b"HTTP/2 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a long line": OK + b"X: " + b"x" * LONGEST_LINE + b"\r\n\r\n",
    "many headers": OK + b"X: x\r\n" * (MOST_LINES + 1) + b"\r\n",
    "cut headers": OK + b"X: x\r\n",
    "cut body": OK + b"Content-Length: 3\r\n\r\n[]",
    "cut chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[]\r\n",
    "a chunk with a tail": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]x\r\n0\r\n\r\n",
    "a chunk below nothing": OK + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n",
    "no end of chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_answers_that_are_none(text: bytes) -> None:
    """Errors of the kinds that count as no answer."""
    with pytest.raises((ValueError, http.client.HTTPException)):
        read(text)


def test_no_answer_at_all() -> None:
    """The agent has ended an old connection: that one is asked again."""
    with pytest.raises(ConnectionError):
        read(b"")


@pytest.mark.parametrize(
    "text",
    [
        OK + b"Content-Length: 101\r\n\r\n" + b"x" * 101,
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"32\r\n" + b"x" * 50 + b"\r\n33\r\n" + b"x" * 51,
        OK + b"\r\n" + b"x" * 101,
    ],
    ids=["length", "chunks", "to the end"],
)
def test_answers_that_are_too_long(text: bytes) -> None:
    """One byte more than we take; with just as many it is an answer."""
    with pytest.raises(TooMuch):
        read(text)
    if b"chunked" not in text:
        assert len(read(text, LIMIT + 1)[0].body) == LIMIT + 1
