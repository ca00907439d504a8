"""A recipe of your own, run through thousands of orders and mishaps, and the mistake that this finds.

    python examples/simulate_a_recipe.py

The recipe lets one of several machines do a job: whoever creates the record. The first version looks
whether the record is there and does not notice when another one is quicker; in most runs that goes
well. A schedule in which it does not is printed, and can be replayed.
"""

from __future__ import annotations

from functools import partial

from coordination.errors import SessionLost, StoreError
from coordination.runtime import Runtime
from coordination.store import Store
from coordination.testing import Scenario, Simulation, Violation
from coordination.testing.simulation import Client, World

KEY, TTL, PATIENCE = "/jobs/nightly", 3600.0, 1.0


async def looks_first(runtime: Runtime, store: Store) -> bool:
    """Whether the job is ours. Wrong: what was so at the look need not be so at the write."""
    session = await runtime.call(partial(store.open_session, TTL, timeout=PATIENCE))
    if await runtime.call(partial(store.read, KEY, timeout=PATIENCE)) is not None:
        return False
    await runtime.call(partial(store.create, KEY, b"", session, timeout=PATIENCE))
    return True


async def creates(runtime: Runtime, store: Store) -> bool:
    """Whether the job is ours: the store says whose record it is."""
    session = await runtime.call(partial(store.open_session, TTL, timeout=PATIENCE))
    return await runtime.call(partial(store.create, KEY, b"", session, timeout=PATIENCE)) is not None


class Jobs(Scenario):
    """Three machines want to do the job at once."""

    recipe = staticmethod(creates)

    def __init__(self) -> None:
        self.doing: list[Client] = []

    def begin(self, world: World) -> None:
        """Each is a client, a process of its own with a connection and a clock of its own."""
        for name in ("one", "two", "three"):
            client = world.client(name)
            client.start(self.work(client))

    async def work(self, client: Client) -> None:
        """Ask for the job, and do it. Without a clear answer it is not ours."""
        try:
            if await self.recipe(client.runtime, client.store):
                client.world.tell(f"{client} does the job")
                self.doing.append(client)
        except (StoreError, SessionLost):
            return

    def after_step(self, world: World) -> None:
        """Looked at after each step of anybody."""
        if len(self.doing) > 1:
            raise Violation(f"done twice: by {self.doing}")


class FirstVersion(Jobs):
    """The same with the mistake in it."""

    recipe = staticmethod(looks_first)


def main() -> None:
    """Every order to a depth, then random ones."""
    print("looks first:", *Simulation(FirstVersion).random(1_000).findings)
    right = Simulation(Jobs)
    every, some = right.exhaust(depth=4), right.random(1_000)
    every.demand()
    some.demand()
    print(f"creates: nothing found in {every.runs + some.runs} schedules")


if __name__ == "__main__":
    main()
