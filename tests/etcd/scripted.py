"""Members of a cluster that do what a test tells them to: channels without a network."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any

import grpc

from coordination.clock import SystemClock
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.history import History
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import STATUS
from coordination.stores.etcd.roster import Roster
from coordination.stores.etcd.streaming import Outbox

CLUSTER = 77
Code = grpc.StatusCode


class Failed(grpc.RpcError):  # type: ignore[misc]  # grpc brings no types
    """What grpc raises."""

    def __init__(self, code: grpc.StatusCode, details: str = "") -> None:
        super().__init__(details)
        self._code = code
        self._details = details

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details


REFUSED = Failed(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses; last error: refused")
SILENT = Failed(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
LEADERLESS = Failed(grpc.StatusCode.UNAVAILABLE, "etcdserver: no leader")
RESET = Failed(grpc.StatusCode.UNAVAILABLE, "recvmsg:Connection reset by peer")


def header(revision: int = 1, cluster: int = CLUSTER) -> Any:
    return message("ResponseHeader")(cluster_id=cluster, member_id=1, revision=revision, raft_term=2)


class ScriptedStream:
    """The other end of one stream: `asked` are the requests, `say` is an answer, `fail` its end."""

    def __init__(self, method: str, requests: Outbox) -> None:
        name = {"LeaseKeepAlive": "LeaseKeepAliveRequest", "Watch": "WatchRequest"}[method.rsplit("/", 1)[1]]
        self._request = message(name)
        self._requests = requests
        self._answers: queue.Queue[Any] = queue.Queue()
        self.cancelled = False

    def asked(self) -> Any:
        """The next request; waits for it."""
        return self._request.FromString(next(self._requests))

    @property
    def unasked(self) -> int:
        """How many requests wait to be read."""
        return self._requests.waiting

    def say(self, answer: Any) -> None:
        self._answers.put(answer)

    def fail(self, error: grpc.RpcError) -> None:
        self._answers.put(error)

    def __next__(self) -> Any:
        answer = self._answers.get(timeout=30.0)
        if isinstance(answer, grpc.RpcError):
            raise answer
        return answer

    def cancel(self) -> None:
        if not self.cancelled:
            self.cancelled = True
            self.fail(Failed(grpc.StatusCode.CANCELLED, "Locally cancelled by application!"))

    def add_callback(self, callback: Callable[[], None]) -> None:
        """Nothing here ends by itself."""


def _content(name: str, _request: Any) -> Any:
    """Says yes to everything."""
    answers: dict[str, dict[str, Any]] = {"Txn": {"succeeded": True}, "Authenticate": {"token": "token"}}
    return message(f"{name}Response")(header=header(), **answers.get(name, {}))


class Member:
    """One endpoint; `script` answers each call, or raises; `streams` are those opened to it."""

    def __init__(self, script: Callable[[str, Any], Any] | None = None) -> None:
        self.script = script or _content
        self.statuses: list[Any] = [message("StatusResponse")(header=header(), leader=5)]
        self.calls: list[str] = []
        self.timeouts: list[float] = []
        self.streams: queue.Queue[ScriptedStream] = queue.Queue()
        self.open_channels = 0

    def answer(self, path: str, request: Any, timeout: float) -> Any:
        name = path.rsplit("/", 1)[1]
        self.calls.append(name)
        self.timeouts.append(timeout)
        answer = self._status() if path == STATUS.path else self.script(name, request)
        if answer is SILENT and path == STATUS.path:
            time.sleep(timeout)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _status(self) -> Any:
        """The first of them, until there is only one."""
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class Channel:
    """What a dialer opens to a member."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.open = True
        member.open_channels += 1

    def unary_unary(self, path: str, **_serializers: Any) -> Callable[..., Any]:
        def call(request: Any, timeout: float, metadata: Any) -> Any:
            if not self.open:
                raise ValueError("Cannot invoke RPC on closed channel!")
            return self.member.answer(path, request, timeout)

        return call

    def stream_stream(self, path: str, **_serializers: Any) -> Callable[..., Any]:
        def begin(requests: Outbox, metadata: Any) -> ScriptedStream:
            stream = ScriptedStream(path, requests)
            self.member.streams.put(stream)
            return stream

        return begin


class Cluster:
    """A dialer to scripted members, by their names."""

    def __init__(self, **members: Member) -> None:
        self.members = members
        self.endpoints = tuple(members)

    def dial(self, endpoint: str) -> Channel:
        return Channel(self.members[endpoint])

    def hang_up(self, channel: Channel) -> None:
        if channel.open:
            channel.open = False
            channel.member.open_channels -= 1

    def connection(self, *, password: str | None = None, first: str | None = None) -> Connection:
        """A connection whose first link goes to `first`, else to the first member."""
        clock, history = SystemClock(), History()
        credentials = Credentials(clock, None if password is None else "user", password)
        roster = Roster(clock, self, credentials, history)
        roster._next = self.endpoints.index(first or self.endpoints[0])
        return Connection(clock, roster, credentials, history)
