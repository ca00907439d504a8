"""Places for requests: none is lost, and who has waited longest is the next."""

from __future__ import annotations

import threading

import pytest

from coordination.stores.consul.places import Place, Places
from tests.consul.polled import eventually


def taken(places: Places, timeout: float = 0.0) -> Place:
    """One of them, which there is."""
    place = places.take(timeout)
    assert place is not None
    return place


def test_as_many_as_there_are() -> None:
    """And again, once one is given back."""
    two = Places(2)
    first, second = taken(two), taken(two)
    assert two.take(0.0) is None
    two.give(first)
    third = taken(two)
    assert two.take(0.01) is None
    two.give(second)
    two.give(third)
    assert len([taken(two), taken(two)]) == 2


def test_who_gave_up_takes_none() -> None:
    """A place that is given back later is free, and not kept for those who have gone."""
    one = Places(1)
    held = taken(one)
    assert [one.take(0.01) for _ in range(3)] == [None] * 3
    one.give(held)
    taken(one)


def test_in_order() -> None:
    """Also if somebody else asks without waiting at that moment."""
    one = Places(1)
    held = taken(one)
    served: list[int] = []
    given: list[Place] = []

    def wait(number: int) -> None:
        given.append(taken(one, 30.0))
        served.append(number)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        assert eventually(lambda: len(one._waiting) == number + 1)  # noqa: B023 - called at once
    for number in range(5):
        one.give(held)
        assert one.take(0.0) is None
        assert eventually(lambda: len(served) == number + 1)  # noqa: B023 - called at once
        held = given[-1]
    assert served == list(range(5))
    for thread in threads:
        thread.join(10.0)


def test_a_place_whose_holder_is_gone_is_free() -> None:
    """An exception can strike before the holder could give it back; who waits finds out by himself."""
    one = Places(1)
    held = [taken(one)]
    got: list[Place] = []
    waiting = threading.Thread(target=lambda: got.append(taken(one, 30.0)))
    waiting.start()
    assert eventually(lambda: len(one._waiting) == 1)
    held.clear()
    waiting.join(10.0)
    assert len(got) == 1


def test_an_interrupted_wait_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was interrupted has left the row."""

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    one = Places(1)
    held = taken(one)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(threading, "Event", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            one.take(0.1)
    assert len(one._waiting) == 0
    one.give(held)
    taken(one)


def test_a_signal_handler_may_take_one() -> None:
    """The lock is entered again by the thread that has it."""
    two = Places(2)
    with two._mutex:
        two.give(taken(two))
    assert two.take(0.0) is not None
