"""How a campaign makes its requests and waits: within its caller's time, and leaving nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from coordination.claim import Claim
from coordination.errors import AcquireTimeout, LeaseLost
from coordination.recipes.leading.candidate import Candidate
from coordination.recipes.leading.tenure import Tenure
from coordination.runtime import Runtime
from coordination.timing import ONE_TRY, Deadline
from coordination.waiting import patiently

if TYPE_CHECKING:
    from coordination.keeper import Keeper

Result = TypeVar("Result")

SLICE = 2.0
"""Seconds after which whoever waits looks whether the manager was closed."""


class Patience:
    """Of one call. `timeout` in seconds, None for ever."""

    def __init__(self, runtime: Runtime, keeper: Keeper, candidate: Candidate, timeout: float | None) -> None:
        self.runtime = runtime
        self.keeper = keeper
        self.candidate = candidate
        self.rung = runtime.signal()
        self.why = f"{candidate.name!r} is led by another"
        """What kept us from leading at the last try."""
        self.stopped = False
        self._bound = Deadline(runtime.clock, timeout)
        self._claim: Claim[Tenure] = Claim(Tenure.retire)

    def stop(self) -> None:
        """Wait no more; on any thread."""
        self.stopped = True
        self.rung.set()

    def abandon(self) -> None:
        """Whoever called is gone: what was won, or still is, is given back in the background."""
        self._claim.abandon()

    async def asked(self, call: Callable[[float], Result]) -> Result:
        """A request, made again while the store is out of reach, for as long as there is time."""
        most = min(self.keeper.timeout, max(ONE_TRY, self.candidate.ttl / 3))

        def step() -> Result:
            self.keeper.demand()
            return call(self._bound.one_try(most))

        return await patiently(self.runtime, self._bound, step)

    async def under(self, tenure: Tenure, call: Callable[[float], Result]) -> Result:
        """The same, only while it is ours; else `LeaseLost`."""

        def step(left: float) -> Result:
            tenure.check()
            return call(left)

        try:
            return await self.asked(step)
        except LeaseLost as loss:
            tenure.lose(loss.reason)
            raise

    async def won(self, call: Callable[[float], Tenure | None]) -> Tenure | None:
        """A request that may win; if its caller is gone by then, that is given back."""
        self._claim = Claim(Tenure.retire)
        return await self.asked(self._claim.of(call))

    async def pause(self, seconds: float) -> None:
        """Until something happens, so long at most; `AcquireTimeout` once the time is over."""
        if self._bound.passed:
            raise AcquireTimeout(f"{self.why}, and the timeout is over")
        until = Deadline(self.runtime.clock, self._bound.left(seconds))
        while not until.passed and not self.stopped:
            self.keeper.demand()
            if await self.runtime.wait(self.rung, until.left(SLICE)):
                break
        self.rung.clear()
