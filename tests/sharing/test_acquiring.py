"""One call that acquires: its place in the store's queue and in the line of its process."""

from __future__ import annotations

from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.place import Place
from tests.sharing.bench import TTL, Bench
from tests.sharing.stepping import Task


def given(bench: Bench, place: Place) -> None:
    """Release it."""
    assert run(release(bench.blocking, place, 1.0))


def test_a_free_lock_is_two_requests(bench: Bench) -> None:
    """To enter and to leave, and no line is made of it."""
    given(bench, bench.held("warm"))
    bench.connection.calls.clear()
    given(bench, bench.held())
    assert bench.connection.calls == ["enter", "delete"]
    assert bench.sharing._lines == {}
    assert bench.sharing._first == {}


def test_waiters_of_one_process_are_served_in_their_order(bench: Bench) -> None:
    """Whoever runs first."""
    holder = bench.held()
    tasks = [bench.acquiring() for _ in range(5)]
    for task in tasks:
        given(bench, holder)
        for waiting in reversed(tasks):
            waiting.go(5)
        holder = task.result
        assert [it.done for it in tasks].count(True) == tasks.index(task) + 1


def test_who_comes_while_the_first_one_enters_is_behind_it(bench: Bench) -> None:
    """The first has no line; its request is slow, and the second one's would be faster."""
    bench.shared()
    bench.runtime.slow = True
    first = bench.acquiring()
    bench.runtime.slow = False
    second = bench.acquiring()
    second.go(5)
    assert not second.done
    place = first.to_the_end()
    assert place.held
    assert not second.go(5)
    given(bench, place)
    assert second.to_the_end().held


def test_who_comes_while_the_first_one_has_to_wait(bench: Bench, other: Bench) -> None:
    """Both wait in one line, in the order in which they came."""
    holder = other.held()
    bench.runtime.slow = True
    first = bench.acquiring()
    second = bench.acquiring()
    for _ in range(6):
        second.go()
        first.go()
    given(other, holder)
    for _ in range(20):
        second.go()
        first.go()
    assert (first.done, second.done) == (True, False)


def test_the_first_one_is_cancelled_while_it_enters(bench: Bench) -> None:
    """The request is made all the same, and its record removed; the second one goes on."""
    bench.shared()
    bench.runtime.slow = True
    first = bench.acquiring()
    bench.runtime.slow = False
    second = bench.acquiring()
    assert first.cancel()
    assert bench.runtime.unmade.pop()() is None
    assert second.to_the_end().held
    assert bench.stored() == [second.result.key]


def test_cancelled_when_it_had_been_answered(bench: Bench) -> None:
    """It held it for nobody: removed at once, and the one behind goes on."""
    bench.shared()
    bench.runtime.slow = True
    first = bench.acquiring()
    first.go()
    bench.runtime.slow = False
    second = bench.acquiring()
    assert first.cancel()
    assert not second.go(5)
    bench.clean()
    assert second.to_the_end().held


def test_waiting_on_a_session_that_had_ended(bench: Bench) -> None:
    """The first request finds out; the waiter goes on with a new session."""
    shared = bench.shared()
    bench.inner.close_session(shared.session, timeout=1.0)
    assert bench.acquiring().to_the_end().shared is not shared


def test_overdue_when_the_answer_comes(bench: Bench) -> None:
    """Nobody may believe in it any more: it begins anew on another session."""
    shared = bench.shared()
    bench.connection.after("enter", lambda: bench.let_pass(TTL))
    place = bench.acquiring().to_the_end()
    assert place.shared is not shared
    assert place.held


def test_contract_6_who_may_enter_is_asked_after_the_waiting(bench: Bench, other: Bench) -> None:
    """A later waiter opened the new session and entered before an earlier one that had lost its place too."""
    holder = other.held()
    first, second = bench.acquiring(), bench.acquiring()
    old = bench.shared()
    bench.runtime.slow = True
    third = bench.acquiring()
    third.go()  # It is entering, so the second one has to wait for that.
    late = bench.stored()[2]
    bench.remove(late)
    old.lose_place(old.places[late], "deleted")  # Before the death of the session is known.
    second.go(2)
    old.lose("revoked")
    third.go(3)
    second.go(12)  # The turn of entering is its own now, and the first one has not run yet.
    assert served(bench, other, holder, second, third, first) == [2, 0, 1]


def test_units_4_a_newcomer_does_not_overtake_who_lost_his_place(bench: Bench, other: Bench) -> None:
    """Its request had not begun when the session was lost, and it entered before all who had waited."""
    holder = other.held()
    tasks = [bench.acquiring() for _ in range(2)]
    bench.runtime.slow = True
    newcomer = bench.acquiring()
    bench.shared().lose("revoked")
    assert served(bench, other, holder, newcomer, *tasks) == [1, 2, 0]


def served(bench: Bench, other: Bench, holder: Place, *tasks: Task[Place]) -> list[int]:
    """The order in which they get it, when those named first run first."""
    for _ in range(12):
        for task in tasks:
            task.go()
    bench.clean()
    given(other, holder)
    bench.runtime.slow = False
    order: list[int] = []
    for _ in tasks:
        for _ in range(10):
            for task in tasks:
                task.go()
        done = [number for number, task in enumerate(tasks) if task.done and number not in order]
        for number in done:
            given(bench, tasks[number].result)
        order += done
    return order
