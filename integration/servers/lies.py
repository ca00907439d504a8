"""What a broken or malicious etcd might answer, in correct gRPC: lies about leases, revisions, sizes.

Each lie makes a false answer out of the true one; `GrpcProxy.rewrite(method, lie)` tells it. A bomb,
a small answer that unpacks to a large one, has a server of its own because its bytes on the wire matter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from coordination.stores.etcd.messages import message
from integration.servers.grpc_generic import EveryMethod

Lie = Callable[[bytes], bytes]
LARGEST = 2**63 - 1


def _edited(kind: str, edit: Callable[[Any], None]) -> Lie:
    def lie(true: bytes) -> bytes:
        answer = message(kind).FromString(true)
        edit(answer)
        return bytes(answer.SerializeToString())

    return lie


def once(lie: Lie) -> Lie:
    """Only the first answer that it would change is changed."""
    told = threading.Event()

    def first(true: bytes) -> bytes:
        answer = true if told.is_set() else lie(true)
        if answer != true:
            told.set()
        return answer

    return first


def nonsense(true: bytes) -> bytes:
    """Bytes that are no message of any type: a field that says it is longer than all that follows."""
    return b"\x0a\xff\xff\xff\x7f"


def another_type(true: bytes) -> bytes:
    """A message of a type that was not asked for: where a header should be, a number."""
    return b"\x08\x01\x10\x02\x1a\x01x"


def empty(true: bytes) -> bytes:
    """A message in which every field has its default."""
    return b""


def granted(ttl: int, lease: int | None = None) -> Lie:
    """A grant of `ttl` seconds (and of another id)."""

    def edit(answer: Any) -> None:
        answer.TTL = ttl
        if lease is not None:
            answer.ID = lease

    return _edited("LeaseGrantResponse", edit)


def kept(ttl: int | None = None, lease: int | None = None) -> Lie:
    """An answer on the keepalive stream, for another lease or with another ttl."""

    def edit(answer: Any) -> None:
        if ttl is not None:
            answer.TTL = ttl
        if lease is not None:
            answer.ID = lease

    return _edited("LeaseKeepAliveResponse", edit)


def at_revision(kind: str, revision: int) -> Lie:
    """An answer of this kind that says it was made at `revision`."""

    def edit(answer: Any) -> None:
        answer.header.revision = revision

    return _edited(kind, edit)


def succeeded_without_answers(true: bytes) -> bytes:
    """A transaction that says it succeeded, and nothing of what came of it."""

    def edit(answer: Any) -> None:
        answer.succeeded = True
        del answer.responses[:]

    return _edited("TxnResponse", edit)(true)


def cancelled(true: bytes) -> bytes:
    """A watch that ends instead of telling what happened; other answers are as they are."""

    def edit(answer: Any) -> None:
        if answer.events:
            del answer.events[:]
            answer.canceled, answer.cancel_reason = True, "etcdserver: it had to be"

    return _edited("WatchResponse", edit)(true)


def stuffed(size: int) -> Lie:
    """A range answer with one record of `size` bytes."""

    def edit(answer: Any) -> None:
        answer.kvs.add(key=b"stuffed", value=bytes(size), create_revision=1, mod_revision=1)

    return _edited("RangeResponse", edit)


@contextmanager
def bomb(size: int) -> Iterator[str]:
    """A server that answers every call with `size` zeroes, a thousandth of that on the wire; its endpoint."""
    zeroes = bytes(size)
    handler = grpc.unary_unary_rpc_method_handler(lambda _request, _context: zeroes)
    pool = ThreadPoolExecutor(4, "bomb")
    server = grpc.server(
        pool,
        [EveryMethod(lambda _method: handler)],
        options=[("grpc.max_send_message_length", -1)],
        compression=grpc.Compression.Gzip,
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait(10.0)
        pool.shutdown(wait=False)
