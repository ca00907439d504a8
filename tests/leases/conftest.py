"""Every test of lease semantics runs on the memory store and on the file store, on a fake clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import Manager
from coordination.stores.file.store import FileStore
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.leases.batching import Fleet, fleet
from tests.leases.late import LateStore
from tests.leases.world import World


@pytest.fixture
def clock() -> FakeClock:
    """Stands still until told to move."""
    return FakeClock()


def _memory(clock: FakeClock) -> World:
    store = MemoryStore(clock)

    def stored() -> list[str]:
        store.list("", timeout=5.0)  # Expiry is judged at each call.
        return [*store._state.records, *store._state.sessions]

    return World(clock, lambda: store, stored)


def _files(clock: FakeClock, folder: Path) -> World:
    def stored() -> list[str]:
        # Not rglob: it fails where a folder, like a foreign lock, goes while it is looked at.
        names = {name for _, _, files in os.walk(folder) for name in files}
        return sorted(name for name in names if name.endswith(".json"))

    return World(clock, lambda: FileStore(folder, clock, durable=False), stored)


@pytest.fixture(params=["memory", "file"])
def world(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Iterator[World]:
    """A storage that only this test uses."""
    world = _memory(clock) if request.param == "memory" else _files(clock, tmp_path / "leases")
    yield world
    world.close()


@pytest.fixture
def store(world: World) -> LateStore:
    """The connection of `manager`."""
    return world.store()


@pytest.fixture
def manager(world: World, store: LateStore) -> Manager:
    """The manager of the machine m1."""
    return world.manager(store, machine_id="m1")


@pytest.fixture
def other(world: World) -> Manager:
    """The manager of another machine, m2, on a connection of its own."""
    return world.manager(machine_id="m2")


@pytest.fixture
def many(clock: FakeClock) -> Iterator[Fleet]:
    """A manager that keeps many leases, on a store that counts its calls."""
    many = fleet(clock)
    yield many
    many.store.hole_ends = 0.0
    many.manager.close()
