"""The bridge by which blocking suites drive the asyncio face: on its loop, wrapped on the way back."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from coordination import LeaseLost, aio
from coordination.stores.memory import MemoryStore
from coordination.testing import Bridge, ManagerHarness
from coordination.testing.bridge import Bridged


def test_calls_are_made_on_its_loop() -> None:
    """Answers of the asyncio face come back wrapped, all others as they are, errors as themselves."""
    bridge = Bridge()
    manager = bridge.connect("memory://", machine_id="m1")
    lease: Any = manager.acquire_lease("a")
    assert isinstance(lease, Bridged)
    assert isinstance(lease.bridged, aio.Lease)
    assert (lease.held, lease.machine_id, manager.read("nothing")) == (True, "m1", None)
    assert lease.keep_alive() == lease
    assert [it.token for it in manager.list_leases()] == [lease.token]
    assert lease.release() is True
    with pytest.raises(LeaseLost):
        lease.renew()
    manager.close()
    bridge.close()
    assert not bridge.loop.is_running()


def test_callbacks_may_call_what_they_are_handed() -> None:
    """They run off the loop, as the blocking face's do, and so may wait for it."""
    bridge = Bridge()
    manager = bridge.connect("memory://")
    lease = manager.acquire_lease("a")
    assert lease is not None
    told, done = [], threading.Event()

    def callback(lost: object, reason: str) -> None:
        told.append((lost, reason, manager.acquire_lease("b") is not None))
        done.set()

    lease.on_lost(callback)
    assert manager.steal_lease("a", None, 0, 15.0, lease.index) is not None
    with pytest.raises(LeaseLost):
        lease.renew()
    assert done.wait(20.0)
    assert told == [(lease, "stolen", True)]
    manager.close()
    bridge.close()


def test_watches_and_blocks_work_as_on_the_blocking_face() -> None:
    """`for`, `with`, and a generator that is dropped in the middle."""
    bridge = Bridge()
    store = MemoryStore()
    with bridge.connect(store) as manager:
        states = manager.watch("a")
        assert next(states) is None
        with manager.wait_lease("a") as lease:
            seen = next(states)
            assert seen is not None
            assert seen.token == lease.token
        del states
        assert not store._watches
        assert manager.get_lease("a") is None
    bridge.close()


@pytest.mark.parametrize("face", [False, True])
def test_the_harness_opens_managers_of_the_face_it_is_asked_for(*, face: bool) -> None:
    """A suite that says it ran on asyncio did."""
    harness = ManagerHarness(MemoryStore, lambda _seconds: None, period=10.0, aio=face)
    manager: object = harness.manager()
    assert isinstance(manager, Bridged) == face
    harness.close()
