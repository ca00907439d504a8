"""How candidates lead in a simulation: they campaign, work, and give up the term as `Leader.run` does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from coordination.errors import AcquireTimeout, ConfigurationError, LeaseLost, StoreError
from coordination.recipes.leading.campaign import Campaign
from coordination.recipes.leading.candidate import Candidate
from coordination.recipes.leading.handover import conclude
from coordination.recipes.leading.tenure import Tenure
from coordination.recipes.leading.working import Working
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.leader_rules import Acting, LeaderRules
from coordination.testing.simulation.runtime import SimulatedSignal
from coordination.testing.simulation.turns import Cancelled

Meanwhile = Callable[[Tenure], Coroutine[Any, Any, object]]
"""What another task does while work goes on under a term."""

MISSED = (StoreError, AcquireTimeout, LeaseLost, ConfigurationError)
"""What may end a part: nobody promises that a candidate leads whatever the store does."""


class LeaderWork(LeaderRules):
    """Work takes its time, and stops when it is told to, or somewhat later."""

    work_for: tuple[float, ...] = (0.5, 0.0, 9.0)
    wind_up_for: tuple[float, ...] = (0.0, 1.5)
    """Seconds: for work, and for stopping."""

    async def tried(self, client: Client, part: Callable[[], Coroutine[Any, Any, object]]) -> bool:
        """Whether it came to its own end: a store that fails is no violation."""
        try:
            await part()
        except MISSED as error:
            if isinstance(error, ConfigurationError) and not self.keepers[client].closing:
                raise
            client.world.tell(f"{client}: {type(error).__name__}: {error}")
            return isinstance(error, ConfigurationError | AcquireTimeout)
        return True

    async def lead(
        self,
        client: Client,
        stands: Candidate,
        timeout: float | None,
        meanwhile: Meanwhile | None = None,
    ) -> None:
        """Campaign, and then work; `meanwhile` begins together with the work."""
        campaign = Campaign(client.runtime, self.keepers[client], stands, _always, timeout)
        if timeout is None:
            self.waiting[campaign] = client
        try:
            tenure = await campaign.wait()
        finally:
            self.waiting.pop(campaign, None)
        assert tenure is not None
        await self._run(client, tenure, meanwhile)

    async def _run(self, client: Client, tenure: Tenure, meanwhile: Meanwhile | None) -> None:
        """As `Leader.run`: work until it is over or told to stop, and only then give up the term."""
        stop, over = SimulatedSignal(), SimulatedSignal()
        tenure.listen(stop.set)
        tenure.working = Working(stop.set, bool)
        work = self.begins(client, tenure)
        if meanwhile is not None:
            client.start(self.tried(client, partial(meanwhile, tenure)))
        try:
            await self._work(work, stop)
        except Cancelled:
            self._stopped(work, over)  # Which nothing cancels.
            raise
        self._stopped(work, over)
        await client.runtime.wait(over, None)

    def _stopped(self, work: Acting, over: SimulatedSignal) -> None:
        self.ended(work)
        work.client.start(self._concluded(work, over))

    async def _concluded(self, work: Acting, over: SimulatedSignal) -> None:
        await self.tried(work.client, partial(conclude, work.client.runtime, work.tenure))
        over.set()

    async def _work(self, work: Acting, stop: SimulatedSignal) -> None:
        client = work.client
        now, until = client.clock.now, client.clock.now() + client.among(self.work_for)
        self.acts(work)
        while not stop.happened and now() < until:
            await client.runtime.wait(stop, min(2.0, until - now()))
            self.acts(work)
        # It may take its time to stop, but not longer than it was sure to have.
        left = work.tenure.grant.believed_until - now()
        if stop.happened and left > 0:
            await client.sleep(min(left, client.among(self.wind_up_for)))


async def _always() -> bool:
    return True
