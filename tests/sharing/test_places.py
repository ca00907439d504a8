"""One contender's record: what becomes of it when it is refused, unanswered, unwanted or too late."""

from __future__ import annotations

import pytest

from coordination.errors import OutcomeUnknown, SessionLost, StoreReplaced, StoreUnavailable
from coordination.sharing.place import ENTERING, GONE, HELD, LEAVING, WAITING
from tests.sharing.bench import TTL, Bench, folder
from tests.sharing.broken import Replaced

A = folder("a")


def test_entered_it_waits_and_granted_it_is_held(bench: Bench) -> None:
    """From before it is written until it holds."""
    shared = bench.shared()
    place = shared.place(A, None)
    standing = place.enter(b"{}", alone=False, timeout=1.0)
    assert standing is not None
    assert (place.state, place.created, place.held) == (WAITING, standing.record.created, False)
    assert shared.grant(place)
    assert (place.state, place.held) == (HELD, True)
    assert not shared.grant(place)


def test_refused_it_is_gone(bench: Bench) -> None:
    """It was certainly not written: the ledger forgets it, and nothing is looked for."""
    shared = bench.shared()
    bench.clean()
    place = shared.place(A, None)
    bench.connection.refuse("enter")
    with pytest.raises(StoreUnavailable):
        place.enter(b"{}", alone=False, timeout=1.0)
    assert place.state == GONE
    assert (shared.places, shared.doubtful, bench.cleaning) == ({}, {}, [])


def test_unanswered_it_is_removed_in_the_background(bench: Bench) -> None:
    """It was written, and nobody knew: nothing stays behind."""
    shared = bench.shared()
    place = shared.place(A, None)
    bench.connection.lose_answer("enter")
    with pytest.raises(OutcomeUnknown):
        place.enter(b"{}", alone=False, timeout=1.0)
    assert (place.state, bench.stored()) == (LEAVING, [place.key])
    bench.clean()
    assert (place.state, bench.stored()) == (GONE, [])


def test_landing_late_it_is_found_by_a_beat(bench: Bench) -> None:
    """Looked for at once in vain, and for twice the ttl after that: a stray is deleted by the next beat."""
    shared = bench.shared()
    place = shared.place(A, None)
    bench.connection.post_late("enter")
    with pytest.raises(OutcomeUnknown):
        place.enter(b"{}", alone=False, timeout=1.0)
    bench.clean()
    assert place.state == GONE
    bench.connection.deliver()
    assert bench.stored() == [place.key]
    bench.prove()
    assert bench.stored() == []


def test_a_key_in_doubt_is_not_looked_for_for_ever(plain: Bench) -> None:
    """After twice the ttl and a timeout nothing of it can land any more."""
    shared = plain.shared()
    place = shared.place(A, None)
    plain.connection.post_late("create")
    with pytest.raises(OutcomeUnknown):
        place.enter(b"{}", alone=False, timeout=1.0)
    assert list(shared.doubtful) == [place.key]
    for _ in range(10):
        plain.let_pass(TTL / 4)
        plain.prove(shared)
    assert shared.doubtful == {}


def test_on_a_dead_session_all_is_lost(bench: Bench) -> None:
    """Who enters last finds out for everybody."""
    held = bench.held("b")
    shared = held.shared
    place = shared.place(A, None)
    bench.inner.close_session(shared.session, timeout=1.0)
    with pytest.raises(SessionLost):
        place.enter(b"{}", alone=False, timeout=1.0)
    assert (place.state, shared.dead, held.lost) == (GONE, "revoked", "revoked")
    assert bench.sharing.alive(TTL) is None


def test_breaker_26_on_a_store_that_was_replaced_it_may_have_been_written(bench: Bench) -> None:
    """It was taken for refused: the record stayed there, kept alive, and blocked the name for everybody."""
    held = bench.held("b")
    shared = held.shared
    place = shared.place(A, None)
    bench.connection.after("enter", Replaced())
    with pytest.raises(StoreReplaced):
        place.enter(b"{}", alone=False, timeout=1.0)
    assert (shared.dead, held.lost) == ("revoked", "revoked")
    bench.clean()
    assert bench.stored() == []


def test_unwanted_before_it_began_nothing_is_written(bench: Bench) -> None:
    """Cancelled before a thread took the request: it is never made."""
    shared = bench.shared()
    place = shared.place(A, None)
    shared.abandon(place)
    assert place.enter(b"{}", alone=False, timeout=1.0) is None
    assert "enter" not in bench.connection.calls
    assert shared.places == {}


def test_breaker_6_a_place_that_was_dropped_does_not_enter(bench: Bench) -> None:
    """Its key was free again, and both wrote it: the second holder's record was deleted as a stray."""
    shared = bench.shared()
    place = shared.place(A, None)
    shared.drop(place)
    assert place.enter(b"{}", alone=False, timeout=1.0) is None
    assert bench.stored() == []


def test_unwanted_while_it_is_written_it_is_removed(bench: Bench) -> None:
    """Cancelled while the request was under way."""
    shared = bench.shared()
    place = shared.place(A, None)
    bench.connection.after("enter", lambda: shared.abandon(place))
    place.enter(b"{}", alone=False, timeout=1.0)
    assert (place.state, bench.stored()) == (LEAVING, [place.key])
    assert not shared.grant(place)
    bench.clean()
    assert bench.stored() == []


def test_the_session_dies_while_it_is_written(bench: Bench) -> None:
    """The answer comes to a session that was lost meanwhile: it never counts."""
    shared = bench.shared()
    place = shared.place(A, None)
    bench.connection.after("enter", lambda: shared.lose("expired"))
    place.enter(b"{}", alone=False, timeout=1.0)
    assert place.state == GONE
    assert not shared.grant(place)


def test_somebody_has_the_key_and_nobody_tells_whose_it_is(bench: Bench) -> None:
    """A create that was given up long ago has landed after all: it is looked for and removed."""
    shared = bench.shared()
    place = shared.place(A, None)
    bench.inner.create(place.key, b"{}", shared.session, timeout=1.0)
    assert place.enter(b"{}", alone=False, timeout=1.0) is None
    assert (place.state, list(shared.doubtful)) == (LEAVING, [place.key])
    bench.clean()
    assert bench.stored() == []


def test_somebody_is_there_and_it_wants_to_be_alone(bench: Bench, other: Bench) -> None:
    """Nothing was written; the place is gone without a trace."""
    other.held()
    shared = bench.shared()
    place = shared.place(A, None)
    assert place.enter(b"{}", alone=True, timeout=1.0) is None
    assert (place.state, shared.places, shared.doubtful) == (GONE, {}, {})


def test_nobody_grants_on_a_session_that_is_overdue(bench: Bench) -> None:
    """The answer took longer than belief lasts."""
    shared = bench.shared()
    place = shared.place(A, None)
    place.enter(b"{}", alone=False, timeout=1.0)
    bench.let_pass(TTL)
    assert not shared.grant(place)
    assert shared.dead == "expired"


def test_a_place_that_enters_is_left_to_its_answer(bench: Bench) -> None:
    """A session that dies meanwhile does not touch it."""
    shared = bench.shared()
    place = shared.place(A, None)
    states: list[str] = []

    def lose() -> None:
        shared.lose("revoked")
        states.append(place.state)

    bench.connection.after("enter", lose)
    place.enter(b"{}", alone=False, timeout=1.0)
    assert (states, place.state) == ([ENTERING], GONE)
