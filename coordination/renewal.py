"""Renewing: one compare-and-swap that moves the index, then the session's own renewal.

The compare-and-swap is what makes a thief with a stale index fail (fleet's contract); the session's
renewal is what keeps the record alive. Belief is extended only when both are confirmed, and it
counts from before the first of them was sent.
"""

from __future__ import annotations

from typing import NoReturn

from coordination.errors import (
    LeaseLost,
    OutcomeUnknown,
    SessionLost,
    StoreError,
    StoreRefused,
    StoreUnavailable,
)
from coordination.grant import Grant
from coordination.outcomes import CLEANING, Outcomes, is_ours, lost_if_replaced
from coordination.record import Record, Session
from coordination.timing import Deadline
from coordination.value import LeaseValue, decode

KEPT_CHANGING = "the record kept changing under our own late writes; try again"


class Renewal:
    """Renews grants on one store, one step at a time."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._store = outcomes.store
        self._clock = outcomes.clock

    def renew(self, grant: Grant, period: float | None, timeout: float) -> None:
        """Keep it for another period; with a different one, move the record to a new session."""
        with lost_if_replaced(grant):
            self._renew(grant, period, timeout)

    def _renew(self, grant: Grant, period: float | None, timeout: float) -> None:
        bound = Deadline(self._clock, timeout)
        asked_at = self._clock.now()
        wanted = grant.period if period is None else period
        ttl = self._capped(grant, wanted, asked_at)
        if ttl == grant.period:
            self._rewrite(grant, grant.session, wanted, bound, timeout)
            renewed = self._store.renew_session(grant.session, timeout=bound.left(timeout))
            self.believe(grant, asked_at, renewed)
            return
        self._move(grant, asked_at, ttl, wanted, bound, timeout)
        self.believe(grant, asked_at, grant.session)

    # What follows from an answer, whether it came alone or in a batch.

    def written(self, grant: Grant, value: LeaseValue, record: Record, session: Session) -> None:
        """Our write is confirmed, so nothing that was unknown before can land any more."""
        grant.index, grant.value = record.index, value
        grant.pending.clear()
        self._tidy(grant, session)

    def follow(self, grant: Grant, timeout: float) -> None:
        """The index has moved: go on from there if that was a late write of ours; else `LeaseLost`."""
        current = self._outcomes.current(grant, timeout)
        if current is None or not is_ours(grant, current):
            self._outcomes.lost_to(grant, current)
        grant.index = current.index

    def session_lost(self, grant: Grant) -> NoReturn:
        """The store says that the session is dead."""
        self._outcomes.lost(grant, self._outcomes.died(grant))

    def believe(self, grant: Grant, asked_at: float, renewed: Session | None) -> None:
        """The session's renewal was answered as well: believe from `asked_at` on, or `LeaseLost`."""
        if renewed is None:
            self.session_lost(grant)
        if not grant.proven(asked_at, renewed, self._clock.now()):
            self._outcomes.lost(grant, "expired")

    def _capped(self, grant: Grant, wanted: float, now: float) -> float:
        """The ttl to ask for: what is wanted, but never beyond the caller's own deadline."""
        if grant.ends_at is None:
            return wanted
        if now >= grant.ends_at:
            self._outcomes.lost(grant, "expired")
        return min(wanted, grant.ends_at - now)

    def _move(
        self, grant: Grant, asked_at: float, ttl: float, period: float, bound: Deadline, timeout: float
    ) -> None:
        before = grant.session
        after = self._outcomes.opened(ttl, period, bound.left(timeout))
        grant.shorten(asked_at, ttl)  # Before it takes effect, and not if the store grants no such ttl.
        # From here on the record may hang on either; if it stays unknown which, it stays so.
        grant.strays = [*grant.strays, after]
        try:
            self._rewrite(grant, after, period, bound, timeout)
        except (LeaseLost, StoreUnavailable, StoreRefused):
            grant.strays = [stray for stray in grant.strays if stray is not after]
            self._outcomes.abandon(after, bound.left(CLEANING))
            raise
        grant.session, grant.strays = after, []
        grant.period = period
        self._outcomes.abandon(before, bound.left(CLEANING))

    def _rewrite(
        self, grant: Grant, session: Session, period: float, bound: Deadline, timeout: float
    ) -> None:
        value = grant.value.rewritten(grant.token, self._clock.wall(), period)
        for _ in range(2):
            record = self._swap(grant, value, session, bound, timeout)
            if record is not None:
                self.written(grant, value, record, session)
                return
            self.follow(grant, bound.left(timeout))
        raise OutcomeUnknown(KEPT_CHANGING)

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
            self.session_lost(grant)
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
