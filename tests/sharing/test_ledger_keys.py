"""The keys of contenders: never given twice while one may still be written, and used again where it pays."""

from __future__ import annotations

import pytest

from coordination.errors import OutcomeUnknown
from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.place import ENTERING
from coordination.testing import FakeClock
from tests.sharing.bench import Bench, Remembering, folder

A = folder("a")


@pytest.fixture
def again() -> Bench:
    """On a store that remembers every key it ever had."""
    clock = FakeClock()
    return Bench(Remembering(clock), clock)


def number(key: str) -> int:
    """Of a contender."""
    return int(key.rpartition(".")[2])


def test_etcd_queues_a_free_key_is_used_again(again: Bench) -> None:
    """Each acquisition made a new key, and the store remembered all of them: looks grew without bound."""
    keys = []
    for _ in range(5):
        place = again.held()
        keys.append(place.key)
        assert run(release(again.blocking, place, 1.0))
    assert len(set(keys)) == 1


def test_the_lowest_free_number_of_that_name(again: Bench) -> None:
    """Others' numbers do not matter; those of the name are filled from below."""
    shared = again.shared()
    one, two, elsewhere = shared.place(A, None), shared.place(A, None), shared.place(folder("b"), None)
    assert [number(it.key) for it in (one, two, elsewhere)] == [1, 2, 1]
    shared.drop(one)
    assert [number(shared.place(A, None).key) for _ in range(2)] == [1, 3]


def test_where_no_store_remembers_no_key_comes_again(bench: Bench) -> None:
    """A number for each."""
    shared = bench.shared()
    keys = []
    for _ in range(3):
        place = shared.place(A, None)
        keys.append(place.key)
        shared.drop(place)
    assert len(set(keys)) == 3


def test_a_key_in_doubt_is_not_given(again: Bench) -> None:
    """What may still be written under it would be taken for the next one's."""
    shared = again.shared()
    place = shared.place(A, None)
    again.connection.post_late("enter")
    with pytest.raises(OutcomeUnknown):
        place.enter(b"{}", alone=False, timeout=1.0)
    again.clean()
    assert place.key not in shared.places
    assert number(shared.place(A, None).key) == 2


def test_breaker_6_a_late_end_does_not_take_the_next_ones_entry(again: Bench) -> None:
    """`drop` of the one popped the ledger entry of another under the same key: held, and never proven."""
    shared = again.shared()
    one = shared.place(A, None)
    del shared.places[one.key]
    two = shared.place(A, None)
    assert one.key == two.key
    shared.drop(one)
    assert shared.places == {two.key: two}


def test_breaker_6_the_key_is_not_free_between_refusing_and_doubting(again: Bench) -> None:
    """Somebody has the key: dropped and then doubted, another task could take it in between."""
    shared = again.shared()
    place = shared.place(A, None)
    again.inner.create(place.key, b"{}", shared.session, timeout=1.0)
    given: list[str] = []
    drop = shared.drop

    def dropping(it: object) -> None:
        drop(place)
        given.append(shared.place(A, None).key)

    shared.drop = dropping  # type: ignore[method-assign, assignment]
    assert place.enter(b"{}", alone=False, timeout=1.0) is None
    assert place.key not in given
    assert shared.places[place.key] is place


def test_breaker_6_a_place_being_written_is_not_dropped(again: Bench) -> None:
    """Abandoned while it enters it keeps its key until the answer has come and it is removed."""
    shared = again.shared()
    place = shared.place(A, None)
    seen: list[tuple[str, int]] = []

    def cancelled() -> None:
        shared.abandon(place)
        seen.append((place.state, number(shared.place(A, None).key)))

    again.connection.before("enter", cancelled)
    place.enter(b"{}", alone=False, timeout=1.0)
    assert seen == [(ENTERING, 2)]
