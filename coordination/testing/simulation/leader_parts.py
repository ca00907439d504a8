"""What candidates for one leadership do in a simulation: campaigns, work, resigning, handing over."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from coordination.recipes.leading.candidate import Candidate
from coordination.recipes.leading.handover import resign, transfer
from coordination.recipes.leading.working import Heir
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.leader_work import LeaderWork
from coordination.testing.simulation.turns import Cancelled
from coordination.testing.simulation.world import World

Part = Callable[[Any, Client, Candidate], Coroutine[Any, Any, None]]

TTL = 6.0
NAMES = "abc"

TRIES = 3
"""How often somebody tries again whom the store has failed."""


class Leaders(LeaderWork):
    """Three candidates, each with a keeper of its own. What each does is a choice of the schedule."""

    versions: tuple[tuple[int, ...], ...] = ((0,), (0,), (0,))
    """Of which version each candidate may be."""

    ttls: tuple[float, ...] = (TTL,)
    come_at: tuple[tuple[float, ...], ...] = ((0.0,), (0.0, 1.0), (0.0, 1.0))
    wait_for: tuple[float, ...] = (1.0, 9.0)
    """Seconds: of a term, until each comes, and for waiting."""

    def begin(self, world: World) -> None:
        """The first leads if nothing goes wrong; what the others do is a choice."""
        super().begin(world)
        for number, name in enumerate(NAMES):
            client = world.client(name)
            self.enlist(client)
            part = self.parts[world.choose(len(self.parts)) if number else 0]
            version = client.among(self.versions[number])
            ttl = client.among(self.ttls)
            stands = Candidate("", "name", name, version, ttl, ttl / 2, ttl / 8, ttl / 3)
            client.start(self._act(part, client, stands, number), cancellable=True)

    async def _act(self, part: Part, client: Client, stands: Candidate, number: int) -> None:
        await client.sleep(client.among(self.come_at[number]))
        try:
            for _ in range(TRIES):
                if await self.tried(client, partial(part, self, client, stands)):
                    return
                await client.sleep(1.0)
        except Cancelled:
            client.start(self._act(part, client, stands, number), cancellable=True)
            raise

    # The parts.

    async def leads(self, client: Client, stands: Candidate) -> None:
        """Wait as long as it takes, work for a while, release."""
        await self.lead(client, stands, self._patience(stands))

    async def hurries(self, client: Client, stands: Candidate) -> None:
        """Wait for a while only."""
        await self.lead(client, stands, client.among(self.wait_for))

    async def tries(self, client: Client, stands: Candidate) -> None:
        """Try, without ever waiting."""
        for _ in range(3):
            await self.tried(client, partial(self.lead, client, stands, 0.0))
            await client.sleep(1.0)

    async def again(self, client: Client, stands: Candidate) -> None:
        """Lead twice."""
        await self.tried(client, partial(self.leads, client, stands))
        await self.leads(client, stands)

    async def resigns(self, client: Client, stands: Candidate) -> None:
        """Another task of its own resigns while the work goes on."""
        await self.lead(client, stands, self._patience(stands), partial(resign, client.runtime))

    async def hands_over(self, client: Client, stands: Candidate) -> None:
        """Another task hands the leadership to another candidate, who may be there or not."""
        others = [name for name in NAMES if name != client.name]
        heir = Heir(others[client.world.choose(2)], 2.0)
        await self.lead(client, stands, self._patience(stands), lambda it: transfer(client.runtime, it, heir))

    async def closes(self, client: Client, stands: Candidate) -> None:
        """The manager is closed while it waits or works."""
        client.start(self.tried(client, partial(self.leads, client, stands)), cancellable=True)
        await client.sleep(client.among(self.work_for))
        await client.runtime.call(self.keepers[client].close)

    parts: tuple[Part, ...] = (leads, hurries, tries, again, resigns, hands_over, closes)

    def _patience(self, stands: Candidate) -> float | None:
        """Who may be outvoted for good cannot wait for ever."""
        newest = max(version for versions in self.versions for version in versions)
        return None if stands.version == newest else 60.0
