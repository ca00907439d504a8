"""The record by which a session is told: written, watched, read, acted upon and emptied."""

from __future__ import annotations

import pytest

from coordination.recipes.holding import release
from coordination.recipes.inspecting import break_lock, request_release
from coordination.runtime import run
from coordination.sharing.notes import decoded, encoded, entry_of
from coordination.sharing.place import Place
from coordination.sharing.session import Shared
from tests.sharing.bench import Bench, folder
from tests.sharing.broken import Corrupt

A = folder("a")


@pytest.fixture
def place(bench: Bench) -> Place:
    """Held, and its session is listening."""
    place = bench.held()
    bench.clean()
    assert place.shared.sentinel.listening
    return place


def note_of(bench: Bench, shared: Shared) -> dict[str, list[str]]:
    """What the note says now."""
    record = bench.record(shared.sentinel.key)
    assert record is not None
    return decoded(record.value)


def write(bench: Bench, shared: Shared, **lists: list[str]) -> None:
    """Somebody writes a note."""
    record = bench.record(shared.sentinel.key)
    assert record is not None
    bench.inner.replace(record.key, encoded(dict(lists)), shared.session, record.index, timeout=1.0)


def asked(place: Place) -> list[str]:
    """Grows whenever its release is asked for."""
    calls: list[str] = []
    place.on_asked(lambda: calls.append("asked"))
    return calls


def tell(bench: Bench) -> None:
    """Run the callbacks of the user that are due."""
    told, bench.told[:] = list(bench.told), []
    for call in told:
        call()


def test_a_break_is_told_and_the_note_emptied(bench: Bench, other: Bench, place: Place) -> None:
    """The holder learns the reason at once, not with its next proof."""
    assert run(break_lock(other.blocking, other, A, place.created))
    assert bench.clean() == 1
    assert place.lost == "broken"
    assert note_of(bench, place.shared) == {}
    bench.connection.calls.clear()
    bench.clean()  # Its own emptying is no news: perhaps one look more, and that is the end of it.
    assert bench.connection.calls in ([], ["read"])
    assert bench.clean() == 0


def test_several_pokes_are_one_look(bench: Bench, other: Bench, place: Place) -> None:
    """What came until the look is read by it."""
    second = bench.held("b")
    calls, more = asked(place), asked(second)
    for name in ("a", "b", "a"):
        assert run(request_release(other.blocking, other, folder(name)))
    assert bench.clean() == 1
    tell(bench)
    assert (calls, more) == (["asked"], ["asked"])
    assert note_of(bench, place.shared) == {}


def test_who_writes_before_the_emptying_is_heard(bench: Bench, other: Bench, place: Place) -> None:
    """The note is not emptied then: the next look finds what came."""
    second = bench.held("b")
    calls, more = asked(place), asked(second)
    assert run(request_release(other.blocking, other, A))
    bench.connection.before(
        "replace", lambda: run(request_release(other.blocking, other, folder("b"))) and None
    )
    bench.clean()
    bench.clean()
    tell(bench)
    assert "asked" in calls
    assert more == ["asked"]
    assert note_of(bench, place.shared) == {}


def test_an_entry_of_an_earlier_creation_means_nobody(bench: Bench, place: Place) -> None:
    """Keys are used again: who was meant is gone."""
    calls = asked(place)
    write(bench, place.shared, broken=[entry_of(place.key, 99)], asked=[entry_of(place.key, 99), "rubbish"])
    bench.clean()
    tell(bench)
    assert (place.lost, calls, place.held) == (None, [], True)


def test_told_broken_although_it_is_there(bench: Bench, place: Place) -> None:
    """A note is a hint: the record itself decides."""
    write(bench, place.shared, broken=[entry_of(place.key, place.created)])
    bench.clean()
    assert place.held
    bench.remove(place.key)
    bench.prove()
    assert place.lost == "broken"  # It was announced, and now it has happened.


def test_breaker_25_asked_at_a_hand_over(bench: Bench, other: Bench) -> None:
    """It was its turn, and it did not know that yet: the note was emptied, and nobody was ever told."""
    holder = other.held()
    task = bench.acquiring()
    bench.clean()
    assert run(release(other.blocking, holder, 1.0))
    assert run(request_release(other.blocking, other, A))
    bench.clean()
    calls = asked(task.to_the_end())
    tell(bench)
    assert calls == ["asked"]


def test_who_has_left_is_not_asked(bench: Bench, place: Place) -> None:
    """Its release is under way: there is nothing to ask for."""
    calls = asked(place)
    write(bench, place.shared, asked=[entry_of(place.key, place.created)])
    place.shared.begin_release(place)
    bench.clean()
    tell(bench)
    assert calls == []


def test_asked_before_anybody_listened(bench: Bench, place: Place) -> None:
    """Who registers later is told at once."""
    write(bench, place.shared, asked=[entry_of(place.key, place.created)])
    bench.clean()
    calls = asked(place)
    tell(bench)
    assert calls == ["asked"]


def test_the_note_makes_no_sense(bench: Bench, place: Place) -> None:
    """Nothing is done about it; what it said is found by the next proof."""
    bench.connection.before("read", Corrupt())
    write(bench, place.shared)
    assert bench.clean() == 1
    assert place.held
    assert bench.beats == [entry for entry in bench.beats if entry[0] > bench.clock.now()]


def test_a_look_that_fails_comes_again(bench: Bench, place: Place) -> None:
    """Soon, and only once however often it is poked meanwhile."""
    calls = asked(place)
    write(bench, place.shared, asked=[entry_of(place.key, place.created)])
    bench.connection.refuse("read")
    bench.clean()
    write(bench, place.shared, asked=[entry_of(place.key, place.created)])
    assert bench.clean() == 0
    bench.let_pass(0.3)
    assert bench.clean() == 1
    tell(bench)
    assert calls == ["asked"]
