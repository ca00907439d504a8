"""The leader's part: a schedule of live machines and units, written while it leads, and shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination import LeaseLost, Manager, connect
from coordination.clock import SystemClock
from coordination.demo.log import Entry
from coordination.demo.resource import Resource
from coordination.demo.scheduler.leading import Scheduling, command_of, schedule
from coordination.demo.scheduler.writer import Writer

RUN = {"command": ["true"]}


@pytest.fixture
def manager(request: pytest.FixtureRequest) -> Iterator[Manager]:
    """A machine on a store of the test's own."""
    with connect(f"memory://{request.node.name}", machine_id="m1") as connected:
        yield connected


def scheduling(manager: Manager, resource: str | None = None) -> Scheduling:
    return Scheduling(manager, manager.pool("work"), manager.membership("machines"), SystemClock(), resource)


def test_units_are_spread_over_the_members(manager: Manager) -> None:
    """Each unit gets a machine, each machine its share, and whoever reads sees it."""
    for unit in ("a", "b", "c", "d"):
        manager.pool("work").add(unit, RUN)
    term = manager.leader("scheduler").campaign(timeout=10)
    with manager.membership("machines"), manager.membership("machines", machine_id="m2"):
        scheduling(manager).reconcile(term)
    assert sorted(schedule(manager)) == ["a", "b", "c", "d"]
    assert sorted(schedule(manager).values()) == ["m1", "m1", "m2", "m2"]


def test_a_machine_that_left_has_no_units_and_the_others_keep_theirs(manager: Manager) -> None:
    """Only what has to move moves."""
    for unit in ("a", "b", "c", "d"):
        manager.pool("work").add(unit, RUN)
    term = manager.leader("scheduler").campaign(timeout=10)
    with manager.membership("machines"):
        with manager.membership("machines", machine_id="m2"):
            scheduling(manager).reconcile(term)
        before = schedule(manager)
        scheduling(manager).reconcile(term)
    assert set(schedule(manager).values()) == {"m1"}
    assert set(before.values()) == {"m1", "m2"}


def test_a_unit_that_is_gone_or_has_no_command_is_not_scheduled(manager: Manager) -> None:
    """What cannot be run is left alone."""
    pool = manager.pool("work")
    pool.add("a", RUN)
    pool.add("b", "not a command")
    pool.add("c", RUN)
    term = manager.leader("scheduler").campaign(timeout=10)
    with manager.membership("machines"):
        scheduling(manager).reconcile(term)
        assert sorted(schedule(manager)) == ["a", "c"]
        pool.remove("c")
        scheduling(manager).reconcile(term)
    assert sorted(schedule(manager)) == ["a"]


def test_without_machines_the_schedule_stays(manager: Manager) -> None:
    """An empty list of members is more likely a mishap than the truth."""
    manager.pool("work").add("a", RUN)
    term = manager.leader("scheduler").campaign(timeout=10)
    with manager.membership("machines"):
        scheduling(manager).reconcile(term)
    scheduling(manager).reconcile(term)
    assert schedule(manager) == {"a": "m1"}


def test_who_does_not_lead_any_more_writes_nothing(manager: Manager) -> None:
    """The store refuses a schedule under a term that is over."""
    manager.pool("work").add("a", RUN)
    term = manager.leader("scheduler").campaign(timeout=10)
    term.release()
    with manager.membership("machines"), pytest.raises(LeaseLost):
        scheduling(manager).reconcile(term)
    assert schedule(manager) == {}


def test_the_leader_shows_that_it_acts(manager: Manager) -> None:
    """A start, then work, under its token; refused, it writes no schedule."""
    manager.pool("work").add("a", RUN)
    term = manager.leader("scheduler", version=2).campaign(timeout=10)
    with Resource(SystemClock()) as resource, manager.membership("machines"):
        leading = scheduling(manager, resource.address)
        with Writer(resource.address, "leader", term.token + 1, "m2", 3) as newer:
            assert newer.write("start", until=0.0)
            leading.reconcile(term)
        assert schedule(manager) == {}
        refused = resource.logs()["leader"][1]
    assert isinstance(refused, Entry)
    assert (refused.refused, refused.token, refused.version) == (True, term.token, 2)


def test_each_term_starts_once(manager: Manager) -> None:
    """Start, work, work: the judge can tell where a term begins."""
    leader = manager.leader("scheduler")
    with Resource(SystemClock()) as resource, manager.membership("machines"):
        leading = scheduling(manager, resource.address)
        for _ in range(2):
            with leader.campaign(timeout=10) as term:
                leading.reconcile(term)
                leading.reconcile(term)
        kinds = [entry.kind for entry in resource.logs()["leader"]]
    assert kinds == ["start", "work", "start", "work"]


@pytest.mark.parametrize("payload", [None, "ls", {}, {"command": "ls"}, {"command": [1]}, {"command": []}])
def test_what_is_no_command(payload: object) -> None:
    """Words in a list are one, and nothing else."""
    assert command_of(payload) == []
    assert command_of(RUN) == ["true"]
