"""A unit's process on its leash: it acts while it may, and ends with its machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from coordination.clock import SystemClock
from coordination.demo.resource import Resource
from coordination.demo.scheduler.child import Child
from coordination.demo.scheduler.work import LET_GO, STALE
from coordination.demo.scheduler.writer import START, STOP, Writer
from integration.demo.processes import eventually

CLOCK = SystemClock()
FOR_LONG = 300.0


@pytest.fixture
def resource() -> Iterator[Resource]:
    with Resource(CLOCK) as serving:
        yield serving


@pytest.fixture
def child(resource: Resource) -> Iterator[Child]:
    """What a unit of the demo runs, under token 7; it may not act yet."""
    command = [sys.executable, "-m", "coordination.demo.scheduler.work", resource.address]
    running = Child(command, "unit-01", 7, "m1", 2)
    yield running
    running.end(patience=0.0)


def kinds(resource: Resource) -> list[str]:
    return [entry.kind for entry in resource.logs().get("unit-01", [])]


def test_it_writes_while_it_may_and_says_when_it_stops(child: Child, resource: Resource) -> None:
    """A start, work, a stop, under what it was told; and it ends well."""
    child.allow(CLOCK.now() + FOR_LONG)
    eventually(lambda: len(kinds(resource)) >= 3)
    child.ask()
    eventually(lambda: child.ended)
    log = resource.logs()["unit-01"]
    assert (log[0].kind, log[-1].kind) == (START, STOP)
    assert {(entry.machine, entry.version, entry.token, entry.believed) for entry in log} == {
        ("m1", 2, 7, True)
    }
    assert child._process.returncode == 0


def test_without_a_leash_it_writes_nothing(child: Child, resource: Resource) -> None:
    """Neither before it was given one, nor when that one had ended already; asked then, it just ends."""
    child.allow(CLOCK.now() - 1.0)
    child.ask()
    eventually(lambda: child.ended)
    assert kinds(resource) == []
    assert child._process.returncode == 0


def test_it_ends_at_once_when_its_machine_is_gone(child: Child, resource: Resource) -> None:
    """The end of its input says so; it says nothing any more."""
    child.allow(CLOCK.now() + FOR_LONG)
    eventually(lambda: kinds(resource))
    assert child._process.stdin is not None
    child._process.stdin.close()
    eventually(lambda: child.ended)
    assert child._process.returncode == LET_GO
    assert STOP not in kinds(resource)


def test_it_ends_when_the_resource_refuses_it(child: Child, resource: Resource) -> None:
    """Somebody newer was there, so there is nothing left for it to do."""
    with Writer(resource.address, "unit-01", 8, "m2", 2) as newer:
        newer.write(START, until=0.0)
    child.allow(CLOCK.now() + FOR_LONG)
    eventually(lambda: child.ended)
    assert child._process.returncode == STALE
    assert [entry.refused for entry in resource.logs()["unit-01"]] == [False, True]


def test_a_child_that_does_not_listen_is_killed() -> None:
    """It gets a moment, and is gone when `end` returns."""
    deaf = Child([sys.executable, "-c", "import time; time.sleep(300)"], "unit-01", 7, "m1", 1)
    deaf.ask()
    assert not deaf.ended
    deaf.end(patience=0.1)
    assert deaf.ended
