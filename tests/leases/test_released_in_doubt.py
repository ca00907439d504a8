"""A release whose answer was lost, where somebody has the name by the time that can be looked up."""

from __future__ import annotations

import pytest

from coordination import LeaseLost, connect
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore


@pytest.fixture
def store() -> FaultyStore:
    """What one process talks to; the other one's connection is its `inner`."""
    return FaultyStore(MemoryStore())


def test_a_successor_is_no_thief(store: FaultyStore) -> None:
    """It was free when the next one came: that is a release, not a loss."""
    with connect(store) as manager, connect(store.inner) as other:
        lease = manager.acquire_lease("a")
        assert lease is not None
        store.lose_answer("delete")
        store.before("read", lambda: other.acquire_lease("a"))
        assert lease.release() is True
        assert lease.lost is None
        there = other.get_lease("a")
        assert there is not None
        assert there.token > lease.token


def test_a_thief_is_one(store: FaultyStore) -> None:
    """It was stolen before the release was asked for: whatever became of the answer, that is a loss."""
    with connect(store) as manager, connect(store.inner) as other:
        lease = manager.acquire_lease("a")
        assert lease is not None
        assert other.steal_lease("a", "thief", 1, 15.0, lease.index) is not None
        store.lose_answer("delete")
        with pytest.raises(LeaseLost) as lost:
            lease.release()
        assert lost.value.reason == "stolen"
        there = other.get_lease("a")
        assert there is not None
        assert there.machine_id == "thief"
