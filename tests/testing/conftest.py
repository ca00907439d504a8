"""A faulty store around a healthy one, on a fake clock, for the tests of the faulty store."""

from __future__ import annotations

import pytest

from coordination.record import Session
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FaultyStore, Handle


@pytest.fixture
def clock() -> FakeClock:
    """A clock of its own for each test."""
    return FakeClock()


@pytest.fixture
def inner(clock: FakeClock) -> MemoryStore:
    """The healthy store inside."""
    return MemoryStore(clock)


@pytest.fixture
def faulty(inner: MemoryStore, clock: FakeClock) -> FaultyStore:
    """The store under test."""
    return FaultyStore(inner, clock)


@pytest.fixture
def store(faulty: FaultyStore) -> Handle:
    """The same with its timeouts, of five seconds, filled in."""
    return Handle(faulty, ttl=10.0, timeout=5.0)


@pytest.fixture
def session(inner: MemoryStore) -> Session:
    """A session that was opened before anything went wrong."""
    return inner.open_session(10.0, timeout=5.0)
