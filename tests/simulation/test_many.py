"""Several processes share the work, and the command says what they found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coordination.testing.simulation import Simulation
from coordination.testing.simulation.many import Plan, explored
from tests.simulation.toys import Toys

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.untraced
def test_two_processes_see_what_one_sees() -> None:
    """The same seeds, the same different schedules, whoever ran them."""
    alone = Simulation(Toys).random(1_200, seed=7)
    [shared] = explored([Plan(Toys, schedules=1_200)], seed=7)
    assert shared.runs == alone.runs == 1_200
    assert shared.seen == alone.seen
    assert not shared.findings


def test_every_order_is_shared_out_completely() -> None:
    """The pieces of an exhaustive run are together what one process would run."""
    alone = Simulation(Toys).exhaust(3)
    [shared] = explored([Plan(Toys, depth=3)])
    assert (shared.runs, shared.seen) == (alone.runs, alone.seen)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, on the scenario of the example."""
    command = [sys.executable, "-W", "error", "-m", "coordination.testing.simulation", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


def test_the_command_explores() -> None:
    """It says how many schedules it ran, and exits with 0 where nothing was found."""
    ran = run("--scenario", "tests.simulation.toys:Toys", "--schedules", "300", "--depth", "2")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "different schedules with a crash or a lost answer" in ran.stdout


def test_the_command_finds_and_replays() -> None:
    """It prints the schedule that failed, with which it shows the same failure again; it exits with 1."""
    scenario = "tests.simulation.broken_toys:LooksFirst"
    found = run("--scenario", scenario, "--schedules", "300", "--workers", "1")
    assert found.returncode == 1
    assert "two holders" in found.stdout
    schedule = found.stdout.partition('replay("')[2].partition('"')[0]
    again = run("--scenario", scenario, f"--replay={schedule}")
    assert again.returncode == 1
    assert "two holders" in again.stdout


def test_the_command_refuses_what_is_no_scenario() -> None:
    """A name that is something else ends it with a sentence."""
    ran = run("--scenario", "tests.simulation.toys:ToyLock")
    assert ran.returncode == 1
    assert "is no Scenario" in ran.stderr
