"""A TCP proxy on loopback with a bad temper: black hole, slow, cut off, refusing.

It stands between a store and its server, so that a test can break the way without touching either.
"""

from __future__ import annotations

import asyncio

from integration.servers.loop_server import LoopServer, reset

CHUNK = 65_536
UNDER_WAY = 64
"""Chunks that may be under way in one direction; then the sender feels it, as it would on a real wire."""

Chunks = asyncio.Queue[tuple[float, bytes]]
"""What is under way, with the time of its delivery; an empty chunk is the end."""


class TcpProxy(LoopServer):
    """Forwards connections on a port of its own to `target` ("127.0.0.1:2379"), until told otherwise."""

    def __init__(self, target: str) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self.bytes_up = 0
        self.bytes_down = 0
        """How many were delivered, to the target and to its clients."""
        self._delay = 0.0
        self._flowing = asyncio.Event()
        super().__init__()

    def black_hole(self) -> None:
        """Accept and keep connections, but deliver nothing; what is sent waits for `restore`."""
        self._do(self._stop_flowing())

    def latency(self, seconds: float) -> None:
        """Deliver every byte this much later, each way; a round trip takes twice as long."""
        self._delay = seconds

    def restore(self) -> None:
        """Behave again: listening, flowing, without latency."""
        self._delay = 0.0
        super().restore()

    # All that follows runs on the proxy's own thread.

    async def _stop_flowing(self) -> None:
        self._flowing.clear()

    async def _listen(self) -> None:
        self._flowing.set()
        await super()._listen()

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
                    reset(each)

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
