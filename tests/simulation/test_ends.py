"""A schedule that does not end is a violation of its own, and says who is not through."""

from __future__ import annotations

from functools import partial

import pytest

from coordination.testing.simulation import Client, Limits, Scenario, Simulation, World

CALM = Limits(crashes=0, answers=0, delays=0, cuts=0)


class Stuck(Scenario):
    """Waits for what never happens."""

    def begin(self, world: World) -> None:
        client = world.client("a")
        client.start(self.wait(client))

    async def wait(self, client: Client) -> None:
        await client.runtime.wait(client.runtime.signal(), None)


class Spinning(Stuck):
    """Asks for ever, without a pause."""

    async def wait(self, client: Client) -> None:
        while True:
            await client.runtime.call(partial(client.store.read, "key", timeout=1.0))


@pytest.mark.parametrize("scenario", [Stuck, Spinning])
def test_what_does_not_end_is_a_violation(scenario: type[Scenario]) -> None:
    """Neither waiting for ever nor asking for ever passes for an end."""
    report = Simulation(scenario, CALM).random(1)
    assert report.findings[0].what.startswith("no end: of a.wait")
