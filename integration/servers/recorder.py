"""A TCP server that writes down what is said to it, connection by connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from integration.servers.hostile import Hostile


class Recorder:
    """Gives everybody the same `answer` and hangs up; with None it listens in silence."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self._said: list[bytes] = []
        self._server = Hostile(self._listen)

    @property
    def endpoint(self) -> str:
        """Where to connect."""
        return self._server.endpoint

    def said(self) -> list[bytes]:
        """Of each connection that said anything, all of it. Complete once closed."""
        return list(self._said)

    def __enter__(self) -> Self:
        """The server, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._server.close()

    def _listen(self, client: socket.socket, over: threading.Event) -> None:
        heard = b""
        try:
            while more := client.recv(65_536):
                heard += more
                if self._answer is not None:
                    client.sendall(self._answer)
                    return
        finally:
            if heard:
                self._said.append(heard)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
