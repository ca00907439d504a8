"""The faulty store and batches: a batch is one call, and its faults are answers for each of its items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.record import Session
from coordination.store import BatchedRenewals, Store, Swap
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FaultyStore, Handle
from tests.testing.stored import KEY

CALLS: dict[str, Callable[[Handle, Session], Sequence[object]]] = {
    "replace_all": lambda store, session: store.replace_all([Swap(KEY, b"new", session, 1)]),
    "renew_sessions": lambda store, session: store.renew_sessions([session, session]),
}


@pytest.fixture
def record(inner: MemoryStore, session: Session) -> None:
    """What the batch writes over."""
    assert inner.create(KEY, b"old", session, timeout=5.0) is not None


def test_it_offers_batches_where_the_inner_store_does() -> None:
    """And only there: whoever asks for the protocol gets the right answer."""

    class Single(MemoryStore):
        replace_all = None  # type: ignore[assignment]

    assert isinstance(FaultyStore(MemoryStore()), BatchedRenewals)
    assert isinstance(FaultyStore(Single()), Store)
    assert not isinstance(FaultyStore(Single()), BatchedRenewals)


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_batch_is_not_applied(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session, record: None, call: str
) -> None:
    """Each item is answered with `StoreUnavailable`; nothing is raised, and the next batch gets through."""
    faulty.refuse(call)
    assert {type(answer) for answer in CALLS[call](store, session)} == {StoreUnavailable}
    kept = inner.read(KEY, timeout=5.0)
    assert kept is not None
    assert (kept.value, kept.index) == (b"old", 1)
    assert not any(isinstance(answer, Exception) for answer in CALLS[call](store, session))
    assert faulty.calls == [call, call]


def test_a_batch_whose_answer_is_lost_was_applied(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session, record: None
) -> None:
    """Each item is answered with `OutcomeUnknown`, and the record is written."""
    faulty.lose_answer("replace_all")
    answers = store.replace_all([Swap(KEY, b"new", session, 1)])
    assert [type(answer) for answer in answers] == [OutcomeUnknown]
    kept = inner.read(KEY, timeout=5.0)
    assert kept is not None
    assert kept.value == b"new"


def test_renewals_whose_answer_is_lost_took_effect(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session, clock: FakeClock
) -> None:
    """The session lives on, though nobody was told."""
    clock.advance(8.0)
    faulty.lose_answer("renew_sessions")
    assert [type(answer) for answer in store.renew_sessions([session])] == [OutcomeUnknown]
    clock.advance(8.0)
    assert inner.renew_session(session, timeout=5.0) is not None


def test_a_delay_beyond_the_timeout_fails_the_batch(
    store: Handle, faulty: FaultyStore, session: Session, clock: FakeClock
) -> None:
    """It takes its timeout, no more, and nothing was applied."""
    faulty.delay("renew_sessions", 30.0)
    began = clock.now()
    assert [type(answer) for answer in store.renew_sessions([session])] == [StoreUnavailable]
    assert clock.now() - began == 5.0


def test_a_batch_is_cut_off_like_any_call(store: Handle, faulty: FaultyStore, session: Session) -> None:
    """Until it is mended."""
    faulty.cut()
    assert [type(answer) for answer in store.renew_sessions([session])] == [StoreUnavailable]
    faulty.mend()
    assert store.renew_sessions([session]) == [session]
