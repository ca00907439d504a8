"""The suite notices: every broken store fails the test that was written against its mistake."""

from __future__ import annotations

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import (
    BatchedRenewalsContract,
    DeparturesContract,
    FakeClock,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    StoreContract,
    StoreHarness,
    contract_tests,
)
from tests.noticing import AMPLE
from tests.testing.broken_reads import KeepsText
from tests.testing.broken_stores import BROKEN


class Suite(
    StoreContract,
    GuardedWritesContract,
    BatchedRenewalsContract,
    QueuesContract,
    DeparturesContract,
    ProofsContract,
):
    """The whole suite, called by hand."""


def harness_of(kind: type[MemoryStore]) -> StoreHarness:
    """A fresh store of this kind, and little patience: everything it does, it does at once.

    The healthy one fails nothing, however long a busy machine makes it stand still.
    """
    clock = FakeClock()
    store = kind(clock)
    patience = AMPLE if kind is MemoryStore else 0.3
    return StoreHarness(lambda: store, clock.advance, ttl=10.0, patience=patience)


def failures(kind: type[MemoryStore]) -> dict[str, str]:
    """The names of the tests that fail on such a store, each with what it said; a skip is let through."""
    failed: dict[str, str] = {}
    for name in contract_tests(Suite):
        try:
            getattr(Suite(), name)(harness_of(kind))
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  not passed is not passed
            failed[name] = str(error)
    return failed


def test_the_healthy_store_fails_nothing() -> None:
    """What the broken ones fail is due to their mistake."""
    assert not failures(MemoryStore)


@pytest.mark.untraced
@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_the_mistake_is_noticed(kind: type[MemoryStore]) -> None:
    """The test that stands against this mistake fails."""
    assert BROKEN[kind] in failures(kind)


def test_every_mistake_has_a_test_of_its_own() -> None:
    """No two broken stores rely on the same test, and each names one that exists."""
    named = list(BROKEN.values())
    assert len(named) >= 8
    assert len(set(named)) == len(named)
    assert set(named) <= set(contract_tests(Suite))


def test_failures_explain_themselves() -> None:
    """The shipped suite's asserts are rewritten: a failure shows the values that were compared."""
    explained = failures(KeepsText)[BROKEN[KeepsText]]
    assert explained.startswith("assert ")
    assert "xff" in explained
