"""How a server on loopback that should be a Consul agent treats a request instead: slow, endless, swollen.

All is told in HTTP as far as it gets. Nothing here holds more than a chunk in memory, so that a test
may measure what the *client* needs. `HostileHttp` serves them.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator
from itertools import repeat

from integration.servers.http_wire import Answer, head

Manner = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""Answers one request."""

CHUNK = 65_536
GIANT = 1 << 30
"""Bytes that a swollen answer promises or unpacks to."""
JSON = ("Content-Type", "application/json")


def saying(answer: Answer) -> Manner:
    """The same answer to everything."""

    async def manner(writer: asyncio.StreamWriter) -> None:
        writer.write(answer.encoded())

    return manner


async def silent(writer: asyncio.StreamWriter) -> None:
    """Reads the request, and says nothing for ever."""
    await asyncio.Event().wait()


async def garbage(writer: asyncio.StreamWriter) -> None:
    """Bytes that are no HTTP."""
    writer.write(bytes(range(255, 127, -1)) * 4)


async def hanging_up(writer: asyncio.StreamWriter) -> None:
    """The connection ends instead of an answer."""
    writer.close()


async def _drip(writer: asyncio.StreamWriter, text: bytes) -> None:
    for byte in text:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1.0)


async def slow_status(writer: asyncio.StreamWriter) -> None:
    """One byte per second, from the first one on."""
    await _drip(writer, Answer(200, b"[]").encoded())


async def slow_headers(writer: asyncio.StreamWriter) -> None:
    """One byte per second after the status line."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _drip(writer, b"X-Padding: " + b"x" * 600)


async def slow_body(writer: asyncio.StreamWriter) -> None:
    """One byte per second in the body, which is a number that goes on and on."""
    writer.write(head(200, [JSON, ("Content-Length", "600")]))
    await _drip(writer, b"1" * 600)


async def short_body(writer: asyncio.StreamWriter) -> None:
    """Fewer bytes than promised, and the end of the connection."""
    writer.write(head(200, [JSON, ("Content-Length", "600")]) + b"[]")
    writer.close()


async def missing_body(writer: asyncio.StreamWriter) -> None:
    """Fewer bytes than promised, and nothing more."""
    writer.write(head(200, [JSON, ("Content-Length", "600")]) + b"[]")
    await silent(writer)


async def long_body(writer: asyncio.StreamWriter) -> None:
    """More bytes than promised: on a connection that is kept, the rest looks like the next answer."""
    forged = Answer(200, b'[{"ID":"forged"}]').encoded()
    writer.write(head(200, [JSON, ("Content-Length", "2")]) + b"[]" + forged)


async def odd_length(writer: asyncio.StreamWriter) -> None:
    """A length that is no number."""
    writer.write(head(200, [JSON, ("Content-Length", "many")]) + b"[]")


async def negative_length(writer: asyncio.StreamWriter) -> None:
    """A length below nothing."""
    writer.write(head(200, [JSON, ("Content-Length", "-5")]) + b"[]")


async def endless_continue(writer: asyncio.StreamWriter) -> None:
    """`100 Continue` again and again, and never an answer."""
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    """Headers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _poured(writer, repeat(b"X-More: " + b"x" * 1_000 + b"\r\n"))


async def endless_line(writer: asyncio.StreamWriter) -> None:
    """One header that has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    await _poured(writer, repeat(b"x" * CHUNK))


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    """A body in chunks, of which there is always one more."""
    writer.write(head(200, [JSON, ("Transfer-Encoding", "chunked")]))
    await _poured(writer, repeat(b"%x\r\n%b\r\n" % (CHUNK, b"1," * (CHUNK // 2))))


async def giant(writer: asyncio.StreamWriter) -> None:
    """A gigabyte, promised and delivered."""
    writer.write(head(200, [JSON, ("Content-Length", str(GIANT))]))
    await _poured(writer, (b" " * CHUNK for _ in range(GIANT // CHUNK)))


async def gzip_bomb(writer: asyncio.StreamWriter) -> None:
    """A megabyte that unpacks to a gigabyte, though nobody had asked for anything packed."""
    await _bomb(writer, "gzip", b"\x1f\x8b\x08" + bytes(6) + b"\xff")


async def deflate_bomb(writer: asyncio.StreamWriter) -> None:
    """The same under the other name."""
    await _bomb(writer, "deflate", b"\x78\xda")


async def _bomb(writer: asyncio.StreamWriter, coding: str, beginning: bytes) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # Flushed in full, a part stands for itself and can be sent again and again.
    part = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    size = len(beginning) + len(part) * (GIANT >> 20)
    writer.write(head(200, [JSON, ("Content-Encoding", coding), ("Content-Length", str(size))]) + beginning)
    await _poured(writer, repeat(part, GIANT >> 20))


async def _poured(writer: asyncio.StreamWriter, parts: Iterator[bytes]) -> None:
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)  # Draining alone lets nobody else run while the buffer has room.
