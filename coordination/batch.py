"""Renewing many grants at once: the steps of `renewal.py`, each of them one request for all.

It is a fast path and no second logic: what follows from an answer is `Renewal`'s to say, for each
grant by itself. What stays unknown is left to the next beat, which recognises a write of ours that
landed, instead of being read back one by one while the store is away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coordination.clock import Clock
from coordination.errors import (
    CoordinationError,
    OutcomeUnknown,
    SessionLost,
    StoreError,
    StoreReplaced,
    StoreUnavailable,
)
from coordination.grant import Grant
from coordination.outcomes import replaced_under
from coordination.record import Record
from coordination.renewal import KEPT_CHANGING, Renewal
from coordination.store import BatchedRenewals, Swap, Swapped
from coordination.timing import Deadline
from coordination.value import LeaseValue


@dataclass(slots=True)
class _Item:
    """One grant of a batch: the value it is to have, and why it was not renewed."""

    grant: Grant
    value: LeaseValue
    written: bool = False
    error: CoordinationError | None = None

    def settle(self, step: Callable[..., None], *arguments: object) -> None:
        """Take a step for this grant alone, and keep what it raised."""
        try:
            step(self.grant, *arguments)
        except CoordinationError as error:
            self.error = error

    @property
    def told(self) -> CoordinationError | None:
        """What `Renewal.renew` would have raised."""
        if isinstance(self.error, StoreReplaced):
            return replaced_under(self.grant, self.error)
        return self.error


class Batch:
    """Renews plain grants, no two of one key, on a store that takes them together."""

    def __init__(self, renewal: Renewal, store: BatchedRenewals, clock: Clock) -> None:
        self._renewal = renewal
        self._store = store
        self._clock = clock

    def renew_all(self, grants: Sequence[Grant], timeout: float) -> list[CoordinationError | None]:
        """Keep each for another period; for each None, or what `Renewal.renew` would have raised.

        `timeout` bounds the whole of it, give or take the second that telling one loss may cost.
        """
        bound = Deadline(self._clock, timeout)
        asked_at, wall = self._clock.now(), self._clock.wall()
        items = [_Item(grant, grant.value.rewritten(grant.token, wall, grant.period)) for grant in grants]
        moved = items
        for _ in range(2):
            moved = self._round(moved, asked_at, bound, timeout)
        for item in moved:
            item.error = OutcomeUnknown(KEPT_CHANGING)
        return [item.told for item in items]

    def _round(self, items: Sequence[_Item], asked_at: float, bound: Deadline, timeout: float) -> list[_Item]:
        """Rewrite and confirm; answers those to be tried again, which a late write of our own has moved.

        Half of the time at most is for the rewriting, however long one name is stuck in it, so that
        the others can be confirmed; and they are, before anybody looks at what has moved.
        """
        if not items:
            return []
        moved = self._swap(items, bound.left(timeout / 2))
        self._confirm([item for item in items if item.written], asked_at, bound.left(timeout / 2))
        for item in moved:
            self._follow(item, bound.left(timeout / 4))
        return [item for item in moved if item.error is None]

    def _swap(self, items: Sequence[_Item], timeout: float) -> list[_Item]:
        """One compare-and-swap for each; those whose index has moved."""
        for item in items:
            item.grant.pending.add(item.value.nonce)
        swaps = [
            Swap(item.grant.key, item.value.encode(), item.grant.session, item.grant.index) for item in items
        ]
        answers = self._store.replace_all(swaps, timeout=timeout)
        return [item for item, answer in zip(items, answers, strict=True) if self._moved(item, answer)]

    def _moved(self, item: _Item, answer: Swapped) -> bool:
        grant = item.grant
        if answer is None:
            return True
        if isinstance(answer, Record):
            self._renewal.written(grant, item.value, answer, grant.session)
            item.written = True
        elif isinstance(answer, SessionLost):
            item.settle(self._renewal.session_lost)
        else:
            item.error = answer
            if not isinstance(answer, OutcomeUnknown):
                grant.pending.discard(item.value.nonce)
        return False

    def _follow(self, item: _Item, left: float) -> None:
        """A read for each, as long as there is time: those that come too late are first next time."""
        if left <= 0:
            item.error = StoreUnavailable("no time was left to look at the record; not applied")
            return
        item.settle(self._renewal.follow, left)

    def _confirm(self, items: Sequence[_Item], asked_at: float, timeout: float) -> None:
        """The sessions' own renewals, and with each answer belief."""
        if not items:
            return
        answers = self._store.renew_sessions([item.grant.session for item in items], timeout=timeout)
        for item, answer in zip(items, answers, strict=True):
            if isinstance(answer, StoreError):
                item.error = answer
            else:
                item.settle(self._renewal.believe, asked_at, answer)
