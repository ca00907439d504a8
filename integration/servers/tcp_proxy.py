"""A TCP proxy on loopback with a bad temper: black hole, slow, cut off, refusing.

It stands between a store and its server, so that a test can break the way without touching either.
One daemon thread runs an asyncio loop for all connections; every call from outside is bounded.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import threading
from collections.abc import Coroutine
from typing import Any, Self

PATIENCE = 10.0
"""Seconds that a command to the proxy's own thread may take on a busy machine."""

CHUNK = 65_536
UNDER_WAY = 64
"""Chunks that may be under way in one direction; then the sender feels it, as it would on a real wire."""

Chunks = asyncio.Queue[tuple[float, bytes]]
"""What is under way, with the time of its delivery; an empty chunk is the end."""


class TcpProxy:
    """Forwards connections on a port of its own to `target` ("127.0.0.1:2379"), until told otherwise."""

    def __init__(self, target: str) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self.connections = 0
        """How many were accepted, ever."""
        self.bytes_up = 0
        self.bytes_down = 0
        """How many were delivered, to the target and to its clients."""
        self._delay = 0.0
        self._port = 0
        self._links: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)
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

    def black_hole(self) -> None:
        """Accept and keep connections, but deliver nothing; what is sent waits for `restore`."""
        self._do(self._stop_flowing())

    def latency(self, seconds: float) -> None:
        """Deliver every byte this much later, each way; a round trip takes twice as long."""
        self._delay = seconds

    def cut(self) -> None:
        """Reset every connection; new ones are accepted."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Stop listening, so that new connections are refused; those that are open go on."""
        self._do(self._refuse())

    def restore(self) -> None:
        """Behave again: listening, flowing, without latency."""
        self._delay = 0.0
        self._do(self._listen())

    def close(self) -> None:
        """End everything; may be called twice."""
        if self._loop.is_closed():
            return
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _do(self, step: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(PATIENCE)

    # All that follows runs on the proxy's own thread.

    async def _stop_flowing(self) -> None:
        self._flowing.clear()

    async def _listen(self) -> None:
        self._flowing.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self._port)
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

    async def _cut(self) -> None:
        links = dict(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)
        for writer in links.values():
            _reset(writer)  # A link that was cancelled before its first step has closed nothing.

    async def _end(self) -> None:
        await self._refuse()
        await self._cut()
        await _turns()  # The transports report their ends.

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        link = self._loop.create_task(self._link(reader, writer))
        self._links[link] = writer
        link.add_done_callback(self._links.pop)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, to its end; a reset on one side is a reset on the other."""
        writers = [writer]
        clean = False
        try:
            await self._flowing.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            writers.append(far_writer)
            async with asyncio.TaskGroup() as group:
                self._pump(group, reader, far_writer, up=True)
                self._pump(group, far_reader, writer, up=False)
            clean = True
        except* OSError:
            pass  # Reset by one side, or refused by the target.
        finally:
            for each in writers:
                if clean:
                    each.close()
                else:
                    _reset(each)

    def _pump(
        self, group: asyncio.TaskGroup, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool
    ) -> None:
        """One direction; reading goes on during latency, so that throughput does not suffer from it."""
        under_way: Chunks = asyncio.Queue(UNDER_WAY)
        group.create_task(self._receive(reader, under_way))
        group.create_task(self._deliver(under_way, writer, up))

    async def _receive(self, reader: asyncio.StreamReader, under_way: Chunks) -> None:
        chunk = b"-"
        while chunk:
            chunk = await reader.read(CHUNK)
            await under_way.put((self._loop.time() + self._delay, chunk))

    async def _deliver(self, under_way: Chunks, writer: asyncio.StreamWriter, up: bool) -> None:
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            await self._flowing.wait()
            if not chunk:
                writer.write_eof()
                return
            writer.write(chunk)
            self.bytes_up += len(chunk) if up else 0
            self.bytes_down += 0 if up else len(chunk)
            await writer.drain()


async def _turns() -> None:
    """As many turns of the loop as anything asyncio has under way may need."""
    for _ in range(6):
        await asyncio.sleep(0)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, not FIN: lingering switched on, for no seconds."""
    transport = writer.transport
    if not transport.is_closing():
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
