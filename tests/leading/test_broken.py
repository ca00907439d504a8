"""The suite of leadership notices: every mistake fails the case that stands against it."""

from __future__ import annotations

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, LeaderContract, LeaderHarness, contract_tests
from tests.leading.broken import BROKEN, Mistake

pytestmark = pytest.mark.untraced

PATIENCE = 3.0
"""Real seconds for what never comes, where something is broken."""


def failure(name: str) -> BaseException | None:
    """Why this test fails now; None if it passes."""
    clock = FakeClock()
    store = MemoryStore(clock)
    harness = LeaderHarness(lambda: store, clock.advance, period=10.0, clock=clock, patience=PATIENCE)
    try:
        getattr(LeaderContract(), name)(harness)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  not passed is not passed
        return error
    finally:
        harness.close()
    return None


@pytest.mark.parametrize("name", sorted(BROKEN.values()))
def test_the_healthy_fail_nothing(name: str) -> None:
    """What the broken ones fail is due to their mistake."""
    assert failure(name) is None


@pytest.mark.parametrize("mistake", BROKEN, ids=lambda mistake: mistake.__name__)
def test_the_mistake_is_noticed(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case that stands against this mistake fails, and not because the mistake does not even run."""
    mistake(monkeypatch)
    error = failure(BROKEN[mistake])
    assert error is not None
    assert not isinstance(error, (TypeError, AttributeError, NameError))


def test_every_mistake_has_a_case_of_its_own() -> None:
    """No two rely on the same case, and each names one that exists."""
    named = list(BROKEN.values())
    assert len(named) >= 6
    assert len(set(named)) == len(named)
    assert set(named) <= set(contract_tests(LeaderContract))
