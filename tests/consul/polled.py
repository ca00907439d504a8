"""A Consul for watches, without a network: keys with indexes, long polls that wait, and a count of it all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qs, unquote

from coordination.clock import Clock
from coordination.errors import StoreError, StoreUnavailable
from coordination.stores.consul.answers import Entry
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Answer, Request
from coordination.stores.consul.transactions import Operation, Outcome, Transactions
from coordination.stores.consul.watches import Watches

PATIENCE = 10.0


def eventually(condition: Callable[[], object]) -> bool:
    """Wait for what another thread brings about."""
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def entry(key: str, index: int) -> dict[str, Any]:
    """As Consul shows it."""
    return {"Key": key, "ModifyIndex": index, "CreateIndex": 1, "Value": None, "Flags": 0}


class FakeConsul:
    """Stands for the cluster and for its transactions. `failure` is raised by whatever is asked."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.failure: StoreError | None = None
        self.polls: list[tuple[str, str]] = []
        self.looks: list[list[Operation]] = []
        self.deaf: set[str] = set()
        """Paths whose polls are not woken by anything but their end."""
        self.before_look: Callable[[], None] = lambda: None
        self._index = 10
        self._deleted: dict[str, int] = {}
        self._moved = threading.Condition()

    def watches(self, clock: Clock | None = None) -> Watches:
        """Watches on this Consul, under the prefix `p`."""
        return Watches(cast(Cluster, self), cast(Transactions, self), Keys("p"), clock)

    def put(self, key: str) -> int:
        """Write a key of the contract; its index."""
        with self._moved:
            self._index += 1
            self.keys[Keys("p").stored(key)] = self._index
            self._moved.notify_all()
            return self._index

    def hidden(self, key: str) -> int:
        """Write it without waking anybody, as if somebody else wrote before a poll could answer."""
        with self._moved:
            self._index += 1
            self.keys[Keys("p").stored(key)] = self._index
            return self._index

    def rest(self) -> None:
        """Let a little time pass."""
        time.sleep(0.1)

    def flash(self, key: str) -> None:
        """Write and delete it before any poll can wake."""
        with self._moved:
            self.put(key)
            self.drop(key)

    def drop(self, key: str) -> None:
        """Delete it."""
        with self._moved:
            self._index += 1
            stored = Keys("p").stored(key)
            del self.keys[stored]
            self._deleted[stored] = self._index
            self._moved.notify_all()

    def fail(self, failure: StoreError | None) -> None:
        """Answer everything like this, polls under way as well; None: serve again."""
        with self._moved:
            self.failure = failure
            self._moved.notify_all()

    # What the watches ask for.

    def demand(self) -> None:
        self._demand()

    def line(self) -> FakeLine:
        return FakeLine(self)

    def ask(
        self, request: Request, reading: Callable[[Answer], Any], timeout: float, expected: Sequence[int]
    ) -> Any:
        self._demand()
        self.polls.append((request.path, request.query))
        answer = self._answer(request.path, request.query)
        assert answer.status in expected
        assert timeout > 0
        return reading(answer)

    def read(self, operations: Sequence[Operation], timeout: float) -> Outcome:
        self._demand()
        assert len(operations) <= 64
        assert timeout > 0
        self.looks.append(list(operations))
        self.before_look()
        with self._moved:
            now = dict(self.keys)
        complaints = {
            place: "no" for place, operation in enumerate(operations) if not _holds(operation["KV"], now)
        }
        if complaints:
            return Outcome([], complaints)
        shown = [operation["KV"]["Key"] for operation in operations if operation["KV"]["Key"] in now]
        return Outcome([Entry(entry(key, now[key])) for key in shown], {})

    def poll(self, line: FakeLine, path: str, query: str) -> Answer:
        """What a line asks for; waits in real time, but never for longer than a test."""
        self.polls.append((path, query))
        asked = parse_qs(query)
        last = int(asked["index"][0]) if "index" in asked else 0
        with self._moved:
            self._demand()
            self._moved.wait_for(
                lambda: line.closed or self.failure or self._news(path, query, last), 3 * PATIENCE
            )
            if line.closed:
                raise StoreUnavailable("closed")
            self._demand()
            return self._answer(path, query)

    def wake(self) -> None:
        """Let polls look again whether they are over."""
        with self._moved:
            self._moved.notify_all()

    def _demand(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _news(self, path: str, query: str, last: int) -> bool:
        return path not in self.deaf and self._answer(path, query).index > last

    def _answer(self, path: str, query: str) -> Answer:
        stored = unquote(path.removeprefix("/v1/kv/"))
        if "keys" not in query:
            if stored not in self.keys:
                return Answer(404, self._index, b"")
            index = self.keys[stored]
            return Answer(200, index, json.dumps([entry(stored, index)]).encode())
        below = {key: index for key, index in self.keys.items() if key.startswith(stored)}
        gone = [index for key, index in self._deleted.items() if key.startswith(stored)]
        index = max([*below.values(), *gone], default=self._index)
        names = sorted({stored + "/"} if "separator" in query and below else below)
        return Answer(200 if below else 404, index, json.dumps(names).encode())


class FakeLine:
    """One connection for long polls."""

    def __init__(self, consul: FakeConsul) -> None:
        self._consul = consul
        self.closed = False

    def get(self, path: str, query: str, timeout: float) -> Answer:
        assert timeout > 26
        return self._consul.poll(self, path, query)

    def close(self) -> None:
        self.closed = True
        self._consul.wake()


def _holds(operation: Mapping[str, Any], now: Mapping[str, int]) -> bool:
    key, verb = operation["Key"], operation["Verb"]
    if verb == "check-not-exists":
        return key not in now
    if verb == "check-index":
        return bool(now.get(key) == operation["Index"])
    assert verb == "get"
    return key in now
