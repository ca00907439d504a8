"""How long one request of a beat may take, with leases and shared sessions that wait for their turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination import Manager, connect
from coordination.keeper import Keeper
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock


@pytest.fixture
def manager() -> Iterator[Manager]:
    """Of this test alone."""
    clock = FakeClock()
    with connect(MemoryStore(clock), clock=clock, timeout=5.0) as manager:
        yield manager


def keeper(manager: Manager) -> Keeper:
    """Which has the patience."""
    return manager._keeper


def test_alone_it_is_a_quarter_of_the_ttl(manager: Manager) -> None:
    """So that another try fits; never more than the manager's timeout, never nothing at all."""
    assert keeper(manager).patience(12.0) == 3.0
    assert keeper(manager).patience(100.0) == 5.0
    assert keeper(manager).patience(0.001) == 0.02
    manager.lock("a", ttl=12.0).acquire()
    assert keeper(manager).patience(12.0) == 3.0


def test_with_another_session_it_is_an_eighth_of_the_shortest_ttl(manager: Manager) -> None:
    """A store that hangs for the one must not cost the other its belief."""
    manager.lock("a", ttl=60.0).acquire()
    manager.lock("b", ttl=8.0).acquire()
    assert keeper(manager).patience(60.0) == 1.0
    assert keeper(manager).patience(8.0) == 1.0


def test_with_a_kept_lease_the_same(manager: Manager) -> None:
    """They share the heartbeat."""
    manager.lock("a", ttl=60.0).acquire()
    lease = manager.acquire_lease("l", period=16.0)
    assert lease is not None
    lease.keep_alive()
    assert keeper(manager).patience(60.0) == 2.0


def test_a_session_that_is_over_waits_for_nothing(manager: Manager) -> None:
    """Only those alive count."""
    hold = manager.lock("b", ttl=8.0).acquire()
    manager.lock("a", ttl=60.0).acquire()
    hold._place.shared.lose("revoked")
    assert keeper(manager).patience(60.0) == 5.0
    assert keeper(manager).patience(12.0) == 3.0
