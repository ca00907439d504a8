"""Acquiring, stealing and looking, after fleet's contract (D cases of the reference notes)."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got


def test_d1_acquiring_a_held_lease_is_none(manager: Manager, other: Manager) -> None:
    """D1: not an error; and the holder is not disturbed."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert other.acquire_lease(NAME, period=PERIOD) is None
    lease.renew()
    assert lease.held


def test_d1_it_is_not_reentrant(manager: Manager) -> None:
    """D1: the same manager does not get it twice either."""
    got(manager.acquire_lease(NAME, period=PERIOD))
    assert manager.acquire_lease(NAME, period=PERIOD) is None


def test_d2_steal_with_the_current_index(manager: Manager, other: Manager) -> None:
    """D2: the thief holds it under a higher token, and everybody sees the thief."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    stolen = got(other.steal_lease(NAME, "m2", 3, PERIOD, lease.index))
    seen = got(manager.get_lease(NAME))
    assert stolen.held
    assert stolen.token > lease.token
    assert (seen.machine_id, seen.version, seen.token, seen.index) == ("m2", 3, stolen.token, stolen.index)


def test_d3_steal_with_a_stale_index_changes_nothing(manager: Manager, other: Manager) -> None:
    """D3: a renewal has moved the index; the steal is None and the holder goes on."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    seen = lease.index
    lease.renew()
    assert other.steal_lease(NAME, "m2", 0, PERIOD, seen) is None
    assert got(manager.get_lease(NAME)).index == lease.index
    lease.renew()
    assert lease.held


def test_d4_steal_after_expiry_is_none(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D4: what is gone cannot be stolen, only acquired."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD + 0.1)
    assert other.steal_lease(NAME, "m2", 0, PERIOD, lease.index) is None
    assert got(other.acquire_lease(NAME, period=PERIOD)).token > lease.token


def test_d4_steal_after_release_is_none(manager: Manager, other: Manager) -> None:
    """D4: the same when its holder gave it up."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.release()
    assert other.steal_lease(NAME, "m2", 0, PERIOD, lease.index) is None
    assert other.get_lease(NAME) is None


def test_d10_get_of_nothing_is_none(manager: Manager) -> None:
    """D10: no lease, no error."""
    assert manager.get_lease(NAME) is None


@pytest.mark.parametrize("index", [0, -1, True, 1.0, "1", None])
def test_d13_index_0_is_refused(manager: Manager, store: LateStore, index: object) -> None:
    """D13 (our deviation): fleet's 0 meant 'overwrite whatever is there'; nothing reaches the store."""
    with pytest.raises(ConfigurationError):
        manager.steal_lease(NAME, "m1", 0, PERIOD, index)  # type: ignore[arg-type]
    assert store.calls == []


def test_d17_an_equal_machine_id_is_no_claim(manager: Manager, world: World) -> None:
    """D17: two processes with the same machine id do not both lead."""
    clone = world.manager(machine_id="m1")
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert clone.acquire_lease(NAME, period=PERIOD) is None
    view = got(clone.get_lease(NAME))
    assert view.machine_id == lease.machine_id
    assert not view.held


def test_d17_a_thief_of_the_same_machine_id_beats_the_victim(manager: Manager, world: World) -> None:
    """D17: the victim does not mistake its clone's lease for its own."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    stolen = got(world.manager(machine_id="m1").steal_lease(NAME, "m1", 0, PERIOD, lease.index))
    with pytest.raises(LeaseLost):
        lease.renew()
    assert (lease.held, stolen.held) == (False, True)


def test_tokens_rise_with_every_acquisition(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """By release, by expiry and by theft, each grant has a higher number than all before."""
    tokens = []
    for turn in range(4):
        lease = got((manager, other)[turn % 2].acquire_lease(NAME, period=PERIOD))
        tokens.append(lease.token)
        if turn == 0:
            lease.release()
        elif turn == 1:
            clock.advance(PERIOD + 0.1)
        else:
            thief = got(manager.steal_lease(NAME, None, 0, PERIOD, lease.index))
            tokens.append(thief.token)
            thief.release()
    assert tokens == sorted(set(tokens))
    assert len(tokens) == 6


def test_reads_see_the_last_write(manager: Manager, other: Manager) -> None:
    """What one manager was told is done, the next look of another one sees."""
    for _ in range(5):
        lease = got(manager.acquire_lease(NAME, period=PERIOD))
        assert got(other.get_lease(NAME)).token == lease.token
        lease.renew()
        assert got(other.get_lease(NAME)).index == lease.index
        lease.release()
        assert other.get_lease(NAME) is None
