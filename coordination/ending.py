"""Ending, in the background, what could not be ended at once: sessions, releases, what a loss left.

Each is a job that tries until the sessions in question have expired by themselves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coordination.errors import (
    LeaseCorrupt,
    LeaseLost,
    StoreError,
    StoreRefused,
    StoreReplaced,
    StoreUnavailable,
)
from coordination.grant import Grant
from coordination.outcomes import CLEANING, goes_on
from coordination.record import Session

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.lease import Lease


class _Job(ABC):
    """Something about these sessions that is done once it raises no `StoreError`."""

    def __init__(self, keeper: Keeper, sessions: Sequence[Session]) -> None:
        self._keeper = keeper
        self._store = keeper.registry.store
        self._ttl = max(session.ttl for session in sessions)
        self._until = keeper.clock.now() + 2 * self._ttl

    def run(self) -> float | None:
        """One try."""
        try:
            self._try(min(self._keeper.timeout, CLEANING))
        except StoreReplaced:
            return None  # What is there now was never ours.
        except StoreError as error:
            now = self._keeper.clock.now()
            # A refusal is no outage: the store will hardly change its mind.
            pause = 5.0 if isinstance(error, StoreRefused) else min(1.0, self._ttl / 4)
            return now + pause if now < self._until else None
        return None

    @abstractmethod
    def _try(self, timeout: float) -> None:
        """Do it, or raise a `StoreError`."""


class Ending(_Job):
    """Ends one session that nobody else uses."""

    def __init__(self, keeper: Keeper, session: Session) -> None:
        super().__init__(keeper, [session])
        self._session = session

    def _try(self, timeout: float) -> None:
        self._store.close_session(self._session, timeout=timeout)


class Leaving(_Job):
    """Ends the sessions of a lost lease, unless another handle of the same acquisition goes on."""

    def __init__(self, keeper: Keeper, grant: Grant) -> None:
        super().__init__(keeper, grant.sessions)
        self._grant = grant

    def _try(self, timeout: float) -> None:
        try:
            current = self._store.read(self._grant.key, timeout=timeout)
        except LeaseCorrupt:
            current = None
        if goes_on(self._grant, current):
            return
        for session in self._grant.sessions:
            self._keeper.later(session)


class Releasing(_Job):
    """Finishes a release, as guarded as one by hand: a handle that has resumed the lease is left alone."""

    def __init__(self, keeper: Keeper, lease: Lease) -> None:
        super().__init__(keeper, lease.grant.sessions)
        self._lease = lease

    def _try(self, timeout: float) -> None:
        if not self._lease.try_turn():
            raise StoreUnavailable("another call on the lease is still under way")
        try:
            self._keeper.registry.release(self._lease.grant, timeout)
        except LeaseLost:
            return  # It was another's, or gone; its sessions were seen to.
        finally:
            self._lease.end_turn()
