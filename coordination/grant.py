"""What a holder knows of its own lease: the facts that every step of the registry starts from.

A grant is changed only by the registry, one step at a time (its lease sees to that), and each
field is written once it is true, so a reader without a lock sees an old truth or a new one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from coordination.record import Session
from coordination.timing import margin
from coordination.value import LeaseValue


@dataclass(slots=True)
class Grant:
    """One acquisition of one name. Times are points on the manager's clock, in seconds."""

    key: str
    token: int
    index: int
    value: LeaseValue
    session: Session
    period: float
    deadline: float = -math.inf
    believed_until: float = -math.inf
    ends_at: float | None = None
    pending: set[str] = field(default_factory=set)
    """Nonces of our own writes whose outcome is unknown: they may land at any time."""
    strays: list[Session] = field(default_factory=list)
    """Sessions that such a write may have moved the record to. They stay open until a later write is
    confirmed: closing one could remove a record that is believed."""

    @property
    def sessions(self) -> list[Session]:
        """Every session that the record may hang on."""
        return [self.session, *self.strays]

    @property
    def plain(self) -> bool:
        """Whether a renewal is no more than a rewrite on the same session: not capped, not being moved."""
        return self.ends_at is None and not self.strays

    def hangs_on(self, session: str | None) -> bool:
        """Whether this is the id of one of them."""
        return any(known.id == session for known in self.sessions)

    def proven(self, asked_at: float, session: Session, now: float) -> bool:
        """A renewal asked for at `asked_at` is confirmed: believe again, never beyond the cap.

        False if belief had lapsed meanwhile: a loss is final, even when the store never noticed.
        """
        if now >= self.believed_until:
            return False
        self.session = session
        self._believe(asked_at + session.ttl, session.ttl)
        return True

    def begin(self, asked_at: float) -> None:
        """Believe for the first time, from before the acquisition was asked for."""
        self._believe(asked_at + self.session.ttl, self.session.ttl)

    def shorten(self, now: float, ttl: float) -> None:
        """Believe less from now on: a shorter period takes effect before it is sent."""
        if now + ttl < self.deadline:
            self._believe(now + ttl, ttl)

    @property
    def capped(self) -> bool:
        """Whether another renewal could not make it last any longer."""
        return self.ends_at is not None and self.deadline >= self.ends_at - 1e-6

    def _believe(self, deadline: float, ttl: float) -> None:
        if self.ends_at is not None:
            deadline = min(deadline, self.ends_at)
        self.deadline = deadline
        self.believed_until = deadline - margin(ttl)
