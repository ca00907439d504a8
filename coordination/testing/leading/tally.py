"""A store that remembers the sessions that were opened through it: whoever gave up leaves none of them."""

from __future__ import annotations

from coordination.clock import Clock
from coordination.record import Record, Session
from coordination.store import Store
from coordination.testing.faulty import FaultyStore


class TallyStore(FaultyStore):
    """A `FaultyStore` that counts. `asked` has the points on the clock at which `key` was read."""

    def __init__(self, inner: Store, clock: Clock) -> None:
        super().__init__(inner, clock)
        self.opened: list[Session] = []
        self.key: str | None = None
        self.asked: list[float] = []

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """Open one, and remember it."""
        session = super().open_session(ttl, timeout=timeout)
        self.opened.append(session)
        return session

    def read(self, key: str, *, timeout: float) -> Record | None:
        """Read, and note when, if this is the key that is looked at."""
        if key == self.key:
            self.asked.append(self._clock.now())
        return super().read(key, timeout=timeout)

    def alive(self, timeout: float) -> list[Session]:
        """Those that were opened and not ended. Asking keeps them alive: none of them expires by itself."""
        return [it for it in self.opened if self.inner.renew_session(it, timeout=timeout) is not None]
