"""`not_after`: a lease never outlives the caller's own deadline, however often it is renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from coordination import ConfigurationError, LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, eventually, got


def test_it_caps_a_first_period(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """The store is asked for no more than what is left, so the name is free on time."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 4.0))
    assert lease.deadline == pytest.approx(clock.now() + 4.0)
    assert got(other.get_lease(NAME)).time_remaining == pytest.approx(4.0)
    clock.advance(4.1)
    assert (lease.held, lease.lost) == (False, "expired")
    assert other.acquire_lease(NAME, period=PERIOD) is not None


def test_it_caps_renewals(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """A renewal near the end asks for the rest only; the period it was acquired with is kept."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 25.0))
    end = clock.now() + 25.0
    for _ in range(4):
        clock.advance(6.0)
        lease.renew()
        assert lease.deadline == pytest.approx(min(end, clock.now() + PERIOD))
    assert lease.period == PERIOD
    clock.advance(1.1)
    assert not lease.held
    assert other.acquire_lease(NAME, period=PERIOD) is not None


def test_a_longer_period_does_not_lift_it(manager: Manager, clock: FakeClock) -> None:
    """Renewing with another period is capped like any renewal."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 25.0))
    end = clock.now() + 25.0
    lease.renew(100.0)
    assert lease.deadline == pytest.approx(end)


def test_a_renewal_after_it_is_a_loss(manager: Manager, clock: FakeClock) -> None:
    """There is nothing left to ask for."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 4.0))
    clock.advance(4.0)
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert loss.value.reason == "expired"


def test_it_caps_what_is_kept_alive(world: World, manager: Manager, other: Manager, clock: FakeClock) -> None:
    """The heartbeat goes on until it cannot make the lease last longer, and the loss is told."""
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=clock.wall() + 25.0))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    world.lives_through(lease, 18.0)
    assert lease.held
    clock.advance(7.1)
    eventually(lambda: told, "the news")
    assert told == ["expired"]
    assert other.acquire_lease(NAME, period=PERIOD) is not None


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-7))], ids=str)
def test_an_aware_datetime_means_the_same(manager: Manager, clock: FakeClock, zone: timezone) -> None:
    """Whatever zone it is in."""
    until = datetime.fromtimestamp(clock.wall() + 4.0, zone)
    lease = got(manager.acquire_lease(NAME, period=PERIOD, not_after=until))
    assert lease.deadline == pytest.approx(clock.now() + 4.0)


def test_waiting_hands_it_on(manager: Manager, clock: FakeClock) -> None:
    """`wait_lease` caps like `acquire_lease`."""
    lease = manager.wait_lease(NAME, period=PERIOD, not_after=clock.wall() + 4.0)
    assert lease.deadline == pytest.approx(clock.now() + 4.0)


@pytest.mark.parametrize(
    "not_after",
    [
        0,
        -1.0,
        1_699_999_999.0,
        float("nan"),
        float("inf"),
        True,
        "tomorrow",
        timedelta(seconds=60),
        datetime(2999, 1, 1),  # noqa: DTZ001 - a naive one is the point
        datetime(2001, 1, 1, tzinfo=UTC),
    ],
    ids=repr,
)
def test_what_is_no_point_in_the_future_is_refused(
    manager: Manager, store: LateStore, not_after: object
) -> None:
    """Past, naive, a duration, or no time at all: before any I/O."""
    with pytest.raises(ConfigurationError):
        manager.acquire_lease(NAME, period=PERIOD, not_after=not_after)  # type: ignore[arg-type]
    assert store.calls == []
