"""The faulty store and contenders: it offers what the store inside does, and its faults strike that too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordination.contention import Departures, Proofs, Queues, Standing
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.record import Session
from coordination.store import Store
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FaultyStore, Handle

FOLDER = "ns/locks/a/"
MINE = f"{FOLDER}me"

PROTOCOLS = {"enter": Queues, "departures": Departures, "prove": Proofs}

CALLS: dict[str, Callable[[Handle, Session], object]] = {
    "enter": lambda store, session: store.enter(f"{FOLDER}new", session),
    "standing": lambda store, session: store.standing(_mine(store, session)),
    "departures": lambda store, session: store.departures(FOLDER),
    "prove": lambda store, session: store.prove(session, {MINE: 1}),
}


def _mine(store: Handle, session: Session) -> Standing:
    """As it was once answered; made by the first who asks."""
    record = store.read(MINE)
    return store.must_enter(MINE, session) if record is None else Standing(record, ())


@pytest.mark.parametrize("call", PROTOCOLS)
def test_it_offers_what_the_inner_store_does(call: str) -> None:
    """And only that: whoever asks for the protocol gets the right answer."""
    without = type("Without", (MemoryStore,), {call: None})()
    assert isinstance(FaultyStore(MemoryStore()), PROTOCOLS[call])
    assert isinstance(FaultyStore(without), Store)
    assert [name for name, it in PROTOCOLS.items() if not isinstance(FaultyStore(without), it)] == [call]


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_is_not_applied(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session, call: str
) -> None:
    """It raises `StoreUnavailable` and is counted; the next one gets through."""
    faulty.refuse(call)
    with pytest.raises(StoreUnavailable):
        CALLS[call](store, session)
    assert inner.read(f"{FOLDER}new", timeout=5.0) is None
    assert faulty.calls[-1] == call
    assert CALLS[call](store, session) is not None


def test_an_entry_whose_answer_is_lost_was_made(store: Handle, faulty: FaultyStore, session: Session) -> None:
    """Nobody was told, and the contender is in the queue: the next one is behind it."""
    faulty.lose_answer("enter")
    with pytest.raises(OutcomeUnknown):
        store.enter(MINE, session)
    assert store.must_enter(f"{FOLDER}next", session).ahead == (MINE,)


def test_a_delay_beyond_the_timeout_fails_the_call(
    store: Handle, faulty: FaultyStore, session: Session, clock: FakeClock
) -> None:
    """It takes its timeout, no more, and nothing was applied."""
    faulty.delay("enter", 30.0)
    began = clock.now()
    with pytest.raises(StoreUnavailable):
        store.enter(MINE, session)
    assert clock.now() - began == 5.0
    assert store.read(MINE) is None


def test_departures_are_owed_while_it_is_cut_off(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """Nothing is told until it is mended; then what was missed is, once, and nothing after the close."""
    keys = [store.must_enter(f"{FOLDER}{name}", session).record for name in "abc"]
    leaving = store.departures(FOLDER)
    faulty.cut()
    assert all(inner.delete(it.key, it.index, timeout=5.0) for it in keys[:2])
    assert leaving.told == []
    faulty.mend()
    assert leaving.told == [keys[0].key, keys[1].key]
    leaving.close()
    store.must_delete(keys[2])
    assert leaving.told == [keys[0].key, keys[1].key]


def test_departures_that_were_not_begun_are_not_told(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """Where the answer to the subscription was lost, nobody hears of anything."""
    told: list[str] = []
    record = store.must_enter(MINE, session).record
    faulty.lose_answer("departures")
    with pytest.raises(OutcomeUnknown):
        faulty.departures(FOLDER, told.append, timeout=5.0)
    assert inner.delete(MINE, record.index, timeout=5.0)
    assert told == []
