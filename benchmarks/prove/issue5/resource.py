"""What leaders act upon: a fence behind a port, which admits tokens or refuses them, and keeps an account."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from typing import Any, NamedTuple, Self

from coordination.errors import StaleToken
from coordination.fencing import Fence

ACTED, STOPPED = "acted", "stopped"
"""What is told: an act, and that the work of a term has ended."""

PATIENCE = 10.0


class Entry(NamedTuple):
    """One thing that was told, by the wall clock. Only acts can be refused."""

    at: float
    kind: str
    name: str
    machine: str
    version: int
    token: int
    accepted: bool


class Resource:
    """On a loopback port for the length of a block; `account` is in the order of admission."""

    def __init__(self) -> None:
        self.account: list[Entry] = []
        self._fence = Fence()
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.resource = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    @property
    def address(self) -> str:
        """For clients."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def of(self, name: str, kind: str = ACTED) -> list[Entry]:
        """What was told of one name; refused acts as well."""
        return [it for it in self.account.copy() if it.name == name and it.kind == kind]

    def told(self, kind: str, name: str, machine: str, version: int, token: int) -> bool:
        """One line of a client."""
        if kind != ACTED:
            self.account.append(Entry(time.time(), kind, name, machine, version, token, accepted=True))
            return True
        try:
            with self._fence.admit(name, token):
                self.account.append(Entry(time.time(), kind, name, machine, version, token, accepted=True))
        except StaleToken:
            self.account.append(Entry(time.time(), kind, name, machine, version, token, accepted=False))
            return False
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.shutdown()
        self._thread.join(PATIENCE)
        self._server.server_close()
        self._fence.close()


class Client:
    """A connection to it, as one machine."""

    def __init__(self, address: str, name: str, machine: str, version: int) -> None:
        host, port = address.split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rw", encoding="ascii")
        self._who: tuple[str, str, int] = (name, machine, version)

    def tell(self, kind: str, token: int = 0) -> bool:
        """Whether it was admitted; it is in the account when this returns."""
        self._file.write(json.dumps([kind, *self._who, token]) + "\n")
        self._file.flush()
        return self._file.readline() == "yes\n"

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    resource: Resource


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        server: Any = self.server
        for line in self.rfile:
            admitted = server.resource.told(*json.loads(line))
            self.wfile.write(b"yes\n" if admitted else b"no\n")
