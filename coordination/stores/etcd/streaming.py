"""What the two streams share: requests that are sent in order, answers read on a thread of their own."""

from __future__ import annotations

import queue
from typing import Any

import grpc

from coordination.errors import StoreError, StoreUnavailable
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.failures import Failure, Kind, judge
from coordination.stores.etcd.link import NONSENSE, CallFailed
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import Method

TOKEN_WITHIN = 2.0
"""Seconds that getting another token may take after a stream was refused for the old one."""


class Outbox:
    """The requests of one stream, as the iterator that gRPC takes them from."""

    def __init__(self, method: Method) -> None:
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._request = message(method.request)

    def put(self, **fields: Any) -> None:
        """Send a request, after those before it."""
        self._queue.put(self._request(**fields).SerializeToString())

    def end(self) -> None:
        """No more requests: gRPC's thread that waits for them ends."""
        self._queue.put(None)

    @property
    def waiting(self) -> int:
        """How many requests gRPC has not taken yet."""
        return self._queue.qsize()

    def __iter__(self) -> Outbox:
        return self

    def __next__(self) -> bytes:
        raw = self._queue.get()
        if raw is None:
            raise StopIteration
        return raw


class Stream:
    """One stream on one link, from its opening to its end."""

    def __init__(self, connection: Connection, method: Method, timeout: float) -> None:
        self._connection = connection
        self.outbox = Outbox(method)
        self._call, self.link, self.opened_with = connection.stream(method, self.outbox, timeout)

    def read(self) -> Any:
        """The next answer; raises `CallFailed` at the end, however it ended. For one thread."""
        try:
            answer = next(self._call)
        except StopIteration:
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {self.link.endpoint} ended the stream")) from None
        except grpc.RpcError as error:
            raise CallFailed(judge(error, self.link.endpoint)) from None
        if answer is NONSENSE:
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {self.link.endpoint}: an answer without sense"))
        return answer

    def end(self) -> None:
        """Whatever its state: nothing is sent or read on it any more."""
        self.outbox.end()
        self._call.cancel()

    def failed(self, failure: Failure) -> bool:
        """It ended with `failure`: get what the next one needs, a token or a connection to another member.

        False if nobody could be asked for the token: then the next one has but the old one.
        """
        self.end()
        if failure.kind is Kind.TOKEN:
            return self._refreshed(failure.message)
        if failure.kind is not Kind.REFUSED:
            self._connection.pool.retire(self.link)
        return True

    def _refreshed(self, why: str) -> bool:
        try:
            self._connection.refresh(self.link, self.opened_with, TOKEN_WITHIN, why)
        except StoreUnavailable:
            return False
        except StoreError:
            pass  # Then the next one fails, and tells why.
        return True

    def abandon(self) -> None:
        """The member has fallen silent: nobody is to use this connection any more."""
        self.end()
        self._connection.pool.retire(self.link)
