"""D16 of the reference notes: a write was applied and its answer was lost."""

from __future__ import annotations

import pytest

from coordination import LeaseLost, Manager, OutcomeUnknown, StoreUnavailable
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got


def test_d16_acquire_recognises_its_own_create(manager: Manager, store: LateStore) -> None:
    """D16: the record is ours, as its nonce tells; the caller never hears of the trouble."""
    store.lose_answer("create")
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.renew()
    assert (lease.held, got(manager.get_lease(NAME)).token) == (True, lease.token)


def test_d16_steal_recognises_its_own_replace(manager: Manager, other: Manager, store: LateStore) -> None:
    """D16: the same for a theft."""
    victim = got(other.acquire_lease(NAME, period=PERIOD))
    store.lose_answer("replace")
    lease = got(manager.steal_lease(NAME, None, 0, PERIOD, victim.index))
    lease.renew()
    assert lease.held
    assert lease.token > victim.token


def test_d16_renew_recognises_its_own_replace(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """D16: the holder re-reads and goes on, instead of stepping down."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    index = lease.index
    clock.advance(5.0)
    store.lose_answer("replace")
    lease.renew()
    assert (lease.held, lease.deadline) == (True, clock.now() + PERIOD)
    assert got(other.get_lease(NAME)).index == lease.index > index
    lease.renew()


def test_d16_renew_whose_session_renewal_got_lost(
    manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """D16: half of a renewal is none: unknown, held to the old deadline, and the next one works."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    deadline = lease.deadline
    clock.advance(5.0)
    store.lose_answer("renew_session")
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    assert (lease.held, lease.lost, lease.deadline) == (True, None, deadline)
    lease.renew()
    assert lease.deadline == clock.now() + PERIOD


def test_d16_release_recognises_its_own_delete(manager: Manager, other: Manager, store: LateStore) -> None:
    """D16: the lease is gone, so it was released."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.lose_answer("delete")
    assert lease.release() is True
    assert (lease.release(), lease.lost) == (False, None)
    assert other.get_lease(NAME) is None


def test_d16_renew_with_another_period_recognises_itself(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """D16: a renewal that moves to a new session and loses its answer does not end its own lease."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.lose_answer("replace")
    lease.renew(3 * PERIOD)
    assert (lease.held, lease.period) == (True, 3 * PERIOD)
    clock.advance(2 * PERIOD)
    assert lease.held
    assert got(other.get_lease(NAME)).token == lease.token


def test_d16_renew_that_cannot_be_read_back_stays_unknown(
    manager: Manager, other: Manager, store: LateStore
) -> None:
    """D16: when the store does not answer at all, the holder believes until its deadline."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    deadline = lease.deadline
    store.after("replace", store.cut)
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    assert (lease.held, lease.deadline) == (True, deadline)
    store.mend()
    lease.renew()
    assert lease.held
    assert got(other.get_lease(NAME)).index == lease.index


@pytest.mark.parametrize("period", [PERIOD / 2, 3 * PERIOD], ids=["shorter", "longer"])
def test_d16_a_lost_change_of_period_never_frees_what_is_believed(
    manager: Manager, other: Manager, store: LateStore, period: float
) -> None:
    """D16: while the holder believes, nobody else gets it, also when it could not read back."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.after("replace", store.cut)
    with pytest.raises(OutcomeUnknown):
        lease.renew(period)
    store.mend()
    taken = other.acquire_lease(NAME, period=PERIOD)
    assert not (lease.held and taken is not None)
    lease.renew(period)
    assert (lease.held, lease.period) == (True, period)


def test_d16_a_theft_behind_a_lost_answer_is_a_theft(
    manager: Manager, other: Manager, store: LateStore, world: World
) -> None:
    """D16: the read-back finds a thief's record, not ours; the holder does not mistake it for its own."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    thieves = []

    def steal() -> None:
        index = got(other.get_lease(NAME)).index
        thieves.append(got(other.steal_lease(NAME, "m2", 0, PERIOD, index)))

    store.after("replace", steal)
    store.lose_answer("replace")
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert loss.value.reason == "stolen"
    assert got(manager.get_lease(NAME)).token == thieves[0].token


def test_a_refused_renewal_changes_nothing(manager: Manager, store: LateStore, clock: FakeClock) -> None:
    """A store out of reach is no loss: the error says so, and belief ends at the old deadline."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    deadline, index = lease.deadline, lease.index
    store.refuse("replace")
    with pytest.raises(StoreUnavailable):
        lease.renew()
    assert (lease.held, lease.deadline, lease.index) == (True, deadline, index)
    clock.advance(PERIOD)
    assert (lease.held, lease.lost) == (False, "expired")


def test_a_release_that_cannot_reach_the_store_is_finished_later(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """It raises, it is not held any more, and the background frees it when the store is back."""
    lease = got(manager.acquire_lease(NAME, period=100 * PERIOD))
    store.cut()
    with pytest.raises(OutcomeUnknown):
        lease.release()
    assert (lease.held, lease.lost) == (False, None)
    store.mend()
    _free_within(other, clock, 10.0)


def _free_within(manager: Manager, clock: FakeClock, seconds: float) -> None:
    until = clock.now() + seconds
    while manager.get_lease(NAME) is not None:
        assert clock.now() < until, "the background did not finish the release"
        clock.advance(0.05)
        clock.settle(0.02)
