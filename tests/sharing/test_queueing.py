"""Waiting in line: when a waiter looks, what it watches, and that it never spins."""

from __future__ import annotations

import pytest

from coordination.recipes.holding import release
from coordination.recipes.trying import LOOK_AGAIN, REST
from coordination.runtime import run
from coordination.sharing.place import Place
from tests.sharing.bench import TTL, Bench, folder
from tests.sharing.stepping import Task

A = folder("a")


def given(bench: Bench, place: Place) -> None:
    """Release it."""
    assert run(release(bench.blocking, place, 1.0))


def test_a_departure_wakes_the_next_and_one_look_is_enough(bench: Bench, other: Bench) -> None:
    """Three requests of its own for each contended acquisition, once it listens."""
    holder = other.held()
    task = bench.acquiring()
    bench.connection.calls.clear()
    assert not task.go(10)
    assert bench.connection.calls == []
    given(other, holder)
    assert task.to_the_end().held
    assert bench.connection.calls == ["standing"]


def test_who_waits_for_one_of_ours_asks_the_store_once(bench: Bench) -> None:
    """Nothing is watched for that; it is told here."""
    holder = bench.held()
    task = bench.acquiring()
    assert "departures" not in bench.connection.calls
    bench.connection.calls.clear()
    given(bench, holder)
    assert task.to_the_end().held
    assert bench.connection.calls == ["delete", "standing"]


def test_gone_between_the_answer_and_the_waiting(bench: Bench, other: Bench) -> None:
    """The hint came before anybody waited for it: one more look, and no sleep."""
    holder = other.held()
    first = bench.acquiring()
    bench.connection.after("enter", first.cancel)
    second = bench.acquiring()
    bench.connection.after("standing", lambda: given(other, holder))
    bench.clean()
    assert second.to_the_end().held


def test_the_first_one_looks_untold_now_and_then(bench: Bench, other: Bench) -> None:
    """Watches lose events; it looks within five seconds."""
    holder = other.held()
    task = bench.acquiring()
    bench.connection.cut()  # Nothing is told from now on.
    given(other, holder)
    bench.let_pass(LOOK_AGAIN)
    bench.connection._cut.clear()
    assert task.to_the_end().held


def test_others_look_rarely_whether_they_are_the_first(bench: Bench, other: Bench) -> None:
    """Nothing wakes the second one for a minute, and then it asks nobody."""
    other.held(ttl=1000.0)
    tasks = [bench.acquiring(ttl=1000.0) for _ in range(2)]
    bench.connection.calls.clear()
    bench.let_pass(REST)
    tasks[1].go()
    assert bench.connection.calls == []
    tasks[0].go()
    assert bench.connection.calls == ["standing"]
    assert not any(task.done for task in tasks)


def test_where_nobody_tells_of_expiry_it_looks_when_that_is_due(bench: Bench, other: Bench) -> None:
    """The holder died with a ttl of three seconds: taken just after, not at the next look."""
    other.held(ttl=3.0)
    task = bench.acquiring()
    bench.let_pass(2.9)
    assert not task.go(5)
    bench.let_pass(0.13)
    assert task.to_the_end().held


def test_on_a_plain_store_the_nearest_is_watched(plain: Bench) -> None:
    """And the next one when that is gone; the holder's end alone wakes it in the end."""
    far = Bench(plain.inner, plain.fake, plain=True)
    holder, between = far.held(), far.acquiring()
    task = plain.acquiring()
    assert plain.connection.calls.count("watch") == 1
    assert between.cancel()
    far.clean()
    assert not task.go(10)
    assert plain.connection.calls.count("watch") == 2
    given(far, holder)
    assert task.to_the_end().held


@pytest.mark.parametrize("call", ["standing", "departures"])
def test_a_request_that_fails_is_made_again(bench: Bench, other: Bench, call: str) -> None:
    """An outage does not end the waiting, nor is the store asked without a pause."""
    holder = other.held()
    bench.connection.refuse(call, times=2)
    task = bench.acquiring()
    bench.connection.calls.clear()
    assert not task.go(20)
    assert bench.connection.calls == []
    for _ in range(3):
        bench.let_pass(1.0)
        task.go(3)
    given(other, holder)
    bench.let_pass(LOOK_AGAIN)
    assert task.to_the_end().held


def test_its_own_record_was_deleted(bench: Bench, other: Bench) -> None:
    """It finds out at its next look, and stands at the end of the queue."""
    holder = other.held()
    task = bench.acquiring()
    behind = other.acquiring()
    before = bench.stored()
    bench.remove(before[1])
    bench.let_pass(LOOK_AGAIN)
    task.go(10)
    after = bench.stored()
    assert after[:2] == [before[0], before[2]]
    assert after[2] != before[1]
    given(other, holder)
    behind.go(5)
    assert behind.done
    assert not task.done
    given(other, behind.result)
    assert task.to_the_end().held


def test_a_place_that_is_lost_while_it_waits(bench: Bench, other: Bench) -> None:
    """With its session: a new place on a new one, and the waiter has never held."""
    holder = other.held()
    task = bench.acquiring()
    bench.shared().lose("revoked")
    task.go(10)
    bench.clean()
    assert len(bench.stored()) == 2
    given(other, holder)
    assert task.to_the_end().held


def test_simulator_5_the_end_of_an_old_place_is_not_the_end_of_the_new_one(plain: Bench) -> None:
    """Its waiter had entered anew, was taken out of its line, and slept for ever at the head of the queue."""
    far = Bench(plain.inner, plain.fake, plain=True)
    holder = far.held()
    plain.connection.lose_answer("create")
    task = plain.acquiring()
    plain.connection.refuse("delete")
    plain.clean()  # It looks for what may have been written, finds it, and cannot remove it yet.
    (old,) = plain.shared().places.values()
    plain.let_pass(1.0)
    task.go(5)
    assert len(plain.stored()) == 3
    plain.remove(old.key)
    plain.shared().lose_place(old, "broken")
    task.go(10)
    given(far, holder)
    assert task.to_the_end().held
    assert plain.held("another").held


def test_granted_too_late_it_begins_anew(bench: Bench, other: Bench) -> None:
    """Its turn came, and belief in the session ended in the same moment."""
    holder = other.held()
    task = bench.acquiring()
    old = bench.shared()
    bench.connection.after("standing", lambda: bench.let_pass(TTL))
    given(other, holder)
    place: Place = task.to_the_end()
    assert place.shared is not old
    assert place.held


def test_who_begins_while_the_queue_is_listened_to_needs_no_look_for_that(bench: Bench, other: Bench) -> None:
    """The subscription was there before it entered: nothing can have gone unseen."""
    first = other.held()
    waiting = bench.acquiring()
    bench.connection.calls.clear()
    second: Task[Place] = bench.acquiring()
    assert bench.connection.calls == ["enter"]
    given(other, first)
    given(bench, waiting.to_the_end())
    assert second.to_the_end().held
    assert "departures" not in bench.connection.calls
