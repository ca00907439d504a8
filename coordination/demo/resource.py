"""The protected resource of the demo: a service on this computer that admits by token, and logs.

`coordination.fencing.Fence` decides, and nothing else does. That the writer says until when it may act
is noted for the judge alone: who is refused while it still believed is one of two owners, who is
refused later is a late one that the fence was made for.
"""

from __future__ import annotations

import json
import select
import socketserver
import threading
from collections import defaultdict
from collections.abc import Set
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from coordination.clock import Clock
from coordination.demo.log import KINDS, Entry
from coordination.demo.scheduler.writer import REFUSED, TAKEN
from coordination.errors import StaleToken
from coordination.fencing import Fence
from coordination.threads import started


class Resource:
    """Serves from the beginning of its block to the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fence = Fence()
        self._lock = threading.Lock()
        self._logs: defaultdict[str, list[Entry]] = defaultdict(list)
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.resource = self
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """HOST:PORT."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def logs(self) -> dict[str, list[Entry]]:
        """Everything until now, by name."""
        with self._lock:
            return {name: list(entries) for name, entries in self._logs.items()}

    def heard_out(self, dead: Set[int]) -> bool:
        """Whether everything is in the logs that these processes, which are gone, had sent before."""
        return self._server.serves_none(dead)

    def write(self, asked: dict[str, Any]) -> bool:
        """Log one write; False if it is refused."""
        name, token = asked["name"], asked["token"]
        try:
            with self._fence.admit(name, token):
                self._note(asked, refused=False)
        except StaleToken:
            self._note(asked, refused=True)
            return False
        return True

    def _note(self, asked: dict[str, Any], *, refused: bool) -> None:
        if asked["kind"] not in KINDS:
            raise ValueError(f"nobody writes {asked['kind']!r}")
        who = {field: asked[field] for field in ("kind", "token", "machine", "version", "pid")}
        with self._lock:
            now = self._clock.now()
            entry = Entry(**who, at=now, refused=refused, believed=now < asked["until"])
            self._logs[asked["name"]].append(entry)

    def __enter__(self) -> Self:
        self._thread = started(lambda: self._server.serve_forever(poll_interval=0.1), "resource")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    resource: Resource

    def __init__(self, *arguments: Any) -> None:
        self._lock = threading.Lock()
        self._pids: dict[Any, int | None] = {}
        super().__init__(*arguments)

    def get_request(self) -> tuple[Any, Any]:
        """In one step: a connection either waits to be accepted or is known, and nobody's until it speaks."""
        with self._lock:
            connection, address = super().get_request()
            self._pids[address] = None
            return connection, address

    def belongs(self, address: Any, pid: int) -> None:
        """Whose connection it is."""
        with self._lock:
            self._pids[address] = pid

    def ended(self, address: Any) -> None:
        """Nothing more comes from there."""
        with self._lock:
            self._pids.pop(address, None)

    def serves_none(self, pids: Set[int]) -> bool:
        """Whether no connection is theirs, or could be."""
        with self._lock:
            waiting, _, _ = select.select([self.socket], [], [], 0)
            return not waiting and not any(pid is None or pid in pids for pid in self._pids.values())


class _Connection(socketserver.StreamRequestHandler):
    """One writer, a thread for as long as it is there."""

    server: _Server

    def handle(self) -> None:
        """Answer each line."""
        with suppress(ConnectionError):  # A writer was killed before it had read its answer.
            for line in self.rfile:
                asked = json.loads(line)
                self.server.belongs(self.client_address, asked["pid"])
                self.wfile.write(TAKEN if self.server.resource.write(asked) else REFUSED)

    def finish(self) -> None:
        """All of it is in the logs by now."""
        self.server.ended(self.client_address)
        super().finish()
