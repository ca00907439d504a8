"""Servers on loopback that take the place of a Consul agent and mean no good.

What a broken agent might say in correct answers about real data is in `consul_lies.py`; servers that
do not even listen to what is asked are in `hostile.py`.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import contextmanager

from coordination.stores.consul.message import LARGE, SMALL
from integration.servers import http_manners as manners
from integration.servers.http_manners import JSON, Manner, saying
from integration.servers.http_wire import HEAD_LIMIT, Answer, Request, read_request
from integration.servers.loop_server import LoopServer

DEPTH = 100_000
SHORT, LONG, LONGER = SMALL * 95 // 100, LARGE * 95 // 100, LARGE * 3
"""Bytes of lists that are small on the wire and large in memory; most keep within what the store takes."""

RECORD = (
    b'{"KV":{"LockIndex":1,"Key":"coordination/@/leases/x","Flags":5,"Value":"e30=",'
    b'"Session":"7fffffff-0000-4000-8000-000000000000","CreateIndex":9,"ModifyIndex":9}}'
)


class HostileHttp(LoopServer):
    """Listens on a port of its own and answers every request in one manner."""

    buffered = HEAD_LIMIT

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self.requests: list[Request] = []
        super().__init__()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing() and (request := await read_request(reader)) is not None:
                self.requests.append(request)
                await self._manner(writer)
                await writer.drain()
        except OSError:
            pass  # The client has heard enough.
        finally:
            writer.close()


def _told(body: bytes, *headers: tuple[str, str]) -> Manner:
    return saying(Answer(200, body, (JSON, ("X-Consul-Index", "7"), *headers)))


def _list(item: bytes, size: int) -> bytes:
    """A list of so many bytes."""
    return b"[" + item + (b"," + item) * (size // (len(item) + 1)) + b"]"


def _object_of_keys(size: int) -> bytes:
    """Objects of so many bytes together, of which no two have a key in common."""
    item = b'{"%012x":1e9,"%012x":1e9,"%012x":1e9}'
    count = size // len(item % (0, 0, 0) + b",")
    items = (item % (number, number + 1, number + 2) for number in range(0, 3 * count, 3))
    return b"[" + b",".join(items) + b"]"


MANNERS: dict[str, Manner] = {
    **{
        manner.__name__: manner
        for manner in (
            *(manners.silent, manners.garbage, manners.hanging_up),
            *(manners.slow_status, manners.slow_headers, manners.slow_body),
            *(manners.short_body, manners.missing_body, manners.long_body),
            *(manners.odd_length, manners.negative_length, manners.endless_continue),
            *(manners.endless_headers, manners.endless_line, manners.endless_chunks),
            *(manners.giant, manners.gzip_bomb, manners.deflate_bomb),
        )
    },
    "packed": _told(gzip.compress(b"[]"), ("Content-Encoding", "gzip")),
    "deep_lists": _told(b"[" * DEPTH + b"]" * DEPTH),
    "deep_objects": _told(b'{"Results":' * DEPTH + b"1" + b"}" * DEPTH),
    "many_objects": _told(_list(b"{}", SHORT)),
    "many_lists": _told(_list(b"[[]]", LONG)),
    "many_numbers": _told(_list(b"1e9", LONG)),
    "many_strings": _told(_list(b'"\\u1234"', LONG)),
    "many_keys": _told(_object_of_keys(LONG)),
    "many_entries": _told(_list(b'{"Key":"b","ModifyIndex":7,"CreateIndex":7,"Value":null}', LONG)),
    "many_records": _told(b'{"Results":' + _list(RECORD, LONG) + b"}"),
    "too_many_records": _told(b'{"Results":' + _list(RECORD, LONGER) + b"}"),
    "giant_number": _told(b"1" * 500_000),
    "infinite": _told(b'{"Results":[{"KV":{"ModifyIndex":1e999,"CreateIndex":NaN,"Key":"a"}}]}'),
    "no_utf8": _told(b'{"ID":"\xff\xfe"}'),
    "no_json": _told(b"<html>hello</html>"),
    "nothing": _told(b""),
}


@contextmanager
def redirecting(status: int, path: str = "/v1/status/leader") -> Iterator[tuple[HostileHttp, HostileHttp]]:
    """A server that sends everybody on to another one, and the other one, which must never hear of it."""
    with HostileHttp(saying(Answer(200, b'"127.0.0.1:8300"'))) as other:
        away = Answer(status, b"", (("Location", f"http://{other.endpoint}{path}"),))
        with HostileHttp(saying(away)) as sending:
            yield sending, other
