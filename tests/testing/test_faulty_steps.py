"""The faulty store in time: delays, hooks at a step, and what a watch hears across a cut."""

from __future__ import annotations

import pytest

from coordination.errors import OutcomeUnknown, StoreRefused, StoreUnavailable
from coordination.record import Session
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FaultyStore, Handle, StoreContract, StoreHarness
from tests.testing.stored import KEY, stored


def test_a_delay_passes_on_the_clock(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session, clock: FakeClock
) -> None:
    """A slow call reaches the store that much later, and is answered."""
    faulty.delay("create", 4.0)
    began = clock.now()
    record = store.must_create(KEY, session)
    assert clock.now() - began == 4.0
    assert record.time_left == 6.0


def test_a_delay_ends_at_the_timeout(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session, clock: FakeClock
) -> None:
    """A call that is slower than its timeout is given up then, and was not applied."""
    faulty.delay("create", 60.0)
    began = clock.now()
    with pytest.raises(StoreUnavailable):
        store.create(KEY, b"", session)
    assert (clock.now() - began, stored(inner)) == (5.0, False)


def test_hooks_run_at_their_step(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """`before` sees the store without the write, `after` with it, both before the caller's answer."""
    seen: list[bool] = []
    faulty.before("create", lambda: seen.append(stored(inner)))
    faulty.after("create", lambda: seen.append(stored(inner)))
    store.must_create(KEY, session)
    assert seen == [False, True]


def test_hooks_queue_up(store: Handle, faulty: FaultyStore) -> None:
    """Two hooks for one call run at two calls, in order."""
    ran: list[str] = []
    faulty.before("read", lambda: ran.append("first"))
    faulty.before("read", lambda: ran.append("second"), times=2)
    for _ in range(4):
        store.read(KEY)
    assert ran == ["first", "second", "second"]


def test_what_a_hook_raises_the_call_raises(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """So every error of a store can be played, and before the call nothing is applied."""

    def full() -> None:
        raise StoreRefused("the disk is full")

    faulty.before("create", full)
    with pytest.raises(StoreRefused, match="full"):
        store.create(KEY, b"", session)
    assert not stored(inner)


def test_a_hook_may_use_the_store(store: Handle, faulty: FaultyStore, session: Session) -> None:
    """An interleaving: a rival creates the record while our create is on its way."""
    rival = store.open_session()
    faulty.before("create", lambda: store.must_create(KEY, rival))
    assert store.create(KEY, b"", session) is None


def test_a_watch_is_silent_while_cut_off(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """A change behind a cut is told once it is mended, as the contract demands, and not before."""
    watching = store.watch(KEY, 0)
    faulty.cut()
    inner.create(KEY, b"", session, timeout=5.0)
    assert watching.told == []
    faulty.mend()
    assert watching.keys == {KEY}


def test_a_watch_closed_while_cut_off_stays_silent(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """Mending tells nothing to who has closed his watch meanwhile."""
    watching = store.watch(KEY, 0)
    faulty.cut()
    inner.create(KEY, b"", session, timeout=5.0)
    watching.close()
    faulty.mend()
    assert watching.told == []


def test_a_watch_with_a_lost_answer_is_not_left_behind(
    store: Handle, faulty: FaultyStore, inner: MemoryStore, session: Session
) -> None:
    """The caller has nothing to close, so nothing may go on telling."""
    told: list[str] = []
    faulty.lose_answer("watch")
    with pytest.raises(OutcomeUnknown):
        faulty.watch(KEY, 0, lambda key, index: told.append(key), timeout=5.0)
    inner.create(KEY, b"", session, timeout=5.0)
    assert told == []


def test_a_slow_store_still_keeps_short_timeouts(inner: MemoryStore, clock: FakeClock) -> None:
    """Slower than every timeout but the longest, it passes the suite's test of timeouts."""
    slow = FaultyStore(inner, clock)
    slow.delay("*", 1.0, times=100)
    harness = StoreHarness(lambda: slow, clock.advance, ttl=10.0)
    StoreContract().test_a_tiny_timeout_is_an_answer_or_a_store_error(harness)
    assert len(slow.calls) == 10
