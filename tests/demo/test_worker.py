"""The worker of a machine, round by round on the memory store: its share, its entries, its losses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from coordination import Manager, connect
from coordination.demo.log import REFUSED, START, STOP, WORK, FencedLog, read
from coordination.demo.worker import Worker
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock

UNITS = [f"unit-{n:02}" for n in range(1, 13)]


@dataclass
class Site:
    """Machines of one store, and their logs."""

    folder: Path
    store: MemoryStore
    clock: FakeClock
    stack: ExitStack

    def manager(self) -> Manager:
        return self.stack.enter_context(connect(self.store, clock=self.clock))

    def machine(self, name: str, manager: Manager | None = None, machines: int = 3) -> Worker:
        logs = {unit: FencedLog(self.path(unit), self.clock) for unit in UNITS}
        return Worker(manager or self.manager(), name, logs, machines, 2.0)

    def path(self, unit: str) -> Path:
        return self.folder / f"{unit}.log"

    def owners(self) -> dict[str, str]:
        """By unit, who wrote last."""
        last = {unit: entries[-1] for unit in UNITS if (entries := read(self.path(unit)))}
        return {unit: entry.machine for unit, entry in last.items() if entry.kind in (START, WORK)}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    clock = FakeClock()
    with ExitStack() as stack:
        yield Site(tmp_path, MemoryStore(clock), clock, stack)


def test_three_machines_own_four_units_each(site: Site) -> None:
    """Nobody takes more than its share, also when it comes first."""
    machines = [site.machine(f"m{n}") for n in (1, 2, 3)]
    for machine in machines * 2:
        machine.tick()
    owners = list(site.owners().values())
    assert sorted(owners) == ["m1"] * 4 + ["m2"] * 4 + ["m3"] * 4


def test_the_share_grows_when_a_machine_is_gone(site: Site) -> None:
    """Twelve units of three machines become six each of two."""
    managers = [site.manager() for _ in range(3)]
    machines = [site.machine(f"m{n}", manager) for n, manager in enumerate(managers, 1)]
    for machine in machines * 2:
        machine.tick()
    machines[1].stop()
    managers[1].close()
    for machine in (machines[0], machines[2]) * 2:
        machine.tick()
    assert sorted(site.owners().values()) == ["m1"] * 6 + ["m3"] * 6


def test_a_machine_that_never_comes_is_waited_for_three_periods(site: Site) -> None:
    """Until then the units of the missing ones are left to them; after that somebody takes them."""
    machine = site.machine("m1")
    machine.tick()
    assert len(site.owners()) == 4
    for _ in range(7):
        site.clock.advance(1.0)
        site.clock.settle()
        machine.tick()
        machine.tick()
    assert len(site.owners()) == 12


def test_work_is_written_every_round_until_the_stop(site: Site) -> None:
    """A tenure is start, work, work, stop, under one token."""
    machine = site.machine("m1")
    for _ in range(3):
        machine.tick()
    machine.stop()
    entries = read(site.path("unit-01"))
    assert [entry.kind for entry in entries] == [START, WORK, WORK, STOP]
    assert len({entry.token for entry in entries}) == 1


def test_a_stopped_machine_has_given_its_units_back(site: Site) -> None:
    """Another one gets them at once, without waiting for a period."""
    machine = site.machine("m1")
    machine.tick()
    machine.stop()
    view = site.manager()
    assert view.list_leases("unit-") == []


def test_a_stolen_unit_is_not_written_to(site: Site) -> None:
    """Who knows of its loss stays silent: the log shows the thief alone."""
    machine = site.machine("m1", machines=1)
    machine.tick()
    thief = site.manager()
    seen = thief.get_lease("unit-01")
    assert seen is not None
    stolen = thief.steal_lease("unit-01", "thief", 0, 60.0, seen.index)
    assert stolen is not None
    for _ in range(5):
        site.clock.advance(0.5)
        site.clock.settle()
    before = len(read(site.path("unit-01")))
    machine.tick()
    assert len(read(site.path("unit-01"))) == before


def test_a_refused_unit_is_given_up(site: Site) -> None:
    """When the resource has seen a higher token, the machine believes the resource."""
    machine = site.machine("m1", machines=1)
    machine.tick()
    with site.path("unit-01").open("a") as file:
        file.write(f"start {10**18} m9 5.0\n")
    token = site.manager().list_leases("unit-01")[0].token
    machine.tick()
    assert read(site.path("unit-01"))[-1].kind == REFUSED
    again = site.manager().get_lease("unit-01")
    assert again is None or again.token > token
