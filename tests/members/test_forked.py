"""A child of fork is in no group and owns no unit, and disturbs neither its parent's records nor beliefs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from coordination import ConfigurationError, LeaseLost, Manager, connect
from coordination.stores.memory import MemoryStore


@pytest.fixture
def store() -> MemoryStore:
    """What the parent's records are in."""
    return MemoryStore()


@pytest.fixture
def manager(store: MemoryStore) -> Iterator[Manager]:
    """The parent's."""
    with connect(store, machine_id="m1") as manager:
        yield manager


def records(store: MemoryStore) -> list[Any]:
    """Everything that hangs on a session, and how often it was written."""
    listed = store.list("", timeout=1.0)
    return [(it.key, it.created, it.index) for it in listed if it.session is not None]


def test_a_membership_in_a_child(
    manager: Manager, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has not joined there, every call says whose it is, and the parent stays a member."""
    membership = manager.membership("web")
    membership.join()
    before = records(store)
    with monkeypatch.context() as child:
        child.setattr(manager._keeper.home, "pid", -1)
        assert membership.joined is False
        for call in (membership.join, membership.members, membership.watch, lambda: manager.membership("db")):
            with pytest.raises(ConfigurationError, match="process"):
                call()
        with pytest.raises((ConfigurationError, LeaseLost)):
            membership.leave()
        manager.close()
    assert (records(store), membership.joined) == (before, True)
    assert [it.machine_id for it in membership.members()] == ["m1"]
    assert membership.leave() is True


def test_a_pool_in_a_child(manager: Manager, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is owned there, and nothing can be obtained or given up; the parent keeps its units."""
    pool = manager.pool("shards")
    assert pool.add("1")
    (unit,) = pool.balance()
    assert unit.checkpoint("parent's") > 0
    before = records(store)
    with monkeypatch.context() as child:
        child.setattr(manager._keeper.home, "pid", -1)
        assert (unit.held, unit.lost, pool.owned()) == (False, "forked", [])
        calls = (pool.obtain, pool.wait_obtain, pool.units, pool.balance, lambda: pool.claim(1))
        for call in (*calls, lambda: pool.add("2"), lambda: pool.remove("1"), lambda: manager.pool("a")):
            with pytest.raises(ConfigurationError, match="process"):
                call()
        for refused in (unit.release, lambda: unit.checkpoint("child's"), unit.check):
            with pytest.raises(LeaseLost) as loss:
                refused()
            assert loss.value.reason == "forked"
        with pytest.raises(ConfigurationError, match="process"):
            pool.drain()
        manager.close()
    assert (records(store), unit.held, pool.owned()) == (before, True, [unit])
    assert unit.restore() == "parent's"
    assert pool.drain() == 0
