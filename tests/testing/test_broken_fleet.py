"""The fleet suite notices: every broken manager or store fails the case that stands against its mistake."""

from __future__ import annotations

import pytest

from coordination import Manager
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FleetContract, contract_tests
from tests.noticing import failure
from tests.testing.broken_fleet import BROKEN, BrokenHarness

Kind = type[MemoryStore] | type[Manager]


def harness_of(kind: Kind) -> BrokenHarness:
    """Managers of this kind, or on a store of this kind."""
    clock = FakeClock()
    store = kind(clock) if issubclass(kind, MemoryStore) else MemoryStore(clock)
    harness = BrokenHarness(lambda: store, clock.advance, period=10.0, clock=clock)
    harness.kind = kind if issubclass(kind, Manager) else Manager
    return harness


def fails(kind: Kind, name: str) -> bool:
    """Whether this test fails on it."""
    return failure(FleetContract, name, harness_of(kind)) is not None


@pytest.mark.parametrize("kind", [MemoryStore, Manager])
def test_the_healthy_fail_nothing(kind: Kind) -> None:
    """What the broken ones fail is due to their mistake."""
    assert [name for name in contract_tests(FleetContract) if fails(kind, name)] == []


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_the_mistake_is_noticed(kind: Kind) -> None:
    """The case that stands against this mistake fails."""
    assert fails(kind, BROKEN[kind])


def test_every_mistake_has_a_case_of_its_own() -> None:
    """No two rely on the same case, and each names one that exists."""
    named = list(BROKEN.values())
    assert len(named) >= 8
    assert len(set(named)) == len(named)
    assert set(named) <= set(contract_tests(FleetContract))
