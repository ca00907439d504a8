"""Keeping a machine's share of a pool: what the plan gives it is claimed, or asked for.

Each machine does this for itself, whenever something changed. It computes the same plan as the others
from nearly the same look; where they differ, the store decides who owns, and the next look shows it.
Rounds take a tenth of the time at most, however large the pool is.
"""

from __future__ import annotations

import math
from functools import partial

from coordination.errors import CoordinationError, DuplicateMember
from coordination.pooling.share import Rules, Share
from coordination.pooling.tenancy import Tenancy
from coordination.recipes.presence import Presence
from coordination.recipes.probing import PATIENCE
from coordination.runtime import Runtime
from coordination.sharing.turns import Turns
from coordination.timing import Deadline

DUTY, LONGEST_REST = 9, 2.0
"""How many times as long as a round took it rests after it, and seconds that are enough."""


class Balancing:
    """One machine's part of it: first by hand, then in the background, until it is ended."""

    def __init__(self, tenancy: Tenancy, presence: Presence) -> None:
        self._tenancy = tenancy
        self._keeping = tenancy.keeping
        self._view = tenancy.view
        self._presence = presence
        self._turns = Turns()
        self._rules = Rules()
        self.share = Share(tenancy)
        self._complete = False
        self._due: float | None = None
        self._rested_at = -math.inf

    async def begin(self, runtime: Runtime, rules: Rules) -> None:
        """Take part from here on, and do at once what there may be to do."""
        changed, self._rules, self.share.on = rules != self._rules, rules, True
        self._tenancy.sharing.at_close(self.end)
        await self._view.watch(runtime, self._changed)
        try:
            absent = self._presence.place is None
            if absent:
                await self._join(runtime)
            if absent or self._view.stale or changed or not self._complete:
                await self._by_hand(runtime)
        except BaseException:  # We may be one of the machines by now: others leave us our share.
            self._schedule(self._later)
            raise

    def end(self) -> None:
        """Take part no more: nothing is claimed from here on."""
        self.share.on = self._complete = False
        self._due = None
        self._view.close()

    async def leave(self, runtime: Runtime) -> None:
        """Be one of the pool's machines no more, and wait for the round under way."""
        self.end()
        try:
            await self._turns.take(runtime, self._keeping.timeout, owner := object())
        finally:
            self._turns.give_back(owner)
        await self._presence.leave(runtime)

    async def _join(self, runtime: Runtime) -> None:
        try:
            await self._presence.join(runtime, PATIENCE)
        except DuplicateMember as taken:
            if taken.alive:
                self.end()
                raise
            self._presence.come()  # As soon as the record of a dead one is gone.

    # When.

    async def _by_hand(self, runtime: Runtime) -> None:
        bound = Deadline(runtime.clock, self._keeping.timeout)
        if not await self._turns.take(runtime, bound.left(self._keeping.timeout), owner := object()):
            return  # The background is at it.
        try:
            while await self._done(runtime):
                if bound.passed:
                    self._schedule(0.0)
                    return
        finally:
            self._turns.give_back(owner)

    def _changed(self) -> None:
        """On the store's thread."""
        self._schedule(0.0)

    def _schedule(self, pause: float) -> None:
        due = max(self._keeping.clock.now() + pause, self._rested_at)
        if self.share.on and (self._due is None or due < self._due):
            self._due = due
            self._keeping.work_at(due, partial(self._in_background, due))

    async def _in_background(self, due: float, runtime: Runtime) -> float | None:
        if self._due != due or not self.share.on:
            return None  # Another one is on its way, or none is wanted.
        self._due = None
        if runtime.clock.now() < self._rested_at or not self._turns.try_take(owner := object()):
            self._schedule(0.1)
            return None
        try:
            if await self._done(runtime):
                self._schedule(0.0)
        except CoordinationError as error:
            self._keeping.warn("balance-failed", pool=self._tenancy.pool, error=str(error))
            self._schedule(self._later)
        finally:
            self._turns.give_back(owner)
        return None

    @property
    def _later(self) -> float:
        return min(1.0, self._tenancy.ttl / 12)

    async def _done(self, runtime: Runtime) -> bool:
        """One round; whether there is more to do at once."""
        began, self._complete = runtime.clock.now(), False
        pause = await self.share.round(runtime, self._rules, self._presence.place is not None)
        ended = runtime.clock.now()
        self._rested_at = ended + min(LONGEST_REST, DUTY * (ended - began))
        self._complete = pause > 0
        if pause > 0:
            self._schedule(0.0 if self._view.stale else pause)
        return pause <= 0 and self.share.on
