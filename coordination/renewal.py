"""Renewing: one compare-and-swap that moves the index, then the session's own renewal.

The compare-and-swap is what makes a thief with a stale index fail (fleet's contract); the session's
renewal is what keeps the record alive. Belief is extended only when both are confirmed, and it
counts from before the first of them was sent.
"""

from __future__ import annotations

from coordination.errors import (
    LeaseLost,
    OutcomeUnknown,
    SessionLost,
    StoreError,
    StoreRefused,
    StoreUnavailable,
)
from coordination.grant import Grant
from coordination.outcomes import Outcomes, is_ours
from coordination.record import Record, Session
from coordination.timing import Deadline
from coordination.value import LeaseValue, decode


class Renewal:
    """Renews grants on one store, one step at a time."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._store = outcomes.store
        self._clock = outcomes.clock

    def renew(self, grant: Grant, period: float | None, timeout: float) -> None:
        """Keep it for another period; with a different one, move the record to a new session."""
        bound = Deadline(self._clock, timeout)
        asked_at = self._clock.now()
        wanted = grant.period if period is None else period
        ttl = self._capped(grant, wanted, asked_at)
        if ttl == grant.period:
            self._rewrite(grant, grant.session, wanted, bound, timeout)
            renewed = self._store.renew_session(grant.session, timeout=bound.left(timeout))
            if renewed is None:
                self._outcomes.lost(grant, self._outcomes.died(grant))
            self._believe(grant, asked_at, renewed)
            return
        grant.shorten(asked_at, ttl)
        self._move(grant, ttl, wanted, bound, timeout)
        self._believe(grant, asked_at, grant.session)

    def _believe(self, grant: Grant, asked_at: float, session: Session) -> None:
        if not grant.proven(asked_at, session, self._clock.now()):
            self._outcomes.lost(grant, "expired")

    def _capped(self, grant: Grant, wanted: float, now: float) -> float:
        """The ttl to ask for: what is wanted, but never beyond the caller's own deadline."""
        if grant.ends_at is None:
            return wanted
        if now >= grant.ends_at:
            self._outcomes.lost(grant, "expired")
        return min(wanted, grant.ends_at - now)

    def _move(self, grant: Grant, ttl: float, period: float, bound: Deadline, timeout: float) -> None:
        before = grant.session
        after = self._store.open_session(ttl, timeout=bound.left(timeout))
        # From here on the record may hang on either; if it stays unknown which, it stays so.
        grant.strays = [*grant.strays, after]
        try:
            self._rewrite(grant, after, period, bound, timeout)
        except (LeaseLost, StoreUnavailable, StoreRefused):
            grant.strays = [stray for stray in grant.strays if stray is not after]
            self._outcomes.abandon(after)
            raise
        grant.session, grant.strays = after, []
        grant.period = period
        self._outcomes.abandon(before)

    def _rewrite(
        self, grant: Grant, session: Session, period: float, bound: Deadline, timeout: float
    ) -> None:
        value = grant.value.rewritten(token=grant.token, renewed_at=self._clock.wall(), period=period)
        for _ in range(2):
            record = self._swap(grant, value, session, bound, timeout)
            if record is not None:
                grant.index, grant.value = record.index, value
                grant.pending.clear()
                self._tidy(grant, session)
                return
            current = self._outcomes.current(grant, bound.left(timeout))
            if current is None or not is_ours(grant, current):
                self._outcomes.lost_to(grant, current)
            # An earlier write of ours, given up as unknown, has landed meanwhile: go on from it.
            grant.index = current.index
        raise OutcomeUnknown("the record kept changing under our own late writes; try again")

    def _tidy(self, grant: Grant, current: Session) -> None:
        """The index has moved, so what was unknown cannot land any more: nothing hangs on its sessions."""
        strays = grant.strays
        grant.strays = [session for session in strays if session is current]
        for session in strays:
            if session is not current:
                self._outcomes.abandon(session)

    def _swap(
        self, grant: Grant, value: LeaseValue, session: Session, bound: Deadline, timeout: float
    ) -> Record | None:
        """One compare-and-swap, its outcome known or raised as unknown; None if the index has moved."""
        grant.pending.add(value.nonce)
        left = bound.left(timeout)
        try:
            return self._store.replace(grant.key, value.encode(), session, grant.index, timeout=left)
        except SessionLost:
            self._outcomes.lost(grant, self._outcomes.died(grant))
        except OutcomeUnknown as unknown:
            return self._landed(grant, value, unknown, bound.left(timeout))
        except StoreError:
            grant.pending.discard(value.nonce)
            raise

    def _landed(self, grant: Grant, value: LeaseValue, unknown: OutcomeUnknown, timeout: float) -> Record:
        """The record, if our write landed; `OutcomeUnknown` if an older one of ours is there."""
        record = self._outcomes.read_back(grant.key, timeout, unknown)
        if record is not None and decode(record.value).nonce == value.nonce:
            return record
        if record is None or not grant.hangs_on(record.session):
            self._outcomes.lost_to(grant, record)
        raise unknown
