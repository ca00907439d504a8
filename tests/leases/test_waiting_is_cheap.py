"""What waiting for a name asks of the store: next to nothing while nothing happens."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest

from coordination import AcquireTimeout, ConfigurationError, connect
from coordination.record import Record, Session
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.leases.world import eventually


class Telling(MemoryStore):
    """A store that tells of expiry, counts what it is asked, and may refuse every create or short ttl."""

    capabilities = replace(MemoryStore.capabilities, notices_expiry=True)

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.asked: Counter[str] = Counter()
        self.refusing = False
        self.shortest = 0.0

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        self.asked["open_session"] += 1
        if ttl < self.shortest:
            raise ConfigurationError(f"the period must be at least {self.shortest} s")
        return super().open_session(ttl, timeout=timeout)

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        return None if self.refusing else super().create(key, value, session, timeout=timeout)

    def read(self, key: str, *, timeout: float) -> Record | None:
        self.asked["read"] += 1
        return super().read(key, timeout=timeout)


@pytest.fixture
def clock() -> FakeClock:
    """Moved by the waiting itself."""
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> Telling:
    """Counts from its first call."""
    return Telling(clock)


def test_waiting_for_a_held_name_writes_nothing(store: Telling, clock: FakeClock) -> None:
    """One try at the beginning; from then on it looks, every two seconds, until somebody releases."""
    one, two = (connect(store, clock=clock, machine_id=name) for name in ("m1", "m2"))
    lease = one.acquire_lease("x", period=1000)
    assert lease is not None
    store.asked.clear()
    got: list[object] = []
    waiting = threading.Thread(target=lambda: got.append(two.wait_lease("x", period=1000, timeout=500)))
    waiting.start()
    for looks in range(1, 10):
        # It has looked once it waits: before that it might take the advance for the time of its look.
        eventually(lambda: store.asked["read"] >= looks and clock.waiters, "it looks")  # noqa: B023 - at once
        clock.advance(2.1)
    assert store.asked["open_session"] == 1
    assert lease.release()
    waiting.join(30.0)
    assert len(got) == 1
    assert store.asked["open_session"] == 2
    one.close()
    two.close()


def test_a_name_that_is_free_and_refused_is_not_asked_for_all_the_time(
    store: Telling, clock: FakeClock
) -> None:
    """As within Consul's lock-delay: no record is there and none can be made; tries become rare."""
    store.refusing = True
    waiter = connect(store, clock=clock)
    failed: list[BaseException] = []

    def wait() -> None:
        with pytest.raises(AcquireTimeout) as caught:
            waiter.wait_lease("x", period=15, timeout=30)
        failed.append(caught.value)

    waiting = threading.Thread(target=wait)
    waiting.start()
    for _ in range(4000):
        if failed:
            break
        clock.advance(0.05)
        waiting.join(0.001)
    waiting.join(5.0)
    assert failed
    assert store.asked["open_session"] < 250  # Eight a second at most; it was two hundred.
    waiter.close()


def test_a_cap_below_what_the_store_grants(store: Telling, clock: FakeClock) -> None:
    """The holder stops at its own deadline, although the store grants no such short ttl."""
    store.shortest = 10.0
    manager = connect(store, clock=clock)
    lease = manager.acquire_lease("x", period=15, not_after=clock.wall() + 4)
    assert lease is not None
    assert lease.deadline <= clock.now() + 4
    clock.advance(3.0)
    assert lease.held
    lease.renew()
    clock.advance(1.1)
    assert (lease.held, lease.lost) == (False, "expired")
    with pytest.raises(ConfigurationError, match="at least 10"):
        manager.acquire_lease("y", period=5)
    manager.close()
