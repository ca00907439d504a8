"""Who holds and waits; breaking and asking, on notes that others write at the same time."""

from __future__ import annotations

import pytest

from coordination.recipes.inspecting import break_lock, holders, request_release
from coordination.recipes.telling import TRIES
from coordination.record import Guard
from coordination.runtime import run
from coordination.sharing.notes import ASKED, BROKEN, decoded, entry_of
from coordination.sharing.place import Place
from coordination.sharing.values import contender_value
from coordination.stores.memory import MemoryStore
from tests.sharing.bench import Bench, folder
from tests.sharing.broken import Corrupt

A = folder("a")


@pytest.fixture
def place(bench: Bench) -> Place:
    """Held, and its session listens."""
    place = bench.held()
    bench.clean()
    return place


def asks(bench: Bench) -> bool:
    """Ask the holder of a."""
    return run(request_release(bench.blocking, bench, A))


def note_of(bench: Bench, place: Place) -> dict[str, list[str]]:
    """What the holder's session was told, and has not read yet."""
    record = bench.record(place.shared.sentinel.key)
    assert record is not None
    return decoded(record.value)


def test_nobody_holds_it(bench: Bench) -> None:
    """There is nobody to ask, to break or to show."""
    assert run(holders(bench.blocking, bench, "a", A)) == []
    assert not run(break_lock(bench.blocking, bench, A, 1))
    assert not asks(bench)


def test_another_holds_it_by_now(other: Bench, place: Place) -> None:
    """Only the holder that was seen is broken."""
    assert not run(break_lock(other.blocking, other, A, place.created + 1))
    assert place.held


def test_it_moves_while_it_is_broken(bench: Bench, other: Bench, place: Place) -> None:
    """Released between the look and the delete: it was not us who ended it, and nobody is told so twice."""
    other.connection.before("delete", lambda: bench.remove(place.key))
    assert not run(break_lock(other.blocking, other, A, place.created))
    assert other.connection.calls.count("replace") == 1
    assert other.events == []


@pytest.mark.parametrize("read", [False, True], ids=["not read", "read"])
def test_a_proof_that_comes_before_the_news(bench: Bench, other: Bench, place: Place, *, read: bool) -> None:
    """It found the record gone and said 'deleted', of a lock that somebody broke: the news comes later."""
    other.connection.before("delete", lambda: read and bench.clean() and None)
    other.connection.after("delete", bench.prove)
    assert run(break_lock(other.blocking, other, A, place.created))
    assert place.lost == "broken"


def test_a_holder_without_a_sentinel(bench: Bench, other: Bench) -> None:
    """It has just begun: it learns of a break from its next proof, and cannot be asked."""
    place = bench.held()
    assert not asks(other)
    assert run(break_lock(other.blocking, other, A, place.created))
    bench.prove()
    assert place.lost == "deleted"


def test_a_note_that_makes_no_sense(other: Bench, place: Place) -> None:
    """It cannot be added to."""
    other.connection.before("read", Corrupt())
    assert not asks(other)
    assert place.held


def test_a_note_without_a_session(bench: Bench, other: Bench, place: Place) -> None:
    """A stranger's datum stands there: nobody reads that."""
    key = place.shared.sentinel.key
    bench.remove(key)
    assert isinstance(bench.inner, MemoryStore)
    guard = Guard(place.key, place.shared.session.id)
    bench.inner.commit(guard, {key: b"theirs"}, (), timeout=1.0)
    assert not asks(other)
    record = bench.record(key)
    assert record is not None
    assert record.value == b"theirs"


def test_two_who_write_at_the_same_time_are_both_heard(bench: Bench, other: Bench, place: Place) -> None:
    """By compare-and-swap: who was overtaken adds to what the other one wrote."""
    other.connection.before(
        "replace", lambda: run(break_lock(bench.beside().blocking, other.beside(), A, place.created)) and None
    )
    assert asks(other)
    entry = entry_of(place.key, place.created)
    assert note_of(bench, place) == {BROKEN: [entry], ASKED: [entry]}


def test_asked_twice_it_is_noted_once(bench: Bench, other: Bench, place: Place) -> None:
    """A note does not grow by impatience."""
    assert asks(other)
    assert asks(other)
    assert note_of(bench, place) == {ASKED: [entry_of(place.key, place.created)]}


def test_overtaken_again_and_again(bench: Bench, other: Bench, place: Place) -> None:
    """After so many tries it says that nobody was told."""

    def overtake() -> None:
        asks(other.beside())

    other.connection.before("replace", overtake, times=TRIES)
    assert not asks(other)
    assert other.connection.calls.count("replace") == TRIES


def test_the_holders_session_dies_meanwhile(bench: Bench, other: Bench, place: Place) -> None:
    """Its note cannot be written any more, and need not be."""
    other.connection.before("replace", lambda: bench.inner.close_session(place.shared.session, timeout=1.0))
    assert not asks(other)


def test_what_is_shown_of_a_contender(bench: Bench) -> None:
    """Who and since when; an age of nothing where the record does not say, and never a negative one."""
    shared = bench.shared()
    wall = bench.clock.wall()
    values = (contender_value("m1", "a", wall + 5.0, {"k": "v"}), b"rubbish", b"{}")
    for number, value in enumerate(values):
        bench.inner.create(f"{A}x.{number}", value, shared.session, timeout=1.0)
    first, second, third = run(holders(bench.blocking, bench, "a", A))
    assert (first.machine_id, first.metadata, first.age, first.waiting) == ("m1", {"k": "v"}, 0.0, False)
    assert [(it.waiting, it.age, it.since) for it in (second, third)] == [(True, 0.0, 0.0)] * 2
    assert first.token < second.token < third.token
