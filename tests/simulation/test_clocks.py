"""Clients' clocks run at rates of their own, and time passes for them as the schedule says."""

from __future__ import annotations

import threading

import pytest

from coordination.testing.simulation import Client, Limits, Scenario, Simulation, World


class Timing(Scenario):
    """One client sleeps; what its clock and the true one say goes into `slept`."""

    slept: list[tuple[float, float]]

    def begin(self, world: World) -> None:
        client = world.client("a")
        client.start(self.sleep(client))

    async def sleep(self, client: Client) -> None:
        world, began = client.world, client.clock.now()
        await client.sleep(10.0)
        self.slept.append((client.clock.now() - began, world.now))


def test_clocks_run_at_their_own_rate() -> None:
    """Ten seconds of a slow clock are more than ten true ones, and nobody is woken too early."""
    slept: list[tuple[float, float]] = []
    limits = Limits(crashes=0, answers=0, delays=0, cuts=0, skew=0.05)
    simulation = Simulation(type("Case", (Timing,), {"slept": slept}), limits)
    for schedule in ("-:", "=:", "+:"):
        assert simulation.replay(schedule) is None
    assert all(own == pytest.approx(10.0, abs=1e-4) for own, _ in slept)
    assert all(own >= 10.0 for own, _ in slept)
    assert [true for _, true in slept] == pytest.approx([10 / 0.95, 10.0, 10 / 1.05], abs=1e-4)


def test_a_stopped_client_loses_time() -> None:
    """Stopped, or late, it goes on after the time that the schedule chose."""
    slept: list[tuple[float, float]] = []
    limits = Limits(crashes=0, answers=0, delays=1, cuts=0, skew=0.0, lengths=(3.0, 30.0))
    assert not Simulation(type("Case", (Timing,), {"slept": slept}), limits).exhaust(depth=9).findings
    assert {round(true) for _, true in slept} == {10, 13, 40}


class Sleepy(Timing):
    """Sleeps on the clock itself."""

    async def sleep(self, client: Client) -> None:
        client.clock.sleep(1.0)


class Blocking(Timing):
    """Waits on the clock itself."""

    async def sleep(self, client: Client) -> None:
        client.clock.wait(threading.Event(), 1.0)


@pytest.mark.parametrize("scenario", [Sleepy, Blocking])
def test_nobody_waits_but_by_the_runtime(scenario: type[Timing]) -> None:
    """What would block the whole world is told to be a mistake."""
    [finding] = Simulation(type("Case", (scenario,), {"slept": []})).random(1).findings
    assert "waits by `runtime.wait`" in finding.what
