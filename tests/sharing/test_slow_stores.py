"""A store that is slower than the ttl: nobody is told a lie, spins, or waits beyond his time."""

from __future__ import annotations

import pytest

from coordination.errors import StoreUnavailable
from tests.sharing.bench import TTL, Bench
from tests.sharing.stepping import Task


def test_breaker_11_the_callers_time_is_kept(bench: Bench) -> None:
    """Every session was dead before its first use was answered: `acquire(timeout=1)` never ended."""
    bench.connection.after("enter", lambda: bench.let_pass(TTL), times=999)
    task = bench.acquiring(timeout=3 * TTL)
    for _ in range(20):
        bench.let_pass(1.0)
        task.go()
    with pytest.raises(StoreUnavailable, match="session ended"):
        task.to_the_end()
    assert bench.connection.calls.count("open_session") <= 4


def test_breaker_11_nobody_begins_anew_without_a_pause(bench: Bench) -> None:
    """Hundreds of sessions were opened in a second."""

    def die() -> None:
        bench.inner.close_session(bench.sharing.sessions()[-1].session, timeout=1.0)

    bench.connection.before("enter", die, times=999)
    task = bench.acquiring()
    assert not task.go(30)
    assert bench.connection.calls.count("open_session") == 2
    for _ in range(10):
        bench.let_pass(1.0)
        task.go()
    assert bench.connection.calls.count("open_session") == 12
    bench.connection._plans.before.clear()
    bench.let_pass(1.0)
    assert task.to_the_end().held


@pytest.mark.parametrize("when", ["after", "before"], ids=["slow answers", "dead sessions"])
def test_breaker_11_one_try_does_not_say_held_by_another(bench: Bench, when: str) -> None:
    """The lock was free; the store could not serve in time."""
    getattr(bench.connection, when)("enter", lambda: bench.let_pass(TTL), times=2)
    with pytest.raises(StoreUnavailable, match="session ended"):
        Task(bench.acquisition().once()).to_the_end()
    bench.clean()
    assert bench.stored() == []


def test_breaker_22_no_time_at_all_and_a_session_that_had_died(bench: Bench) -> None:
    """The lock was free, and it said that another held it: one try means one that can succeed."""
    shared = bench.shared()
    bench.inner.close_session(shared.session, timeout=1.0)
    place = bench.acquiring(timeout=0.0).to_the_end()
    assert place.held
    assert place.shared is not shared


def test_a_session_that_is_lost_once_costs_no_pause(bench: Bench) -> None:
    """The next one is used at once."""
    bench.shared()
    bench.connection.after("enter", lambda: bench.let_pass(TTL))
    assert bench.acquiring().done
