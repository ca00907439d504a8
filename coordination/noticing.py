"""How a loss that somebody else brings about is noticed between two renewals: a watch, then a look.

Beginning a watch and looking are requests, so they run on the heartbeat, where no renewal is due.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from coordination.ending import Leaving
from coordination.errors import StoreError, StoreReplaced
from coordination.store import Subscription

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.lease import Lease


class Noticing:
    """Watches the record of one lease, and looks whether it is still ours when it has moved."""

    def __init__(self, keeper: Keeper, lease: Lease) -> None:
        self._keeper = keeper
        self.lease = lease
        self.over = False
        self._looking = False
        self._told = 0
        self._subscription: Subscription | None = None

    def begin(self) -> bool:
        """Subscribe; False if the store could not, and somebody has to try again."""
        grant = self.lease.grant
        timeout = self._keeper.patience(grant.session.ttl)
        try:
            subscription = self._keeper.registry.store.watch(
                grant.key, grant.index, self._moved, timeout=timeout
            )
        except StoreError:
            return False  # Without a watch a loss is noticed at the next renewal.
        self._subscription = subscription
        if self.over:
            self.stop()
        return True

    def stop(self) -> None:
        """No more of it: the lease is lost or released."""
        self.over = True
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()

    def _moved(self, key: str, index: int) -> None:
        """On the store's thread: have somebody look, unless it was our own write."""
        grant = self.lease.grant
        if self.over or key != grant.key or index == grant.index:
            return
        self._told = index
        if not self._looking:
            self._looking = True
            self._keeper.heartbeat.at(self._keeper.clock.now(), self._look, spare=True)

    def _look(self) -> float | None:
        if self.over:
            return None
        if not self.lease.try_turn():
            return self._keeper.clock.now() + 0.02
        try:
            self._looking = False
            grant = self.lease.grant
            if self._told == grant.index:
                return None  # The news of our own write came before the answer to it.
            reason = self._keeper.registry.look(grant, self._keeper.patience(grant.session.ttl))
        except StoreReplaced:
            self.lease.lose("revoked")
            return None
        except StoreError:
            return None  # The next renewal will tell.
        finally:
            self.lease.end_turn()
        if reason is not None:
            self.lease.lose(reason)
            self._keeper.janitor.at(self._keeper.clock.now(), Leaving(self._keeper, grant).run)
        return None


class Subscribing:
    """Begins the watches of a manager's leases, one after the other.

    A thousand leases may be kept at the same moment, and the store may be away at that: renewals
    go first, and after a failure there is a pause, so that they never wait for more than one watch.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._waiting: deque[Noticing] = deque()
        self._running = False

    def add(self, noticing: Noticing) -> None:
        """Begin this one after those before it."""
        with self._mutex:
            self._waiting.append(noticing)
            running, self._running = self._running, True
        if not running:
            self._keeper.heartbeat.at(self._keeper.clock.now(), self._run, spare=True)

    def _run(self) -> float | None:
        with self._mutex:
            if not self._waiting:
                self._running = False
                return None
            noticing = self._waiting.popleft()
        begun = False
        try:
            begun = noticing.over or noticing.begin()
        finally:
            if not begun:
                with self._mutex:
                    self._waiting.append(noticing)
        now = self._keeper.clock.now()
        return now if begun else now + min(1.0, noticing.lease.grant.session.ttl / 12)
