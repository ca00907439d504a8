"""Who owns which unit of a pool, by the records at etcd alone: a watch that misses nothing."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple, Self

from coordination.pooling.keys import keys_of, name_in
from coordination.sharing.values import contender_of
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.schema import DELETE
from integration.etcd.raw import Raw


class Change(NamedTuple):
    """A unit has got an owner, or has none any more."""

    at: float
    unit: str
    machine: str | None


class Owners:
    """The owners' records, from the beginning of a block to its end."""

    def __init__(self, endpoint: str, pool: str) -> None:
        self._folder = keys_of("", pool).owners
        self._raw = Raw(endpoint)
        self._over = threading.Event()
        self._created = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.owner: dict[str, str] = {}
        self.changes: list[Change] = []

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._created.wait(10.0):
            raise RuntimeError("the watch was not answered")
        return self

    def __exit__(self, *_failure: object) -> None:
        self._over.set()
        self._raw.channel.close()
        self._thread.join(10.0)

    def loads(self, machines: Collection[str]) -> Counter[str]:
        """How many units each of them has; 0 for those without."""
        loads = Counter(dict.fromkeys(machines, 0))
        loads.update(machine for machine in self.owner.copy().values() if machine in loads)
        return loads

    def spread(self, machines: Collection[str]) -> int:
        """Most less fewest units."""
        loads = self.loads(machines).values()
        return max(loads) - min(loads)

    def owned_by(self, machines: Collection[str]) -> int:
        """Units that one of these has."""
        return self.loads(machines).total()

    def quiet(self, seconds: float) -> bool:
        """Whether nothing has changed for so long."""
        return not self.changes or time.monotonic() - self.changes[-1].at >= seconds

    def taken_since(self, began: float) -> list[Change]:
        """Every time that a unit got an owner."""
        return [it for it in self.changes if it.at >= began and it.machine is not None]

    def _read(self) -> None:
        import grpc

        request, response = message("WatchRequest"), message("WatchResponse")
        stub = self._raw.channel.stream_stream(
            "/etcdserverpb.Watch/Watch", request.SerializeToString, response.FromString
        )
        try:
            for answer in stub(self._asked(request)):
                self._created.set()
                self._note(answer.events)
        except grpc.RpcError:
            if not self._over.is_set():
                raise
        except ValueError:
            pass  # Closed.

    def _asked(self, request: Any) -> Any:
        start = self._folder.encode()
        yield request(create_request={"key": start, "range_end": start[:-1] + bytes([start[-1] + 1])})
        self._over.wait()

    def _note(self, events: Any) -> None:
        now = time.monotonic()
        for event in events:
            unit = name_in(self._folder, event.kv.key.decode())
            if unit is None:
                continue  # Nobody here writes such a key.
            machine = None if event.type == DELETE else contender_of(event.kv.value).machine_id
            if machine is None:
                self.owner.pop(unit, None)
            elif event.kv.create_revision != event.kv.mod_revision:
                continue  # Its owner wrote it once more.
            else:
                self.owner[unit] = machine
            self.changes.append(Change(now, unit, machine))
