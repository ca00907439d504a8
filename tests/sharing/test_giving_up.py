"""Calls that acquire and are cancelled, time out, fail or are closed: nothing is left behind."""

from __future__ import annotations

import pytest

from coordination.errors import (
    AcquireTimeout,
    ConfigurationError,
    StoreRefused,
    StoreUnavailable,
)
from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.place import Place
from tests.sharing.bench import Bench
from tests.sharing.broken import Refusing


def given(bench: Bench, place: Place) -> None:
    """Release it."""
    assert run(release(bench.blocking, place, 1.0))


def test_cancelled_in_the_line_it_leaves_no_record(bench: Bench) -> None:
    """The one behind waits for the holder then."""
    holder = bench.held()
    first, second = bench.acquiring(), bench.acquiring()
    assert first.cancel()
    bench.clean()
    assert len(bench.stored()) == 2
    given(bench, holder)
    assert second.to_the_end().held


def test_a_timeout_leaves_nothing_behind(bench: Bench, other: Bench) -> None:
    """The record is gone when the call returns."""
    holder = other.held()
    task = bench.acquiring(timeout=3.0)
    bench.let_pass(3.0)
    with pytest.raises(AcquireTimeout, match="'a' is held by another"):
        task.to_the_end()
    assert bench.stored() == [holder.key]
    assert bench.sharing._first == {}


def test_a_timeout_with_the_store_down_is_finished_in_the_background(bench: Bench, other: Bench) -> None:
    """The caller's time is over: the janitor removes the record."""
    holder = other.held()
    task = bench.acquiring(timeout=3.0)
    bench.connection.refuse("delete")
    bench.let_pass(3.0)
    with pytest.raises(AcquireTimeout):
        task.to_the_end()
    assert len(bench.stored()) == 2
    bench.clean()
    assert bench.stored() == [holder.key]


def test_cancelled_while_it_gives_up(bench: Bench, other: Bench) -> None:
    """The timeout had passed and the removal was under way: the background goes on with it."""
    holder = other.held()
    task = bench.acquiring(timeout=3.0)
    bench.let_pass(3.0)
    bench.runtime.slow = True
    task.go()
    assert task.cancel()
    bench.clean()
    assert bench.stored() == [holder.key]


def test_a_timeout_while_another_of_ours_enters(bench: Bench) -> None:
    """It never had a place; the one who enters is not disturbed."""
    bench.shared()
    bench.runtime.slow = True
    first = bench.acquiring()
    second = bench.acquiring(timeout=2.0)
    bench.let_pass(2.0)
    with pytest.raises(AcquireTimeout):
        second.to_the_end()
    assert first.to_the_end().held


def test_no_time_at_all_is_one_try(bench: Bench) -> None:
    """Free: acquired. Held: told so."""
    place = bench.acquiring(timeout=0.0).to_the_end()
    assert place.held
    with pytest.raises(AcquireTimeout):
        bench.acquiring(timeout=0.0).to_the_end()
    assert bench.stored() == [place.key]


def test_an_outage_is_waited_out_within_the_time(bench: Bench) -> None:
    """Tried again soon, and at the end the store's own error is told."""
    bench.connection.cut()
    task = bench.acquiring(timeout=10.0)
    patient = bench.acquiring("b")
    for _ in range(20):
        bench.let_pass(0.4)
        assert not task.go()
    bench.let_pass(2.5)
    with pytest.raises(StoreUnavailable):
        task.to_the_end()
    bench.connection.mend()
    bench.let_pass(1.0)
    patient.go()
    bench.let_pass(1.0)
    assert patient.to_the_end().held


def test_a_refusal_is_told_at_once(bench: Bench) -> None:
    """Waiting does not help."""
    bench.connection.before("enter", Refusing())
    with pytest.raises(StoreRefused):
        bench.acquiring().to_the_end()
    assert bench.sharing._first == {}
    assert bench.held().held


def test_closed_while_it_waits(bench: Bench, other: Bench) -> None:
    """Told so, whichever it waited for."""
    other.held()
    waiting = bench.acquiring()
    bench.connection.cut()
    riding = bench.acquiring("b")
    bench.closed = True
    bench.sharing.close(0.0)
    bench.let_pass(2.0)
    for task in (waiting, riding):
        with pytest.raises(ConfigurationError):
            task.to_the_end()
