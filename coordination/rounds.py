"""Which leases are renewed together, and what is told of it.

Where the store takes batches, a lease whose time has come takes along those whose time is near.
They stay together from then on: who was renewed by one request is due again at one time.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from coordination.beat import BUSY, Beat
from coordination.errors import CoordinationError, LeaseLost

if TYPE_CHECKING:
    from coordination.keeper import Keeper

LARGEST = 250
"""Leases in one batch: enough to be cheap, few enough that a call by hand does not wait long for it."""

EACH = 0.004
"""Seconds of patience that one lease more in a batch asks for: a slow store must manage it in time."""


class Rounds:
    """Renews what is due, on the heartbeat's thread."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._batch = keeper.registry.batch

    def renew(self, first: Beat) -> None:
        """Renew this one, which is due, and with it what may come along."""
        now = self._keeper.clock.now()
        if not first.take():
            first.come(now + BUSY)  # Somebody is renewing or releasing by hand; see what came of it.
            return
        taken = [first]
        try:
            if first.lease.grant.capped:
                first.rest()
                return
            self._join(taken, now)
            self._conclude(taken, self._renewed(taken))
        finally:
            for beat in taken:
                beat.lease.end_turn()

    def _join(self, taken: list[Beat], now: float) -> None:
        """Take those along whose time is near, the nearest first, and never two handles of one lease."""
        grant = taken[0].lease.grant
        if self._batch is None or not grant.plain:
            return
        room = int(self._keeper.patience(grant.session.ttl) / EACH)
        near = [beat for beat in self._keeper.beats() if beat.joins(now)]
        keys = {grant.key}
        for beat in heapq.nsmallest(min(room, LARGEST), near, key=attrgetter("next")):
            if beat.lease.grant.key not in keys and beat.take():
                keys.add(beat.lease.grant.key)
                taken.append(beat)

    def _renewed(self, taken: Sequence[Beat]) -> list[CoordinationError | None]:
        """What went wrong with each, or None."""
        grants = [beat.lease.grant for beat in taken]
        patience = self._keeper.patience(min(grant.session.ttl for grant in grants))
        if self._batch is None or len(taken) == 1:
            return [beat.renew_alone(patience) for beat in taken]
        try:
            return self._batch.renew_all(grants, patience)
        except Exception as error:  # noqa: BLE001 - a defect that one lease sets off must not cost the others
            self._keeper.notifier.warning("batch-failed", leases=len(taken), error=repr(error))
            # Not renewed, so due at once; and one by one from now on, where a defect costs one lease at most.
            self._batch = None
            return [None for _ in taken]

    def _conclude(self, taken: Sequence[Beat], errors: Sequence[CoordinationError | None]) -> None:
        """When each is due again."""
        self._tell(list(zip(taken, errors, strict=True)))
        luck = random.random()  # noqa: S311 - jitter, not a secret
        for beat, error in zip(taken, errors, strict=True):
            beat.conclude(error, luck)

    def _tell(self, concluded: Sequence[tuple[Beat, CoordinationError | None]]) -> None:
        """Of trouble that begins or ends: one event for all that it struck, however many they are."""
        failed = [(beat, error) for beat, error in concluded if error and not beat.failures]
        failed = [(beat, error) for beat, error in failed if not isinstance(error, LeaseLost)]
        if failed:
            name, error = failed[0][0].lease.name, str(failed[0][1])
            self._keeper.notifier.warning("renewal-failed", name=name, more=len(failed) - 1, error=error)
        well = [beat for beat, error in concluded if error is None and beat.failures]
        if well:
            name, after = well[0].lease.name, well[0].failures
            self._keeper.events.info("renewal-recovered", name=name, more=len(well) - 1, after=after)
