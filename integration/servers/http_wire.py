"""HTTP/1.1 as it travels: requests exactly as they were sent, and answers; for proxies and false servers.

No HTTP library here: one that tidied up a path would hide what a client really asked for.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any

Headers = tuple[tuple[str, str], ...]

HEAD_LIMIT = 1 << 20
"""Bytes that the head of a request or an answer may have."""

_FRAMING = {"content-length", "transfer-encoding"}
"""Headers about how a body travels, which are written anew for a body that was read."""


@dataclass(frozen=True)
class Request:
    """What a client asked for. `target` is its path with the query, as on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    """By lower-case name; of several with one name, the last."""
    body: bytes
    head: bytes
    """The request line and the headers with the empty line after them, untouched."""
    at: float = field(default_factory=time.monotonic)
    """When it had been read, by `time.monotonic`."""

    @property
    def sent(self) -> bytes:
        """All of it as it goes to a server; a body that came in chunks goes in one."""
        if "transfer-encoding" in self.headers:
            return self.head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(self.body), self.body)
        return self.head + self.body

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.split("?", 1)[0]

    @property
    def query(self) -> str:
        """What follows the first question mark."""
        return self.target.partition("?")[2]

    @cached_property
    def operations(self) -> list[dict[str, Any]]:
        """The operations of a transaction of Consul; none for other requests."""
        if self.path != "/v1/txn":
            return []
        return [operation["KV"] for operation in json.loads(self.body) if "KV" in operation]

    @property
    def verbs(self) -> set[str]:
        """What a transaction does with keys: `lock`, `get`, `delete-cas`."""
        return {operation["Verb"] for operation in self.operations}


@dataclass(frozen=True)
class Answer:
    """An answer, its body whole and decoded from chunks."""

    status: int
    body: bytes = b""
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """The value of a header; None if it has none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def saying(self, name: str, value: str) -> Answer:
        """The same with this header instead of what it said there."""
        kept = tuple((key, told) for key, told in self.headers if key.lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))

    def telling(self, document: Any) -> Answer:
        """The same with this JSON for a body."""
        return replace(self, body=json.dumps(document).encode())

    def encoded(self) -> bytes:
        """As it goes to a client whose connection stays open."""
        return head(self.status, (*self.headers, ("Content-Length", str(len(self.body))))) + self.body


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """A status line and headers, with the empty line after them."""
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request on a connection; None at its end, also when that comes in the middle of one."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
        line, headers = _parsed(raw)
        method, target, _version = line.split(" ", 2)
        fields = {name.lower(): value for name, value in headers}
        return Request(method, target, fields, await _body(reader, fields), raw)
    except (asyncio.IncompleteReadError, OSError):
        return None


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The answer to a request that was just sent; `EOFError` or `OSError` if none comes."""
    line, headers = _parsed(await reader.readuntil(b"\r\n\r\n"))
    status = int(line.split(" ", 2)[1])
    fields = {name.lower(): value for name, value in headers}
    body = b"" if status in {204, 304} else await _body(reader, fields)
    return Answer(
        status, body, tuple((name, value) for name, value in headers if name.lower() not in _FRAMING)
    )


def _parsed(raw: bytes) -> tuple[str, list[tuple[str, str]]]:
    first, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return first, [(name, value.strip()) for name, _, value in pairs]


async def _body(reader: asyncio.StreamReader, fields: dict[str, str]) -> bytes:
    if fields.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(fields.get("content-length", "0")))
    chunks = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await reader.readuntil(b"\r\n")
    await reader.readuntil(b"\r\n")
    return b"".join(chunks)
