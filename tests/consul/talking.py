"""Servers on loopback that say what a test has them say, byte by byte, and agents that talk to them."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination.clock import SystemClock
from coordination.stores.consul.agent import Agent
from coordination.stores.consul.message import Failed, Request
from coordination.stores.consul.settings import Settings
from coordination.stores.consul.tls import context_of
from integration.servers.certificates import Certificates
from integration.servers.hostile import Hostile

BOUND = 0.5
SLACK = 4.0
"""Seconds, on a busy machine; what is not bounded takes far longer in these tests."""
PATIENCE = 20.0
LOOK = Request("GET", "/v1/status/leader")
FINE = b"HTTP/1.1 200 OK\r\nX-Consul-Index: 7\r\nContent-Length: 2\r\n\r\n[]"
Script = Callable[[socket.socket, threading.Event], None]


def until(seconds: float = BOUND) -> float:
    """On the clock that the store reads."""
    return SystemClock().now() + seconds


def heard(client: socket.socket) -> bytes:
    """One request without a body; nothing at the end."""
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        more = client.recv(65_536)
        if not more:
            return b""
        said += more
    return said


def answering(*answers: bytes) -> Script:
    """These, one to each request of a connection; then it ends."""

    def script(client: socket.socket, _over: threading.Event) -> None:
        for answer in answers:
            if not heard(client):
                return
            client.sendall(answer)

    return script


@contextmanager
def agent(
    script: Script, trust: ssl.SSLContext | None = None, headers: dict[str, str] | None = None
) -> Iterator[tuple[Agent, Hostile]]:
    """An agent, and the server it talks to."""
    with Hostile(script) as server:
        made = Agent(server.endpoint, trust, headers or {})
        try:
            yield made, server
        finally:
            made.close()


def too_late(call: Callable[[], object]) -> Failed:
    """How it failed, in time."""
    began = time.monotonic()
    with pytest.raises(Failed) as caught:
        call()
    assert time.monotonic() - began < BOUND + SLACK
    return caught.value


def answered_too_late(made: Agent) -> Failed:
    """The same of an answer. The connection is there before: all of the time is for that."""
    connection = made.connect(until(PATIENCE))
    return too_late(lambda: made.ask_on(connection, LOOK, until()))


def dripping(text: bytes) -> Script:
    """A byte each 50 ms, which begins the timeout of a plain socket anew each time."""

    def script(client: socket.socket, over: threading.Event) -> None:
        heard(client)
        for byte in text:
            client.sendall(bytes([byte]))
            if over.wait(0.05):
                return

    return script


class Tls:
    """A server's and a client's side that trust each other."""

    def __init__(self, folder: Path) -> None:
        self.made = made = Certificates(folder)
        self.client = context_of(Settings(("one",), secure=True, cacert=str(made.ca)))
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(made.server.cert, made.server.key)

    def wrapped(self, script: Script) -> Script:
        """The same after a handshake."""

        def secured(client: socket.socket, over: threading.Event) -> None:
            with self.server.wrap_socket(client, server_side=True) as secure:
                script(secure, over)

        return secured
