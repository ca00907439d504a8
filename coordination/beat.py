"""What the heartbeat does for one lease that is kept alive, and for one session to be ended."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from coordination.errors import CoordinationError, LeaseLost, StoreError
from coordination.outcomes import CLEANING
from coordination.record import Session
from coordination.store import Subscription

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.lease import Lease

JITTER = 0.2
"""How much earlier than a third of the period a renewal may come, so that many spread out."""


class Beat:
    """Renews one lease at its rhythm, and looks at the record when a watch says that it moved."""

    def __init__(self, keeper: Keeper, lease: Lease) -> None:
        self._keeper = keeper
        self.lease = lease
        self._over = False
        self._looking = False
        self._subscription: Subscription | None = None
        self._failures = 0
        self._due = self._rhythm()
        self._next = -math.inf

    def run(self) -> float | None:
        """Renew if it is time; when to come again."""
        if self._keeper.clock.now() < self._next:
            return None  # It was asked to come at another time since.
        again = self._step()
        self._next = math.inf if again is None else again
        return again

    def hurry(self) -> None:
        """Come earlier if the rhythm asks for it: the period was changed by hand."""
        due = self._rhythm()
        if due < self._due:
            self._due = self._next = due
            self._keeper.heartbeat.at(due, self.run)

    def _step(self) -> float | None:
        if self._over or self.lease.lost is not None:
            return None
        now = self._keeper.clock.now()
        self._subscribe()
        if now < self._due:
            return self._due
        if self.lease.grant.capped:
            return None
        return self._renew()

    def stop(self) -> None:
        """No more of it: the lease is lost or released."""
        self._over = True
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()

    def _rhythm(self) -> float:
        """A third of the period after the last confirmed renewal was sent, less the jitter."""
        grant = self.lease.grant
        ttl = min(grant.period, grant.session.ttl)
        sent_at = grant.deadline - grant.session.ttl
        return sent_at + ttl / 3 * random.uniform(1 - JITTER, 1)  # noqa: S311 - jitter, not a secret

    def _renew(self) -> float | None:
        if not self.lease.try_turn():
            # Somebody is renewing or releasing by hand; see what came of it.
            return self._keeper.clock.now() + 0.05
        try:
            if self._over:
                return None
            self.lease.renew_now(None, self._keeper.patience(self.lease.grant.session.ttl))
        except LeaseLost:
            return None
        except CoordinationError as error:
            return self._failed(error)
        finally:
            self.lease.end_turn()
        if self._failures:
            self._keeper.events.info("renewal-recovered", name=self.lease.name, after=self._failures)
        self._failures = 0
        self._due = self._rhythm()
        return self._due

    def _failed(self, error: CoordinationError) -> float:
        """Ride it out: try again soon, until the local deadline ends it."""
        if not self._failures:
            self._keeper.notifier.warning("renewal-failed", name=self.lease.name, error=str(error))
        self._failures += 1
        pause = min(1.0, self.lease.grant.session.ttl / 12)
        return self._keeper.clock.now() + pause * random.uniform(0.5, 1)  # noqa: S311 - jitter

    def _subscribe(self) -> None:
        if self._subscription is not None:
            return
        grant = self.lease.grant
        timeout = self._keeper.patience(grant.session.ttl)
        try:
            subscription = self._keeper.registry.store.watch(
                grant.key, grant.index, self._moved, timeout=timeout
            )
        except StoreError:
            return  # Without a watch a loss is noticed at the next renewal; the next beat tries again.
        self._subscription = subscription
        if self._over:
            self.stop()

    def _moved(self, key: str, index: int) -> None:
        """On the store's thread: ask the heartbeat to look, unless it was our own write."""
        grant = self.lease.grant
        if self._over or self._looking or key != grant.key or index == grant.index:
            return
        self._looking = True
        self._keeper.heartbeat.at(self._keeper.clock.now(), self._look)

    def _look(self) -> float | None:
        if self._over:
            return None
        if not self.lease.try_turn():
            return self._keeper.clock.now() + 0.02
        self._looking = False
        try:
            grant = self.lease.grant
            reason = self._keeper.registry.look(grant, self._keeper.patience(grant.session.ttl))
        except StoreError:
            return None  # The next renewal will tell.
        finally:
            self.lease.end_turn()
        if reason is not None:
            self.lease.lose(reason)
            for session in self.lease.grant.sessions:
                self._keeper.later(session)
        return None


class Ending:
    """Ends one session that could not be ended at once; tries until it has expired by itself."""

    def __init__(self, keeper: Keeper, session: Session) -> None:
        self._keeper = keeper
        self._session = session
        self._until = keeper.clock.now() + 2 * session.ttl

    def run(self) -> float | None:
        """One try."""
        try:
            timeout = min(self._keeper.timeout, CLEANING)
            self._keeper.registry.store.close_session(self._session, timeout=timeout)
        except StoreError:
            now = self._keeper.clock.now()
            return now + min(1.0, self._session.ttl / 4) if now < self._until else None
        return None
