"""A store that refuses, as after a token was revoked: it is asked rarely, before a loss and after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from coordination import Manager, connect
from coordination.beat import Beat
from coordination.ending import Ending
from coordination.errors import OutcomeUnknown, PermissionDenied, StoreError, StoreUnavailable
from coordination.record import Session
from coordination.testing import FakeClock
from tests.leases.batching import BatchStore, Fleet
from tests.leases.late import LateStore
from tests.leases.lingering import Lingering
from tests.leases.world import NAME, got, live

WINDOW, MOST = 5.0, 3
"""At most so many tries in so many seconds."""


class Revoked:
    """Refuses every call from the moment it is given to a store; knows when it was asked."""

    def __init__(self, store: LateStore, clock: FakeClock) -> None:
        self.at: list[float] = []
        self._clock = clock
        store.before("*", self._deny, times=1_000_000)

    def _deny(self) -> None:
        self.at.append(self._clock.now())
        raise PermissionDenied("ACL not found")

    @property
    def busiest(self) -> int:
        """The most calls within a window."""
        return max(sum(begin <= each < begin + WINDOW for each in self.at) for begin in self.at)


@pytest.fixture
def store(clock: FakeClock) -> LateStore:
    """It keeps sessions for twice their ttl, so that something is left to be ended after a loss."""
    return LateStore(Lingering(clock), clock)


@pytest.fixture
def manager(store: LateStore, clock: FakeClock) -> Iterator[Manager]:
    """On that store."""
    manager = connect(store, clock=clock, machine_id="m1")
    yield manager
    manager.close()


@pytest.mark.parametrize("period", [4.0, 15.0])
@pytest.mark.parametrize("seconds", [0.0, 0.9], ids=["fresh", "old"])
def test_a_token_revoked_while_a_lease_is_kept(
    manager: Manager, store: LateStore, clock: FakeClock, period: float, seconds: float
) -> None:
    """From the first refusal to the end of all tries, which is some time after the loss."""
    fleet = Fleet(clock, cast(BatchStore, store), manager)
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=period))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    fleet.settle()
    fleet.live(seconds * period / 3)
    revoked = Revoked(store, clock)
    fleet.live(period)
    assert told == ["expired"]
    live(manager, clock, 2 * period + WINDOW + 1.0)
    tries = len(revoked.at)
    live(manager, clock, WINDOW + 1.0)
    assert tries >= 3, "before the loss and after it"
    assert revoked.busiest <= MOST
    assert len(revoked.at) == tries, "it has an end"


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (PermissionDenied("no"), 2.0, 2.5),
        (StoreUnavailable("away"), 0.5, 1.0),
        (OutcomeUnknown("who knows"), 0.5, 1.0),
    ],
)
def test_the_pace_of_renewals(
    manager: Manager, clock: FakeClock, error: StoreError, least: float, most: float
) -> None:
    """An outage is ridden out closely; a refusal is not."""
    lease = got(manager.acquire_lease(NAME, period=15.0))
    for luck in (0.0, 0.5, 1.0):
        beat = Beat(manager._keeper, lease)
        beat.conclude(error, luck)
        assert least <= beat.next - clock.now() <= most


@pytest.mark.parametrize(("error", "pause"), [(PermissionDenied("no"), 5.0), (StoreUnavailable("away"), 1.0)])
def test_the_pace_of_ending(
    manager: Manager, store: LateStore, clock: FakeClock, error: StoreError, pause: float
) -> None:
    """The same for what is ended in the background, until the session is surely dead."""

    def fails() -> None:
        raise error

    store.before("close_session", fails, times=1_000)
    job = Ending(manager._keeper, Session("session", 4.0))
    tries = 0
    due: float | None = clock.now()
    until = clock.now() + 3 * 4.0
    while due is not None and due < until:
        clock.advance(due - clock.now())
        due = job.run()
        tries += 1
        assert due is None or due == pytest.approx(clock.now() + pause)
    assert due is None
    assert tries == 1 + -(-2 * 4.0 // pause)
