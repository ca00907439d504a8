"""The stage with a real machine: it drains what it is told to, and ends what does not listen."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.clock import SystemClock
from coordination.demo import stage as module
from coordination.demo.operator import Operator
from coordination.demo.pids import alive
from coordination.demo.resource import Resource
from coordination.demo.scheduler.writer import STOP
from coordination.demo.stage import Stage


@pytest.fixture
def resource() -> Iterator[Resource]:
    with Resource(SystemClock()) as serving:
        yield serving


@pytest.fixture
def stage(tmp_path: Path, resource: Resource) -> Iterator[Stage]:
    """A machine of its own, which owns one unit and runs it."""
    with Stage(tmp_path / "kept", None) as staged:
        command = [sys.executable, "-m", "coordination.demo.scheduler.work", resource.address]
        with Operator([staged.url("m1")], "test", command) as operator:
            operator.add("unit-01")
            staged.start("m1", 1, "--ttl", "4", "--namespace", "test", "--resource", resource.address)
            end = time.monotonic() + 60
            while "unit-01" not in resource.logs() and time.monotonic() < end:
                time.sleep(0.05)
            assert "unit-01" in resource.logs()
            yield staged


def child(resource: Resource) -> int:
    """The pid of the unit's process."""
    return resource.logs()["unit-01"][-1].pid


def gone(resource: Resource, pid: int) -> bool:
    """Whether a process has ended, after a moment."""
    end = time.monotonic() + 30
    while pid in alive(resource.address, {pid}) and time.monotonic() < end:
        time.sleep(0.05)
    return pid not in alive(resource.address, {pid})


def test_a_machine_stops_when_its_input_ends(stage: Stage, resource: Resource) -> None:
    """Its child says stop, it ends with 0, and that is no failure."""
    stage.stop()
    assert stage.failures() == []
    assert resource.logs()["unit-01"][-1].kind == STOP
    assert alive(resource.address, {child(resource), *stage.pids()}) == set()


def test_a_machine_that_is_alone_drains_at_once(stage: Stage, resource: Resource) -> None:
    """There is nobody to hand over to, so it waits for nobody."""
    stage.drain("m1", 1)
    end = time.monotonic() + 30
    while stage.runs("m1", 1) and time.monotonic() < end:
        time.sleep(0.05)
    assert not stage.runs("m1", 1)
    assert stage.failures() == []
    assert resource.logs()["unit-01"][-1].kind == STOP


def test_a_killed_machine_takes_its_child_along(stage: Stage, resource: Resource) -> None:
    """It is no failure, for it was done on purpose, and nothing is written any more."""
    pid = child(resource)
    assert pid in alive(resource.address, {pid})
    stage.kill("m1", 1)
    assert gone(resource, pid)
    assert stage.failures() == []
    assert resource.logs()["unit-01"][-1].kind != STOP


@pytest.mark.skipif(sys.platform == "win32", reason="nothing stops a process on Windows")
def test_a_machine_that_does_not_listen_is_killed_and_told(
    stage: Stage, resource: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process cannot end by itself: it is killed after a while, and the demo fails."""
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    (pid,) = stage.pids()
    os.kill(pid, signal.SIGSTOP)
    stage.stop()
    assert stage.failures() == ["m1 v1 ended with code -9: it said nothing"]
    assert gone(resource, child(resource))


@pytest.mark.skipif(sys.platform == "win32", reason="nothing stops a process on Windows")
def test_the_child_of_a_machine_that_is_paused_stops_writing(stage: Stage, resource: Resource) -> None:
    """Its leash ends with what the machine last believed, so it is silent before anybody else may own."""
    (pid,) = stage.pids()
    os.kill(pid, signal.SIGSTOP)
    paused = time.monotonic()
    while time.monotonic() < paused + 6.0:  # The ttl is 4 s.
        time.sleep(0.1)
    written = len(resource.logs()["unit-01"])
    time.sleep(1.0)  # Four times its pace.
    assert len(resource.logs()["unit-01"]) == written
    assert child(resource) in alive(resource.address, {child(resource)})
    os.kill(pid, signal.SIGCONT)
    stage.stop()
