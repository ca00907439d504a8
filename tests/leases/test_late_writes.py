"""D16 of the reference notes, the other half: a write given up as unknown lands later."""

from __future__ import annotations

import pytest

from coordination import Manager, OutcomeUnknown
from coordination.errors import SessionLost
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got


def test_d16_a_renewal_that_lands_after_the_read_back(
    manager: Manager, other: Manager, store: LateStore
) -> None:
    """D16: the index moved under the holder by its own write; the next renewal recognises that."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    store.after("read", store.deliver)
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    assert lease.held
    assert got(other.get_lease(NAME)).index > lease.index
    lease.renew()
    assert lease.held
    assert got(other.get_lease(NAME)).index == lease.index


def test_d16_a_renewal_that_lands_after_the_caller_gave_up(
    manager: Manager, other: Manager, store: LateStore
) -> None:
    """D16: the same when it lands between two calls."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    store.deliver()
    assert got(other.get_lease(NAME)).index > lease.index
    lease.renew()
    assert lease.held


def test_d16_a_renewal_that_lands_after_the_next_one(manager: Manager, store: LateStore) -> None:
    """D16: by then its index is stale, so it changes nothing."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    lease.renew()
    index = lease.index
    assert store.deliver() == [None]
    assert got(manager.get_lease(NAME)).index == index
    lease.renew()


def test_d16_a_renewal_that_lands_before_the_release(
    manager: Manager, other: Manager, store: LateStore
) -> None:
    """D16: the release recognises its own late write, and releases."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    store.deliver()
    assert lease.release() is True
    assert other.get_lease(NAME) is None


def test_d16_a_renewal_that_lands_after_the_release(manager: Manager, store: LateStore) -> None:
    """D16: nothing rises from the dead."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    assert lease.release() is True
    store.deliver()
    assert manager.get_lease(NAME) is None


def test_d16_a_change_of_period_that_lands_late(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """D16: late or not, the lease that is believed is there, and the next renewal goes through."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    with pytest.raises(OutcomeUnknown):
        lease.renew(3 * PERIOD)
    store.deliver()
    assert lease.held
    assert other.acquire_lease(NAME, period=PERIOD) is None
    lease.renew(3 * PERIOD)
    clock.advance(2 * PERIOD)
    assert lease.held
    assert got(other.get_lease(NAME)).token == lease.token


@pytest.mark.parametrize("deliver_first", [True, False], ids=["after the read-back", "after giving up"])
def test_d16_an_acquisition_that_lands_late_leaves_nothing(
    manager: Manager, other: Manager, store: LateStore, world: World, deliver_first: bool
) -> None:
    """D16: the caller was told that nobody knows, so whatever lands is removed, and the name is free."""
    store.post_late("create")
    if deliver_first:
        store.after("read", store.deliver)
    with pytest.raises(OutcomeUnknown):
        manager.acquire_lease(NAME, period=PERIOD)
    if not deliver_first:
        (answer,) = store.deliver()
        assert isinstance(answer, SessionLost)
    assert world.stored() == []
    assert other.acquire_lease(NAME, period=PERIOD) is not None


@pytest.mark.parametrize("deliver_first", [True, False], ids=["after the read-back", "after giving up"])
def test_d16_a_theft_that_lands_late_gives_it_to_nobody(
    manager: Manager, other: Manager, store: LateStore, deliver_first: bool
) -> None:
    """D16: the thief does not know, so it does not hold; and the name does not stay taken for ever."""
    victim = got(other.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    if deliver_first:
        store.after("read", store.deliver)
    with pytest.raises(OutcomeUnknown):
        manager.steal_lease(NAME, None, 0, PERIOD, victim.index)
    if not deliver_first:
        store.deliver()
    held = manager.get_lease(NAME)
    assert held is None if deliver_first else got(held).token == victim.token


def test_d16_a_release_that_lands_late_hurts_nobody(
    manager: Manager, other: Manager, store: LateStore
) -> None:
    """D16: the release is tried again at once; the late one finds another's record and leaves it."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("delete")
    assert lease.release() is True
    taken = got(other.acquire_lease(NAME, period=PERIOD))
    assert store.deliver() == [False]
    taken.renew()
    assert got(manager.get_lease(NAME)).token == taken.token


def test_d16_a_session_renewal_that_lands_late_revives_nothing(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """D16: an expired lease stays expired, whatever still arrives."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("renew_session")
    with pytest.raises(OutcomeUnknown):
        lease.renew()
    clock.advance(PERIOD + 0.1)
    taken = got(other.acquire_lease(NAME, period=PERIOD))
    store.deliver()
    assert (lease.held, taken.held) == (False, True)
    assert got(manager.get_lease(NAME)).token == taken.token


def test_an_interrupted_change_of_period_frees_nothing(
    manager: Manager, other: Manager, store: LateStore
) -> None:
    """^C in the middle of `renew(period)`: what is still believed is still there, and renewed later."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.after("replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lease.renew(PERIOD / 2)
    assert lease.held
    assert other.acquire_lease(NAME, period=PERIOD) is None
    lease.renew()
    assert lease.held
    assert lease.release()


def test_a_release_amid_an_unknown_change_of_period(manager: Manager, store: LateStore, world: World) -> None:
    """Wherever the record and its sessions were left, the release removes all of it."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.post_late("replace")
    with pytest.raises(OutcomeUnknown):
        lease.renew(2 * PERIOD)
    store.deliver()
    assert lease.release() is True
    assert world.stored() == []
