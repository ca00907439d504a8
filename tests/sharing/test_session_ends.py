"""What becomes of places when their session ends, and of releases that were under way."""

from __future__ import annotations

import pytest

from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.place import ENTERING, GONE, LEAVING, Place
from tests.sharing.bench import TTL, Bench, folder

A = folder("a")


def released_without_the_store(bench: Bench) -> Place:
    """A hold whose release could not be finished."""
    place = bench.held()
    bench.connection.cut()
    assert run(release(bench.blocking, place, 1.0))
    assert (place.released_at, place.outcome) == (None, None)
    return place


def test_fencing_1_released_when_the_session_was_ended_after_all(bench: Bench) -> None:
    """The session expired before the release got through: `released` stayed None for ever."""
    place = released_without_the_store(bench)
    bench.let_pass(TTL)
    assert place.shared.look() == "expired"
    assert (place.lost, place.released_at) == (None, None)
    bench.clean()
    bench.connection.mend()
    bench.let_pass(1.0)
    bench.clean()
    assert place.released_at == bench.clock.wall()
    assert place.outcome == "released"


def test_fencing_1_released_when_the_store_says_that_the_session_is_dead(bench: Bench) -> None:
    """Nothing is left of it at that moment: the release is done."""
    place = released_without_the_store(bench)
    bench.connection.mend()
    bench.inner.close_session(place.shared.session, timeout=1.0)
    bench.prove(place.shared)
    assert (place.shared.dead, place.outcome) == ("revoked", "released")
    assert place.released_at is not None


def test_fencing_1_released_when_the_manager_is_closed(bench: Bench) -> None:
    """Closing ends the session, and with it the release."""
    place = released_without_the_store(bench)
    bench.connection.mend()
    bench.sharing.close(1.0)
    assert place.outcome == "released"


def test_released_on_a_session_that_is_over_already(bench: Bench) -> None:
    """The release begins when nothing is left of the session."""
    place = bench.held()
    assert place.fate.end()
    bench.inner.close_session(place.shared.session, timeout=1.0)
    place.shared.begin_release(place)
    place.shared.die()
    place.shared.finish(place)
    assert (place.state, place.outcome) == (GONE, "released")
    place.shared.finish(place)
    assert bench.stored() == []


def test_given_up_after_the_loss_and_before_the_end(bench: Bench) -> None:
    """A place that was entering while its session was lost is settled with the session."""
    shared = bench.shared()
    place = shared.place(A, None)
    place.state = ENTERING
    shared.lose("expired")
    assert place.state == ENTERING
    shared.doubt(place)
    shared.doubt(place)
    assert place.state == LEAVING
    bench.clean()
    assert place.state == GONE
    late = shared.place(A, None)
    late.state = ENTERING
    shared.doubt(late)
    assert late.state == GONE


def test_a_loss_is_told_once(bench: Bench) -> None:
    """The first reason stays."""
    place = bench.held()
    told: list[str] = []
    place.fate.listen(lambda _place, reason: told.append(reason))
    place.shared.lose("revoked")
    place.shared.lose("expired")
    place.shared.lose_place(place, "deleted")
    for call in bench.told:
        call()
    assert (place.lost, told) == ("revoked", ["revoked"])
    assert bench.events.count("hold-lost") == 1


def test_when_it_was_released_stays(bench: Bench) -> None:
    """A beat removed it; that its own removal finds nothing any more later on changes no time."""
    place = released_without_the_store(bench)
    bench.clean()
    bench.connection.mend()
    bench.prove()
    released_at = place.released_at
    assert released_at == bench.clock.wall()
    bench.let_pass(2.0)
    bench.connection.calls.clear()
    bench.clean()
    assert "delete" in bench.connection.calls
    assert place.released_at == released_at


def test_a_removal_stops_with_its_session(bench: Bench) -> None:
    """The session is ended as a whole: nobody asks for its records one by one."""
    place = bench.held()
    bench.clean()
    place.shared.abandon(place)
    place.shared.lose("revoked")
    bench.connection.calls.clear()
    bench.clean()
    assert bench.connection.calls == ["close_session"]
    assert place.outcome == "released"


@pytest.mark.parametrize("count", [2, 7])
def test_contract_3_all_waiters_are_displaced_at_once_in_their_order(
    bench: Bench, other: Bench, count: int
) -> None:
    """Each displaced itself when it woke: whoever ran first entered ahead of earlier ones."""
    holder = other.held()
    tasks = [bench.acquiring() for _ in range(count)]
    bench.shared().lose("revoked")
    for task in reversed(tasks):  # The last one runs first.
        task.go(3)
    for _ in range(count):
        for task in reversed(tasks):
            task.go(3)
    assert len(bench.stored()) == 1 + 2 * count  # The old session's records have not gone yet.
    bench.clean()
    assert run(release(other.blocking, holder, 1.0))
    for task in tasks:
        for waiting in reversed(tasks):
            waiting.go(3)
        assert [it.done for it in tasks].count(True) == tasks.index(task) + 1
        assert run(release(bench.blocking, task.result, 1.0))
