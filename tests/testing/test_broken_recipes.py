"""The suite of recipes notices: every broken lock or store fails the case that stands against its mistake."""

from __future__ import annotations

from typing import Any

import pytest

from coordination import Manager
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, RecipeContract, contract_tests
from tests.testing.broken_recipes import BROKEN, BrokenHarness, RunsOnceIfItWorks

PATIENCE = 5.0
"""Real seconds for what never comes, where a lock is broken."""


def harness_of(kind: type[Any]) -> BrokenHarness:
    """Managers of this kind, or on a store of this kind."""
    clock = FakeClock()
    store = kind(clock) if issubclass(kind, MemoryStore) else MemoryStore(clock)
    harness = BrokenHarness(lambda: store, clock.advance, period=10.0, clock=clock, patience=PATIENCE)
    harness.kind = kind
    if kind is RunsOnceIfItWorks:
        harness.face.once = kind  # type: ignore[method-assign]
    return harness


def failure(kind: type[Any], name: str) -> BaseException | None:
    """Why this test fails on it; None if it passes."""
    harness = harness_of(kind)
    try:
        getattr(RecipeContract(), name)(harness)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  not passed is not passed
        return error
    finally:
        harness.close()
    return None


@pytest.mark.parametrize("name", sorted(BROKEN.values()))
def test_the_healthy_fail_nothing(name: str) -> None:
    """What the broken ones fail is due to their mistake."""
    assert failure(Manager, name) is None


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_the_mistake_is_noticed(kind: type[Any]) -> None:
    """The case that stands against this mistake fails, and not because the mistake does not even run."""
    error = failure(kind, BROKEN[kind])
    assert error is not None
    assert not isinstance(error, (TypeError, AttributeError, NameError))


def test_every_mistake_has_a_case_of_its_own() -> None:
    """No two rely on the same case, and each names one that exists."""
    named = list(BROKEN.values())
    assert len(named) >= 5
    assert len(set(named)) == len(named)
    assert set(named) <= set(contract_tests(RecipeContract))
