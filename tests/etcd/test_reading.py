"""Reading while leases are moved to other sessions, end, or are too many to ask for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from coordination.record import Record
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.opening import store_on
from coordination.stores.etcd.requests import session_id
from coordination.stores.etcd.settings import settings_of
from coordination.stores.etcd.store import EtcdStore
from coordination.testing import FakeClock
from tests.etcd.scripted import Cluster, Member, header

T = 10.0
TTL = 30


@dataclass
class Moving:
    """A key that hangs on these leases one after the other: a look at a dead one moves it to the next.

    From the last it is not moved; it goes with it if no lease is alive at all.
    """

    leases: list[int]
    alive: set[int]
    slow: float = 0.0
    clock: FakeClock = field(default_factory=FakeClock)
    asked: list[int] = field(default_factory=list)

    def script(self, name: str, request: Any) -> Any:
        """Answer as etcd does; `slow` seconds pass on the clock for each question about a lease."""
        if name == "Range":
            pairs = [self._pair(request.key)] if self.leases else []
            return message("RangeResponse")(header=header(), kvs=pairs)
        assert name == "LeaseTimeToLive", "nothing else may be asked"
        self.clock.advance(self.slow)
        self.asked.append(request.ID)
        if request.ID in self.alive:
            return message("LeaseTimeToLiveResponse")(header=header(), ID=request.ID, TTL=20, grantedTTL=TTL)
        if len(self.leases) > 1 or not self.alive:
            del self.leases[0]
        return message("LeaseTimeToLiveResponse")(header=header(), ID=request.ID, TTL=-1)

    def _pair(self, key: bytes) -> Any:
        return message("KeyValue")(
            key=key, value=b"v", create_revision=1, mod_revision=1, lease=self.leases[0]
        )

    def store(self) -> EtcdStore:
        """On one member that plays this."""
        settings = settings_of(urlsplit("etcd://a"), {}, plaintext_password=False)
        store = store_on(settings, Cluster(a=Member(self.script)))
        store._reading._clock = self.clock
        return store


def on(lease: int, key: str = "/leases/a") -> Record:
    """A record as a list answers it."""
    return Record(key, b"v", 1, 1, session_id(lease))


def test_a_record_that_is_being_moved_is_there() -> None:
    """Its old lease is dead by the time it is asked for: the record is read again, on its new one."""
    record = Moving([1, 2, 3], {3}).store().read("/leases/a", timeout=T)
    assert record is not None
    assert (record.session, record.ttl, record.time_left) == (session_id(3), TTL, 21)


def test_a_record_that_is_always_moved_is_there() -> None:
    """It is not looked for without end, and then answered without its time left."""
    moving = Moving([*range(1, 1000)], {1000})
    record = moving.store().read("/leases/a", timeout=T)
    assert record is not None
    assert (record.ttl, record.time_left) == (None, None)
    assert len(moving.asked) < 10


def test_a_record_that_went_with_its_lease_is_gone() -> None:
    """Revoked between the two questions."""
    assert Moving([1], set()).store().read("/leases/a", timeout=T) is None


def test_a_record_on_a_dead_lease_is_gone() -> None:
    """Expired, and not yet swept away: it is not asked for again and again."""
    moving = Moving([1], {2})
    assert moving.store().read("/leases/a", timeout=T) is None
    assert moving.asked == [1]


def test_a_list_keeps_what_is_being_moved() -> None:
    """As `read` does; what is really gone is left out, and a lease is asked for once."""
    moving = Moving([1, 2], {2, 5})
    records = moving.store().timed([on(5), on(5, "/leases/b"), on(1)], timeout=T)
    assert [(it.key, it.session, it.time_left) for it in records] == [
        ("/leases/a", session_id(5), 21),
        ("/leases/b", session_id(5), 21),
        ("/leases/a", session_id(2), 21),
    ]
    assert moving.asked == [5, 1, 2]
    assert list(Moving([1], set()).store().timed([on(1)], timeout=T)) == []


@pytest.mark.parametrize("slow", [0.5, 0.05])
def test_a_list_takes_half_of_its_time_for_times(slow: float) -> None:
    """The records that come later are answered as they were listed, none is left out, none is an error."""
    moving = Moving([1], set(range(1, 1001)), slow)
    listed = [on(lease, f"/leases/{lease}") for lease in range(1, 1001)]
    records = moving.store().timed(listed, timeout=T)
    count = int(T / 2 / slow)
    assert moving.clock.now() - FakeClock().now() == pytest.approx(T / 2, abs=2 * slow)
    assert len(moving.asked) == pytest.approx(count, abs=1)
    assert [it.key for it in records] == [it.key for it in listed]
    assert [it.time_left for it in records] == [21] * len(moving.asked) + [None] * (1000 - len(moving.asked))


def test_without_time_nobody_is_asked() -> None:
    """A list that took all of the time is answered nevertheless."""
    moving = Moving([1], {1})
    assert list(moving.store().timed([on(1)], timeout=0.0)) == [on(1)]
    assert moving.asked == []
