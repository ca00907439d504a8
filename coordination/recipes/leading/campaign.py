"""Waiting until we lead: look, take what may be taken, else wait to be told, and look again.

Level-triggered, like all waiting here: a notification only says "look again", and without one it
looks again by itself after each `retry`, because watches lose events.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from coordination.bell import Bell
from coordination.errors import CoordinationError, LeaseCorrupt, LeaseLost
from coordination.recipes.leading.candidate import SUCCESSOR, Candidate
from coordination.recipes.leading.ending import end
from coordination.recipes.leading.gate import gate_key, raise_gate, read_gate
from coordination.recipes.leading.patience import Patience
from coordination.recipes.leading.takeover import Takeover
from coordination.recipes.leading.taking import Taking
from coordination.recipes.leading.tenure import Tenure
from coordination.runtime import Runtime
from coordination.value import decode

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.record import Record

Eligible = Callable[[], Awaitable[bool]]
"""Whether we may compete just now; asked before each try."""

TORN = 0.5
"""Seconds after which to try again where the record makes no sense."""


class Campaign(Patience):
    """One call that waits for a leadership. `timeout` in seconds, None for ever; 0: one try."""

    def __init__(
        self,
        runtime: Runtime,
        keeper: Keeper,
        candidate: Candidate,
        eligible: Eligible,
        timeout: float | None,
    ) -> None:
        super().__init__(runtime, keeper, candidate, timeout)
        self.taking = Taking(keeper, candidate)
        self._eligible = eligible
        self._timeout = timeout
        self._blind = not keeper.store.capabilities.notices_expiry

    async def wait(self) -> Tenure | None:
        """Until we lead; None once it was stopped. `AcquireTimeout` when the time is over."""
        bell = Bell(self.runtime, self.keeper.store, self.candidate.key, self.rung)
        try:
            if self._timeout != 0:
                await self.asked(bell.listen)
            while not self.stopped:
                self.keeper.demand()
                tenure, pause = await self._once()
                if tenure is not None:
                    return tenure
                await self.pause(pause)
            return None
        except BaseException:
            self.abandon()
            raise
        finally:
            bell.close()

    # One try.

    async def _once(self) -> tuple[Tenure | None, float]:
        """The tenure, or how long to wait for news."""
        pause = self.candidate.pause()
        self.why = f"{self.candidate.name!r} is led by another"
        if not await self._eligible():
            self.why = f"`eligible` says that {self.candidate.machine_id!r} should not lead"
            return None, pause
        try:
            seen = await self.asked(partial(self._read))
        except LeaseCorrupt:  # Only a try finds out whether it may be taken.
            return await self._acquired(), min(pause, TORN)
        if seen is None:
            return await self._acquired(), pause
        if self._blind and seen.time_left is not None:
            luck = random.uniform(0.001, 0.02)  # noqa: S311 - so that not all knock at once
            pause = min(pause, seen.time_left + luck)
        return await self._taken(seen), pause

    async def _taken(self, seen: Record) -> Tenure | None:
        """From somebody who has it, if we may."""
        value = decode(seen.value)
        successor = value.metadata.get(SUCCESSOR)
        if successor == self.candidate.machine_id:
            return await self._succeeded(seen)
        if successor is None and value.version < self.candidate.version and self._timeout != 0:
            return None if await self._outvoted() else await Takeover(self, seen, value).run()
        # Where nobody tells of an expiry, only a try finds out.
        return await self._acquired() if self._blind else None

    async def _acquired(self) -> Tenure | None:
        if await self._outvoted():
            return None
        tenure = await self.won(self.taking.acquire)
        return None if tenure is None else await self.confirmed(tenure)

    async def _succeeded(self, seen: Record) -> Tenure | None:
        """It was handed to us: its holder does not act any more."""
        if await self._outvoted():
            return None
        tenure = await self.won(lambda left: self.taking.steal(seen, self.candidate.ttl, {}, 0.0, left))
        return None if tenure is None else await self.confirmed(tenure)

    async def confirmed(self, tenure: Tenure, lead: Callable[[float], None] | None = None) -> Tenure | None:
        """The gate, as it is while the record is ours, and then renewals; None if that is not to be."""
        version = self.candidate.version
        try:
            gate = await self.under(tenure, self._gate)
            if gate > version:
                with suppress(CoordinationError):
                    await end(self.runtime, tenure)
                return None
            if gate < version:
                await self.under(tenure, partial(raise_gate, tenure))
            if lead is not None:
                await self.under(tenure, lead)
            await self.under(tenure, lambda _left: tenure.keep_alive())
        except LeaseLost:
            return None
        return tenure

    def _read(self, left: float) -> Record | None:
        return self.keeper.store.read(self.candidate.key, timeout=left)

    def _gate(self, left: float) -> int:
        return read_gate(self.keeper.store, self.candidate, left)

    async def _outvoted(self) -> bool:
        """Whether a newer version has led."""
        gate, candidate = await self.asked(self._gate), self.candidate
        if gate > candidate.version:
            remedy = f"raise the version or, to go back, delete the key {gate_key(candidate)!r}"
            self.why = f"version {candidate.version} may not lead {candidate.name!r}: {gate} has; {remedy}"
        return gate > candidate.version
