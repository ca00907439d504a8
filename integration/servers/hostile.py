"""Servers on loopback that are no etcd: silent, talking garbage or HTTP/1.1, dripping, bragging, refusing.

Each manner is a function of one accepted connection; it runs on a thread of its own until the client
leaves or the server is closed. Lies told in correct gRPC are in `lies.py`.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

PATIENCE = 10.0
"""Seconds after which closing gives up on a thread, which would be a defect."""

Manner = Callable[[socket.socket, threading.Event], None]

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<p>hello</p>\n"
SETTINGS = bytes(3) + b"\x04" + bytes(5)
"""An HTTP/2 SETTINGS frame without settings, as every server begins."""
BRAGGING = b"\xff\xff\xff" + b"\x00" + b"\x00" + b"\x00\x00\x00\x01"
"""The head of an HTTP/2 DATA frame of 16 MB, a thousand times what may be sent unasked."""


def silent(client: socket.socket, over: threading.Event) -> None:
    """Accepts, reads, says nothing: as good as a black hole."""
    while client.recv(65_536):
        pass


def garbage(client: socket.socket, over: threading.Event) -> None:
    """Answers everything with random bytes."""
    while client.recv(65_536):
        client.sendall(os.urandom(512))


def http_page(client: socket.socket, over: threading.Event) -> None:
    """A web server that knows nothing newer than HTTP/1.1: waits for a request, answers a page."""
    while client.recv(65_536):
        client.sendall(PAGE)


def dripping(client: socket.socket, over: threading.Event) -> None:
    """A correct HTTP/2 server as far as it gets: one byte per second."""
    for byte in SETTINGS * 100:
        client.sendall(bytes([byte]))
        if over.wait(1.0):
            return


def bragging(client: socket.socket, over: threading.Event) -> None:
    """Says that a huge frame is coming, and sends zeroes for as long as anybody listens."""
    client.sendall(SETTINGS + BRAGGING)
    while not over.wait(0.001):
        client.sendall(bytes(65_536))


def hanging_up(client: socket.socket, over: threading.Event) -> None:
    """Closes every connection as soon as something is asked."""
    client.recv(65_536)


MANNERS: dict[str, Manner] = {
    manner.__name__: manner for manner in (silent, garbage, http_page, dripping, bragging, hanging_up)
}


class Hostile:
    """Listens on a port of its own and treats every connection in one manner."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._over = threading.Event()
        self._mutex = threading.Lock()
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.connections = 0
        """How many were accepted, ever."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)

    @property
    def endpoint(self) -> str:
        """Where to connect."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """End it, with every connection."""
        if self._over.is_set():
            return
        endpoint = self._listener.getsockname()
        self._over.set()
        with suppress(OSError):  # Wakes accept(), which closing the listener does not do everywhere.
            socket.create_connection(endpoint, timeout=1.0).close()
        with self._mutex:
            for client in self._clients:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        self._listener.close()

    def __enter__(self) -> Self:
        """The server, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _start(self, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=loop, name="hostile", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            with self._mutex:
                if self._over.is_set():
                    client.close()
                    return
                self.connections += 1
                self._clients.add(client)
                self._start(lambda client=client: self._treat(client))  # type: ignore[misc]

    def _treat(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            self._manner(client, self._over)
        with self._mutex:
            self._clients.discard(client)


@contextmanager
def refusing() -> Iterator[str]:
    """An endpoint that refuses connections for sure: the port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"
