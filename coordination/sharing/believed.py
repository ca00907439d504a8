"""What is believed of a shared session.

A hold is believed until a margin before the ttl has passed since the last confirmed renewal *and*
since the last proof of all records were sent: a live session does not prove that a record is still
ours. The loss of the session is final; whoever needs one opens another.
"""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod

from coordination.record import Session
from coordination.sharing.keeping import Keeping
from coordination.timing import margin


class Believed(ABC):
    """A session that we opened, and how long we may believe in it. Guarded by `mutex`."""

    def __init__(self, keeping: Keeping, mutex: threading.RLock, session: Session, asked_at: float) -> None:
        self.keeping = keeping
        self.mutex = mutex
        self.session = session
        self.incarnation = secrets.token_hex(8)
        self.dead: str | None = None
        self._renewed_at = self._proven_at = asked_at
        self.believed_until = asked_at + session.ttl - margin(session.ttl)

    @property
    def name(self) -> str:
        """What events call it."""
        return f"session {self.incarnation}"

    @property
    def here(self) -> bool:
        """Whether this is the process it belongs to."""
        return self.keeping.home.here

    @property
    def believed(self) -> bool:
        """Whether what is on it may still be believed to be ours. No I/O."""
        return (
            self.dead is None
            and self.keeping.clock.now() < self.believed_until
            and self.keeping.home.here
            and not self.keeping.closed
        )

    @property
    def remaining(self) -> float:
        """Seconds until belief ends."""
        return max(0.0, self.believed_until - self.keeping.clock.now()) if self.believed else 0.0

    @property
    def overdue_at(self) -> float:
        """When it is lost unless it is renewed and proven before."""
        return self.believed_until

    @property
    def lost(self) -> str | None:
        """Why it is lost; None while it is not."""
        return self.look()

    def look(self) -> str | None:
        """Lose it if it is overdue; why it is lost."""
        if self.dead is None and self.keeping.closed:
            self.lose("closed")
        if self.dead is None and self.keeping.clock.now() >= self.believed_until:
            self.lose("expired")
        return self.dead

    def renewed(self, asked_at: float, session: Session) -> bool:
        """A renewal sent at `asked_at` was confirmed; False if belief had lapsed before: that is final."""
        with self.mutex:
            if self.look() is not None:
                return False
            self.session = session
            self._renewed_at = asked_at
            self._believe()
            return True

    def proven(self, asked_at: float) -> None:
        """All that was not found gone was there, by a proof sent at `asked_at`."""
        with self.mutex:
            if self.look() is None:
                self._proven_at = asked_at
                self._believe()

    def _believe(self) -> None:
        ttl = self.session.ttl
        self.believed_until = min(self._renewed_at, self._proven_at) + ttl - margin(ttl)

    @abstractmethod
    def lose(self, reason: str) -> None:
        """It is lost, once, and with it everything on it."""
