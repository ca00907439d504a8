"""When the heartbeat comes to one lease that is kept alive, and what an answer means for its rhythm."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from coordination.errors import CoordinationError, LeaseLost, StoreRefused
from coordination.noticing import Noticing

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.lease import Lease

JITTER = 0.2
"""How much earlier than a third of the period a renewal may come, so that many spread out."""

EARLY = 1 / 24
"""How much earlier still, as a part of the ttl, a renewal may go along with those of others."""

BUSY = 0.05
"""Seconds after which to see what came of a renewal or release by hand."""


class Beat:
    """Knows when its lease is to be renewed next; `Rounds` renews it, alone or together with others.

    The heartbeat always has a job for `next`. Only whoever has the lease's turn changes that.
    """

    def __init__(self, keeper: Keeper, lease: Lease) -> None:
        self._keeper = keeper
        self.lease = lease
        self.noticing = Noticing(keeper, lease)
        self.failures = 0
        self._over = False
        self.next = self._rhythm(random.random())  # noqa: S311 - jitter, not a secret

    def start(self) -> None:
        """Begin."""
        self._keeper.heartbeat.at(self.next, self._run)
        self._keeper.subscribing.add(self.noticing)

    def _run(self) -> None:
        """Have it renewed if it is time."""
        if self._over or self.lease.lost is not None or self._keeper.clock.now() < self.next:
            return  # Lost, released, or it was asked to come at another time since.
        self._keeper.rounds.renew(self)

    def come(self, due: float) -> None:
        """Come again then."""
        self.next = due
        self._keeper.heartbeat.at(due, self._run)

    def rest(self) -> None:
        """Come no more, unless the period is changed by hand."""
        self.next = math.inf

    def hurry(self) -> None:
        """Come earlier if the rhythm asks for it: the period was changed by hand."""
        due = self._rhythm(random.random())  # noqa: S311 - jitter, not a secret
        if due < self.next and not self._over:
            self.come(due)

    def stop(self) -> None:
        """No more of it: the lease is lost or released."""
        self._over = True
        self.noticing.stop()

    def joins(self, now: float) -> bool:
        """Whether it may go along with a renewal that is due now."""
        grant = self.lease.grant
        return now >= self.next - grant.session.ttl * EARLY and grant.plain and not self._over

    def take(self) -> bool:
        """Take the turn of its lease, if that is free and something is left to renew."""
        if not self.lease.try_turn():
            return False
        if self._over or self.lease.lost is not None:
            self.lease.end_turn()
            return False
        return True

    def renew_alone(self, patience: float) -> CoordinationError | None:
        """Renew it by itself; what went wrong. For whoever has the turn."""
        try:
            self.lease.renew_now(None, patience)
        except CoordinationError as error:
            return error
        return None

    def conclude(self, error: CoordinationError | None, luck: float) -> None:
        """What came of its renewal. `luck`: a random number from 0 to 1, one for all that stay together."""
        if error is None:
            self.failures = 0
            self.come(self._rhythm(luck))
        elif isinstance(error, LeaseLost):
            self.lease.lose(error.reason)
        else:
            # Ride it out: try again soon, until the local deadline ends it.
            self.failures += 1
            ttl = self.lease.grant.session.ttl
            pause = min(1.0, ttl / 12) * (1 + luck) / 2
            if isinstance(error, StoreRefused):
                pause = min(2.0, ttl / 2) * (1 + luck / 4)  # It understood, and will hardly change its mind.
            self.come(self._keeper.clock.now() + pause)

    def _rhythm(self, luck: float) -> float:
        """So long after the last confirmed renewal was sent, less the jitter."""
        grant = self.lease.grant
        every = self.lease.renew_every or min(grant.period, grant.session.ttl) / 3
        sent_at = grant.deadline - grant.session.ttl
        return sent_at + every * (1 - JITTER * luck)
