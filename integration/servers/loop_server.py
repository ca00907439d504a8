"""A server on loopback whose connections are coroutines: what the proxies and hostile servers share.

One daemon thread runs an asyncio loop for all connections; every call from outside is bounded, and
closing ends everything. A connection that ends in an error nobody expected fails the closing: a
defect of a test's own tool must not look like the fault it was to make.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

PATIENCE = 10.0
"""Seconds that a command to the server's own thread may take on a busy machine."""


class LoopServer:
    """Listens on a port of its own; subclasses say in `_link` what becomes of a connection."""

    buffered = 65_536
    """Bytes that are read ahead of `_link`, and the longest line it can ask for."""

    def __init__(self) -> None:
        self.connections = 0
        """How many were accepted, ever."""
        self._port = 0
        self._links: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._broken: list[BaseException] = []
        self._server: asyncio.Server | None = None
        self._kept: socket.socket | None = None
        """Holds the port while nobody listens there, or another program might be given it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)
        self._thread.start()
        self._do(self._listen())

    @property
    def endpoint(self) -> str:
        """Where to connect; stays the same while it refuses."""
        return f"127.0.0.1:{self._port}"

    @property
    def open_connections(self) -> int:
        """Clients connected right now."""
        return len(self._links)

    def cut(self) -> None:
        """Reset every connection; new ones are accepted."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Stop listening, so that new connections are refused; those that are open go on."""
        self._do(self._refuse())

    def restore(self) -> None:
        """Behave again."""
        self._do(self._listen())

    def close(self) -> None:
        """End everything; may be called twice."""
        if self._loop.is_closed():
            return
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
        if self._broken:
            raise self._broken[0]

    def __enter__(self) -> Self:
        """The server, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _do(self, step: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(PATIENCE)

    # All that follows runs on the server's own thread.

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, to its end."""
        raise NotImplementedError

    async def _listen(self) -> None:
        if self._server is None:
            self._let_port()
            self._server = await asyncio.start_server(
                self._accepted, "127.0.0.1", self._port, limit=self.buffered
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        for listening in server.sockets:
            self._loop.remove_reader(listening.fileno())
        # asyncio accepts in several turns of its loop, and loses what it is accepting when the server closes.
        await _turns()
        server.close()
        self._keep_port()

    def _keep_port(self) -> None:
        self._kept = socket.socket()
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._kept.bind(("127.0.0.1", self._port))

    def _let_port(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    async def _cut(self) -> None:
        links = dict(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)
        for writer in links.values():
            reset(writer)  # A link that was cancelled before its first step has closed nothing.

    async def _end(self) -> None:
        await self._refuse()
        self._let_port()
        await self._cut()
        await _turns()  # The transports report their ends.

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        link = self._loop.create_task(self._link(reader, writer))
        self._links[link] = writer
        link.add_done_callback(self._ended)

    def _ended(self, link: asyncio.Task[None]) -> None:
        self._links.pop(link)
        if not link.cancelled() and (error := link.exception()) is not None:
            self._broken.append(error)


async def _turns() -> None:
    """As many turns of the loop as anything asyncio has under way may need."""
    for _ in range(6):
        await asyncio.sleep(0)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, not FIN: lingering switched on, for no seconds."""
    transport = writer.transport
    if not transport.is_closing():
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
