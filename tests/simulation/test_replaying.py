"""A schedule that failed is printed, and fails again; the same seed is the same schedule, in any process."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import pytest

from coordination.testing.simulation import Client, Limits, Scenario, Simulation, Violation, World
from tests.simulation.toys import Toys

CALM = Limits(crashes=0, answers=0, delays=0, cuts=0)


class Rare(Scenario):
    """Two clients ask twice each; it fails in one order of twenty."""

    def __init__(self) -> None:
        self.order = ""

    def begin(self, world: World) -> None:
        for name in "ab":
            client = world.client(name)
            client.start(self.ask(client))

    async def ask(self, client: Client) -> None:
        for _ in range(2):
            await client.runtime.call(partial(client.store.read, "key", timeout=1.0))
            self.order += client.name

    def at_end(self, world: World) -> None:
        if self.order == "bbaa":
            raise Violation("b before a: twice")


def test_a_failing_seed_replays() -> None:
    """The seed, and the schedule that is printed with it, fail again in the same way; others do not."""
    simulation = Simulation(Rare, CALM)
    report = simulation.random(200)
    [finding] = report.findings
    again = simulation.replay(report.runs - 1)
    assert again is not None
    assert again.what == finding.what == "b before a: twice"
    assert simulation.replay(finding.schedule) is not None
    assert f'replay("{finding.schedule}")' in str(finding)
    assert simulation.replay("-+:") is None
    with pytest.raises(AssertionError, match="b before a"):
        report.demand()


def test_an_exhaustive_run_finds_what_is_rare() -> None:
    """The one order that fails is among all orders."""
    assert Simulation(Rare, CALM).exhaust(depth=20).findings


@pytest.mark.parametrize("schedule", ["0.1", "-:9", "-:x", "?:0"])
def test_a_schedule_of_something_else_is_refused(schedule: str) -> None:
    """What is no schedule, or none of this scenario, is an error and no silent pass."""
    try:
        finding = Simulation(Rare, CALM).replay(schedule)
    except ValueError:
        return
    assert finding is not None
    assert "not of this scenario" in finding.what


class Told(Toys):
    """The toys, which tell how they ended by failing always."""

    def at_end(self, world: World) -> None:
        raise Violation("told: this is the end")


def test_a_seed_is_the_same_schedule_every_time() -> None:
    """Two runs of one seed have the same story, and so has the schedule that was written down."""
    for seed in range(20):
        one, two = Simulation(Told).replay(seed), Simulation(Told).replay(seed)
        assert one is not None
        assert two is not None
        assert one.story == two.story
        written = Simulation(Told).replay(one.schedule)
        assert written is not None
        assert written.story == one.story


def test_a_seed_is_the_same_schedule_in_another_process() -> None:
    """Neither hashes nor ids of objects decide anything."""
    program = (
        "from coordination.testing.simulation import Limits, Simulation\n"
        "from coordination.testing.simulation.leaders import Takeovers\n"
        "from coordination.testing.simulation.locks import Crowds\n"
        "from coordination.testing.simulation.pools import Pools\n"
        "def told(self, world):\n"
        "    raise AssertionError('told')\n"
        "for kind in (Crowds, Takeovers, Pools):\n"
        "    case = type('Told', (kind,), {'at_end': told})\n"
        "    for seed in range(12):\n"
        "        print(Simulation(case, Limits(drops=1, cancels=1)).replay(seed))\n"
    )
    ran = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={"PYTHONHASHSEED": hashes, "PYTHONPATH": "."},
        ).stdout
        for hashes in ("1", "2")
    ]
    assert len(ran[0]) > 10_000
    assert ran[0] == ran[1]
