"""The suite of pools notices: every mistake fails the case that stands against it."""

from __future__ import annotations

import pytest

from coordination.testing import PoolContract, contract_tests
from tests.members.failing import failure
from tests.pooling.broken import BROKEN, Mistake

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize("name", sorted(BROKEN.values()))
def test_the_healthy_fail_nothing(name: str) -> None:
    """What the broken ones fail is due to their mistake."""
    assert failure(PoolContract, name) is None


@pytest.mark.parametrize("mistake", BROKEN, ids=lambda mistake: mistake.__name__)
def test_the_mistake_is_noticed(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case that stands against it fails, and not because the mistake does not even run."""
    mistake(monkeypatch)
    error = failure(PoolContract, BROKEN[mistake])
    assert error is not None
    assert not isinstance(error, (TypeError, AttributeError, NameError))


def test_every_mistake_has_a_case_of_its_own() -> None:
    """No two rely on the same case, and each names one that exists."""
    named = list(BROKEN.values())
    assert len(named) >= 6
    assert len(set(named)) == len(named)
    assert set(named) <= set(contract_tests(PoolContract))
