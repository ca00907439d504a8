"""Answers of one agent, with and without TLS: bounded however their bytes come, and none if they are none."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest

from coordination.stores.consul.message import Answer, Effect, Failed, Request
from integration.servers.hostile import silent
from tests.consul.talking import (
    FINE,
    LOOK,
    PATIENCE,
    Tls,
    agent,
    answered_too_late,
    answering,
    dripping,
    too_late,
    until,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_silence_ends_in_time() -> None:
    """It was sent."""
    with agent(silent) as (made, _):
        assert answered_too_late(made).sent


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\n" * 20,
        b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 300,
        FINE.replace(b"2\r\n\r\n[]", b"999\r\n\r\n") + b" " * 300,
    ],
    ids=["status", "headers", "body"],
)
def test_slow_bytes_are_bounded(text: bytes) -> None:
    """However many of them come: the bound is for all of the answer."""
    with agent(dripping(text)) as (made, _):
        assert answered_too_late(made).sent


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[]", "cut short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99, "more than 50 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + b"x" * 0xFFFF,
            "more than 50 bytes",
        ),
        (CHUNKED + b"many\r\n", ""),
        (b"SSH-2.0-OpenSSH_9\r\n", ""),
        (b"\x15\x03\x01\x00\x02\x02\x46", ""),
        (b"", ""),
    ],
)
def test_answers_that_are_none(answer: bytes, why: str) -> None:
    """The request was sent, so nobody can say; the connection is not used again."""
    with agent(answering(answer)) as (made, _):
        with pytest.raises(Failed) as caught:
            made.ask(Request("GET", "/", limit=50), until(5.0))
        assert (caught.value.sent, caught.value.hopeless) == (True, False)
        assert why in caught.value.reason
        assert made._idle == []


@pytest.mark.parametrize("text", ["-5", "0", "x", "1.5", "³", "1" * 20, "", "7 7"])
def test_an_index_that_is_none(text: str) -> None:
    """Counts as 0, which a watch knows how to take."""
    answer = FINE.replace(b"7", text.encode("latin-1", "replace"), 1)
    with agent(answering(answer)) as (made, _):
        assert made.ask(LOOK, until(5.0)).index == 0


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """One for all of them."""
    return Tls(tmp_path_factory.mktemp("tls"))


def test_one_tls_connection_for_many_requests(tls: Tls) -> None:
    """As without TLS."""
    with agent(tls.wrapped(answering(*[FINE] * 3)), tls.client) as (made, server):
        for _ in range(3):
            assert made.ask(LOOK, until(5.0)) == Answer(200, 7, b"[]")
        assert server.connections == 1


def test_a_dripping_handshake_is_bounded(tls: Tls) -> None:
    """A byte each 50 ms, of something that might become a ServerHello; nothing of ours was sent."""

    def script(client: socket.socket, over: threading.Event) -> None:
        for byte in b"\x16\x03\x03\x02\x00" + bytes(500):
            client.sendall(bytes([byte]))
            if over.wait(0.05):
                return

    with agent(script, tls.client) as (made, _):
        assert not too_late(lambda: made.ask(LOOK, until())).sent


def test_a_dripping_answer_over_tls_is_bounded(tls: Tls) -> None:
    """Each byte in a record of its own."""
    with agent(tls.wrapped(dripping(FINE[:30] + b"x" * 300)), tls.client) as (made, _):
        assert answered_too_late(made).sent


@pytest.mark.parametrize("secure", [False, True])
def test_a_reader_that_takes_its_time_is_bounded(tls: Tls, *, secure: bool) -> None:
    """It takes a little of a large request each 100 ms, so that there is always room soon."""

    def script(client: socket.socket, over: threading.Event) -> None:
        while not over.wait(0.1) and client.recv(8192):
            pass

    def small(client: socket.socket, over: threading.Event) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        (tls.wrapped(script) if secure else script)(client, over)

    with agent(small, tls.client if secure else None) as (made, _):
        large = Request("PUT", "/v1/txn", body=bytes(20_000_000), effect=Effect.ONCE)
        assert not too_late(lambda: made.ask(large, until())).sent


def test_threads_connect_with_one_context(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting changes nothing of it: what one thread frees another one's handshake may just be reading."""
    tls.server.set_alpn_protocols(["http/1.1"])
    changes: list[object] = []
    monkeypatch.setattr(ssl.SSLContext, "set_alpn_protocols", lambda *args: changes.append(args))
    with agent(tls.wrapped(answering(FINE)), tls.client) as (made, _):
        for _ in range(2):
            connection = made.connect(until(PATIENCE))
            assert connection.sock.selected_alpn_protocol() == "http/1.1"  # type: ignore[union-attr]
            connection.close()
    assert not changes
