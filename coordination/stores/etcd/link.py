"""One connection to one member: calls and streams on it, and who is still using it.

A link is retired at the first doubt: nobody gets it any more, its streams end, calls that are under
way keep their own bounds, and the last one out closes it. So the next call is on a fresh connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import grpc

from coordination.errors import StoreUnavailable
from coordination.stores.etcd import channels
from coordination.stores.etcd.dialing import Dialer
from coordination.stores.etcd.failures import Failure, Kind, judge
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import STATUS, Method

Metadata = tuple[tuple[str, str], ...]


class CallFailed(Exception):
    """A call on a link failed; `failure` says what that means. Never leaves this package."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Link:
    """A channel to `endpoint`. `users` and `retired` belong to the connection that made it."""

    def __init__(self, dialer: Dialer, endpoint: str) -> None:
        self.endpoint = endpoint
        self.users = 0
        self.retired = False
        self.cluster = 0
        self.complaints: list[str] = []
        self._channels = channels.here()
        self._channel = self._channels.dial(dialer, endpoint)
        self._calls: dict[str, Any] = {}
        self._streams: set[Any] = set()

    def call(self, method: Method, request: Any, timeout: float, metadata: Metadata) -> Any:
        """One request and its answer; raises `CallFailed`."""
        if timeout <= 0:
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {self.endpoint}: no time left to ask"))
        try:
            call = self._calls.get(method.path) or self._prepared(method)
            answer = call(request, timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            raise CallFailed(judge(error, self.endpoint)) from None
        except ValueError as error:  # What grpc raises on a closed channel, before it sends anything.
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {self.endpoint}: {error}")) from None
        if answer is NONSENSE:
            raise CallFailed(Failure(Kind.UNKNOWN, f"etcd at {self.endpoint}: an answer that makes no sense"))
        return answer

    def stream(self, method: Method, requests: Iterator[bytes], metadata: Metadata) -> Any:
        """Open a bidirectional stream; iterating over it raises grpc's errors, see `judged`."""
        try:
            open_stream = self._channel.stream_stream(
                method.path, request_serializer=None, response_deserializer=_reader(method)
            )
            stream = open_stream(requests, metadata=metadata)
        except ValueError as error:
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {self.endpoint}: {error}")) from None
        except RuntimeError as error:  # gRPC could not start the thread that sends the requests.
            raise StoreUnavailable(f"etcd at {self.endpoint}: no stream could be opened: {error}") from None
        self._streams.add(stream)
        stream.add_callback(lambda: self._streams.discard(stream))
        return stream

    def hello(self, timeout: float, metadata: Metadata) -> None:
        """See whether a usable member answers; raises `CallFailed`. Nothing can be applied by it."""
        try:
            status = self.call(STATUS, message("StatusRequest")(), timeout, metadata)
        except CallFailed as failed:
            kind = Kind.UNSENT if failed.failure.kind is Kind.UNKNOWN else failed.failure.kind
            raise CallFailed(replace(failed.failure, kind=kind)) from None
        if status.isLearner:
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {self.endpoint}: a learner answers no requests"))
        if not status.leader:
            raise CallFailed(Failure(Kind.NO_LEADER, f"etcd at {self.endpoint}: the member knows no leader"))
        self.cluster = status.header.cluster_id
        self.complaints = list(status.errors)

    def end_streams(self) -> None:
        """Cancel them; who reads them sees it at once."""
        for stream in list(self._streams):
            stream.cancel()

    def close(self) -> None:
        """Let go of the channel."""
        self._channels.hang_up(self._channel)

    def _prepared(self, method: Method) -> Any:
        call = self._channel.unary_unary(
            method.path,
            request_serializer=message(method.request).SerializeToString,
            response_deserializer=_reader(method),
        )
        self._calls[method.path] = call
        return call


class _Nonsense:
    """Stands for an answer that could not be read: grpc would log a traceback of its own."""


NONSENSE = _Nonsense()


def _reader(method: Method) -> Any:
    parse = message(method.response).FromString

    def read(raw: bytes) -> Any:
        try:
            return parse(raw)
        except Exception:  # noqa: BLE001 - DecodeError, but which class raises it varies with protobuf's
            return NONSENSE

    return read
