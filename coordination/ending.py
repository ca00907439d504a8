"""Ending, in the background, a session that could not be ended at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coordination.errors import StoreError
from coordination.outcomes import CLEANING
from coordination.record import Session

if TYPE_CHECKING:
    from coordination.keeper import Keeper


class Ending:
    """Ends one session; tries until it has expired by itself."""

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
