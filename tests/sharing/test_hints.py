"""What a line is told of departures: believed once, and only when it is certain."""

from __future__ import annotations

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


def test_a_departure_wakes_those_who_wait_for_that_one(bench: Bench, line: Line) -> None:
    """They look; those who wait for others sleep on."""
    one, two = placed(bench, line, 5, 6)
    assert line.awaits(one, "x")
    assert line.awaits(two, "y")
    woken(one)
    line.gone("x")
    assert (one.look, two.look) == (True, False)
    assert (woken(one), woken(two)) == (True, False)


def test_the_folder_itself_means_anybody(bench: Bench, line: Line) -> None:
    """Some may have gone unseen: everybody looks."""
    one, two = placed(bench, line, 5, 6)
    line.gone(A)
    assert one.look
    assert two.look


def test_who_waits_for_another_is_woken_by_that_one_alone(bench: Bench, line: Line) -> None:
    """It has changed its mind: the former one says nothing to it."""
    (one,) = placed(bench, line, 5)
    assert line.awaits(one, "x")
    assert line.awaits(one, "y")
    line.gone("x")
    assert not one.look
    assert line.awaits(one, "y")
    line.gone("y")
    assert one.look


def test_several_wait_for_the_same_one(bench: Bench, line: Line) -> None:
    """All of them are woken by its end, whoever of them has given up."""
    one, two, three = placed(bench, line, 5, 6, 7)
    assert all(line.awaits(it, "x") for it in (one, two, three))
    line.quit(two)
    line.gone("x")
    assert (one.look, two.look, three.look) == (True, False, True)


def test_a_hint_that_came_before_the_waiting_is_not_missed(bench: Bench, line: Line) -> None:
    """Told between the answer and the next step: there is nothing to wait for."""
    (one,) = placed(bench, line, 5)
    line.asking(one)
    line.gone("x")
    assert not line.awaits(one, "x")


def test_simulator_1_a_hint_is_not_believed_after_the_store_was_asked_again(bench: Bench, line: Line) -> None:
    """A waiter behind a key that was told gone, and is there, span on the store without any pause."""
    (one,) = placed(bench, line, 5)
    line.asking(one)
    line.gone("x")
    assert not line.awaits(one, "x")
    line.asking(one)  # It looked, and the store named x once more.
    assert line.awaits(one, "x")


def test_simulator_1_a_doubtful_departure_is_a_reason_to_look_and_no_more(bench: Bench, line: Line) -> None:
    """A session that was lost may live on in the store: its records are not known to be gone."""
    (one,) = placed(bench, line, 5)
    line.asking(one)
    assert line.awaits(one, "x")
    line.gone("x", certainly=False)
    assert one.look
    assert line.awaits(one, "x")


def test_simulator_1_what_was_lost_with_its_session_is_not_known_to_be_gone(bench: Bench) -> None:
    """By our own clock it is over; in the store it may live on for a while."""
    line = bench.sharing.line_up(A, Waiter())
    (one,) = placed(bench, line, 5)
    ahead = place(bench.shared(), 4)
    line.asking(one)
    assert line.awaits(one, ahead.key)
    bench.shared().lose("expired")
    assert one.look
    assert line.awaits(one, ahead.key)
    told = place(bench.shared(), 6)
    line.asking(one)
    bench.shared().drop(told)
    assert not line.awaits(one, told.key)
