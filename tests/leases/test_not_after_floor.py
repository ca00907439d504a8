"""`not_after` on a store that grants no short ttl: the caller's deadline is kept, and not lost before."""

from __future__ import annotations

from typing import cast

import pytest

from coordination import ConfigurationError, connect
from coordination.testing import FakeClock
from tests.leases.batching import BatchStore, Fleet
from tests.leases.late import LateStore
from tests.leases.lingering import Lingering
from tests.leases.world import NAME, got, live

PERIOD = 10.0
MARGIN = 0.5
"""Of that period, in seconds."""


@pytest.fixture
def store(clock: FakeClock) -> LateStore:
    """It grants ten seconds at least, as Consul does, and keeps a session for twice its ttl."""
    return LateStore(Lingering(clock, shortest=10.0), clock)


@pytest.mark.parametrize("seconds", [12.0, 17.5, 24.0, 33.3])
def test_a_kept_lease_lasts_until_then(store: LateStore, clock: FakeClock, seconds: float) -> None:
    """The last renewals ask for less than the store grants; still they are renewals."""
    fleet = Fleet(clock, cast(BatchStore, store), connect(store, clock=clock))
    end = clock.now() + seconds
    told: list[str] = []
    lease = got(fleet.manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + seconds))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    fleet.settle()
    while clock.now() < end - MARGIN - 0.3:
        assert (lease.held, told) == (True, [])
        assert lease.deadline <= end + 1e-6
        fleet.live(0.25)
    asked = len(store.calls)
    fleet.live(MARGIN + 0.5)
    assert (lease.held, told) == (False, ["expired"])
    assert asked < 40
    live(fleet.manager, clock, 0.5)
    other = connect(LateStore(store.inner, clock), clock=clock)
    assert other.acquire_lease(NAME, period=PERIOD) is not None, "the name is free on time"
    other.close()
    fleet.manager.close()


def test_renewing_by_hand_near_the_end(store: LateStore, clock: FakeClock) -> None:
    """It is no error, and makes nothing longer."""
    manager = connect(store, clock=clock)
    end = clock.now() + 24.0
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 24.0))
    for _ in range(46):
        clock.advance(0.5)
        lease.renew()
        assert lease.deadline == pytest.approx(min(end, clock.now() + PERIOD))
    clock.advance(0.6)
    assert (lease.held, lease.lost) == (False, "expired")
    manager.close()


def test_a_period_that_is_too_short_is_still_refused(store: LateStore, clock: FakeClock) -> None:
    """Only the cap is the caller's own affair."""
    manager = connect(store, clock=clock)
    with pytest.raises(ConfigurationError, match="between 10"):
        manager.acquire_lease(NAME, period=9.0, not_after=clock.wall() + 4.0)
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 24.0))
    with pytest.raises(ConfigurationError, match="between 10"):
        lease.renew(9.0)
    assert lease.held
    manager.close()
