"""The faulty store: each fault does what it says, once, and nothing the contract forbids."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.record import Guard, Session
from coordination.store import GuardedWrites, Store
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore, Handle, race
from tests.testing.stored import KEY, stored

CALLS: dict[str, Callable[[Handle, Session], object]] = {
    "open_session": lambda store, session: store.open_session(),
    "renew_session": lambda store, session: store.renew_session(session),
    "close_session": lambda store, session: store.close_session(session),
    "create": lambda store, session: store.create(KEY, b"", session),
    "replace": lambda store, session: store.replace(KEY, b"", session, 1),
    "delete": lambda store, session: store.delete(KEY, 1),
    "read": lambda store, session: store.read(KEY),
    "list": lambda store, session: store.list(""),
    "watch": lambda store, session: store.watch(KEY, 0),
    "health": lambda store, session: store.health(),
    "commit": lambda store, session: store.commit(Guard(KEY, session.id), {}),
}


def test_it_offers_what_the_inner_store_offers(faulty: FaultyStore) -> None:
    """It is a store, and has guarded writes exactly where the inner one has them."""

    class Unguarded(MemoryStore):
        commit = None  # type: ignore[assignment]

    assert isinstance(faulty, Store)
    assert isinstance(faulty, GuardedWrites)
    assert not isinstance(FaultyStore(Unguarded()), GuardedWrites)


@pytest.mark.parametrize("call", CALLS)
def test_every_call_can_be_refused(store: Handle, faulty: FaultyStore, session: Session, call: str) -> None:
    """A refused call raises `StoreUnavailable`; the next one gets through."""
    faulty.refuse(call)
    with pytest.raises(StoreUnavailable):
        CALLS[call](store, session)
    CALLS[call](store, session)
    assert faulty.calls == [call, call]


@pytest.mark.parametrize("call", CALLS)
def test_every_call_can_lose_its_answer(
    store: Handle, faulty: FaultyStore, session: Session, call: str
) -> None:
    """A call with a lost answer raises `OutcomeUnknown`; the next one is answered."""
    faulty.lose_answer(call)
    with pytest.raises(OutcomeUnknown):
        CALLS[call](store, session)
    CALLS[call](store, session)


def test_a_refused_call_is_not_applied(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """`StoreUnavailable` means that nothing happened."""
    faulty.refuse("create")
    with pytest.raises(StoreUnavailable):
        store.create(KEY, b"", session)
    assert not stored(inner)


def test_a_call_that_lost_its_answer_is_applied(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """`OutcomeUnknown` hides that the record is there."""
    faulty.lose_answer("create")
    with pytest.raises(OutcomeUnknown):
        store.create(KEY, b"", session)
    assert stored(inner)


def test_faults_strike_as_often_as_told(store: Handle, faulty: FaultyStore) -> None:
    """Two refusals and then another two are four, other calls in between not counted."""
    faulty.refuse("read", times=2)
    faulty.refuse("read", times=2)
    for _ in range(4):
        store.health()
        with pytest.raises(StoreUnavailable):
            store.read(KEY)
    assert store.read(KEY) is None


def test_a_star_strikes_any_call(store: Handle, faulty: FaultyStore) -> None:
    """`*` is the next call, whichever it is."""
    faulty.refuse("*", times=2)
    for call in (store.health, store.open_session):
        with pytest.raises(StoreUnavailable):
            call()
    assert store.read(KEY) is None


def test_an_unknown_call_is_refused(faulty: FaultyStore) -> None:
    """A fault for a call that does not exist would never strike."""
    with pytest.raises(ValueError, match="crate"):
        faulty.refuse("crate")


def test_nothing_gets_through_a_cut(store: Handle, faulty: FaultyStore, session: Session) -> None:
    """Cut off, every call is `StoreUnavailable`, until it is mended."""
    faulty.cut()
    for call in CALLS.values():
        with pytest.raises(StoreUnavailable):
            call(store, session)
    faulty.mend()
    assert store.health() == []


def test_a_cut_after_the_write_loses_the_answer(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """What was applied before the cut is `OutcomeUnknown`, not `StoreUnavailable`."""
    faulty.after("create", faulty.cut)
    with pytest.raises(OutcomeUnknown):
        store.create(KEY, b"", session)
    assert stored(inner)


def test_threads_share_the_faults(store: Handle, faulty: FaultyStore) -> None:
    """Of many calls at once exactly as many are refused as planned, and all are recorded."""
    faulty.refuse("read", times=5)

    def refused() -> bool:
        try:
            store.read(KEY)
        except StoreUnavailable:
            return True
        return False

    assert sum(race([refused] * 12)) == 5
    assert faulty.calls == ["read"] * 12


def test_closing_never_fails(store: Handle, faulty: FaultyStore) -> None:
    """A store that is cut off can still be let go of."""
    faulty.cut()
    store.close()
    assert faulty.calls == ["close"]
