"""The waiters of one name: their order, who of them looks, and hints that are believed once."""

from __future__ import annotations

from functools import partial

import pytest

from coordination.sharing.line import Line
from coordination.sharing.place import Place
from coordination.sharing.session import Shared
from coordination.sharing.waiter import Waiter
from tests.sharing.bench import Bench, folder
from tests.sharing.stepping import Bell

A = folder("a")


def waiter(line: Line | None = None) -> Waiter:
    """One call, which can be woken; it waits in the line."""
    made = Waiter()
    made.signal = Bell()
    if line is not None:
        line.join(made)
    return made


def woken(one: Waiter) -> bool:
    """Whether it was woken since the last time."""
    bell = one.signal
    assert isinstance(bell, Bell)
    rung, bell.rung = bell.rung, False
    return rung


def place(shared: Shared, created: int) -> Place:
    """One in the queue, as of then."""
    made = shared.place(A, None)
    made.created = created
    return made


@pytest.fixture
def line(bench: Bench) -> Line:
    """Of the lock a."""
    return Line(bench.sharing, A)


def placed(bench: Bench, line: Line, *created: int) -> list[Waiter]:
    """Waiters with places of these ages, entered in this order."""
    shared, waiters = bench.shared(), [waiter(line) for _ in created]
    for one, when in zip(waiters, created, strict=True):
        line.placed(one, place(shared, when), look=False)
    return waiters


def test_the_first_is_who_has_the_oldest_record(bench: Bench, line: Line) -> None:
    """Whatever the order in which the answers came."""
    late, early = placed(bench, line, 7, 3)
    assert line.is_first(early)
    assert not line.is_first(late)
    line.quit(early)
    assert line.is_first(late)
    assert woken(late)


def test_who_becomes_the_first_is_woken(bench: Bench, line: Line) -> None:
    """It has to look and to watch from now on; nobody else is disturbed."""
    first, second, third = placed(bench, line, 1, 2, 3)
    for one in (first, second, third):
        woken(one)
    line.quit(first)
    assert [woken(one) for one in (second, third)] == [True, False]


def test_quitting_twice_is_quitting_once(bench: Bench, line: Line) -> None:
    """Nobody is woken by somebody who was not there."""
    first, second = placed(bench, line, 1, 2)
    line.quit(first)
    woken(second)
    line.quit(first)
    assert not woken(second)
    line.displaced(first)
    assert line.may_enter(second)


def test_who_lost_its_place_enters_before_anybody_else(bench: Bench, line: Line) -> None:
    """In the old order among those; and when they are through all others may."""
    one, two, three = placed(bench, line, 1, 2, 3)
    newcomer = waiter(line)
    for gone in (three, one, two):
        line.displaced(gone)
        line.displaced(gone)  # Told twice.
    assert [line.may_enter(it) for it in (one, two, three, newcomer)] == [True, False, False, False]
    for it in (one, two, three, newcomer):
        woken(it)
    line.placed(one, place(bench.shared(), 11), look=False)
    assert woken(two)
    assert line.may_enter(two)
    line.placed(two, place(bench.shared(), 12), look=False)
    assert not woken(newcomer)
    line.quit(three)  # It gave up instead.
    assert woken(newcomer)
    assert line.may_enter(newcomer)


def test_simulator_2_waiters_are_woken_in_the_order_in_which_they_came(line: Line) -> None:
    """A set has no order: who was woken first was luck."""
    woken_now: list[int] = []
    for number in range(40):
        one = waiter(line)
        assert isinstance(one.signal, Bell)
        one.signal.on_set = partial(woken_now.append, number)
    line.wake_all()
    assert woken_now == list(range(40))


def test_a_waiter_without_a_signal_is_woken_by_a_mark() -> None:
    """Who does not listen yet sees that it has to look."""
    one = Waiter()
    one.wake(look=True)
    assert one.look
