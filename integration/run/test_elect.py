"""`coordination elect`: the command while it leads, its end, signals, losing the leadership."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination import Incumbent
from integration.run.conftest import Leases
from integration.run.processes import (
    FAMILY,
    RUN,
    Supervised,
    child,
    eventually,
    group_runs,
    now,
    supervised,
)

ELECT = [*RUN[:-1], "elect"]


@contextmanager
def elected(leases: Leases, desk: Path, *arguments: str) -> Iterator[Supervised]:
    """`coordination elect job ARGUMENTS` on the store, under the machine's name `ours`."""
    ours = ("job", "--store", leases.url, "--machine-id", "ours")
    with supervised(desk, *ours, *arguments, program=ELECT) as run:
        yield run


def leads(leases: Leases) -> Incumbent | None:
    """Who leads, as another machine sees it."""
    return leases.other.leader("job").current()


def is_free_at_once(leases: Leases) -> bool:
    """Whether a single try gets it, which is then given back."""
    return leases.other.leader("job", version=9).campaign(timeout=0).release()


@pytest.mark.parametrize(("mode", "code"), [("seven", 7), ("killed", 128 + 10)])
def test_exit_code_is_the_commands(leases: Leases, desk: Path, mode: str, code: int) -> None:
    """Its own code, or 128 + n when signal n ended it; and others can lead at once."""
    with elected(leases, desk, "--", *child(mode, desk)) as run:
        assert run.ended() == code
        assert run.errors() == ""
        assert not group_runs(run.leader)
    assert is_free_at_once(leases)


def test_the_command_knows_what_it_leads(leases: Leases, desk: Path) -> None:
    """Name, token and version are in its environment; others see who leads, and what it proclaims."""
    options = ("--version", "3", "--value", "http://ours")
    with elected(leases, desk, *options, "--", *child("environment", desk)) as run:
        assert run.ended() == 0
    variables = dict(line.partition("=")[::2] for line in (desk / "environment").read_text().split("\n"))
    ours = {name: value for name, value in variables.items() if name.startswith("COORDINATION_")}
    token = ours.pop("COORDINATION_TOKEN")
    assert int(token) > 0
    assert ours == {"COORDINATION_NAME": "job", "COORDINATION_VERSION": "3"}


def test_others_see_who_leads(leases: Leases, desk: Path) -> None:
    """Machine, process, version and value while the command runs; a signal is passed on, then it resigns."""
    options = ("--version", "3", "--value", "http://ours")
    with elected(leases, desk, *options, "--", *child("listener", desk)) as run:
        assert run.leader
        leader = leads(leases)
        assert leader is not None
        assert (leader.machine_id, leader.pid, leader.version) == ("ours", run.process.pid, 3)
        assert (leader.value, leader.taking_over) == ("http://ours", False)
        run.process.terminate()
        assert run.ended() == 9
    assert (desk / "heard").read_text() == "SIGTERM"
    assert is_free_at_once(leases)


def test_what_it_leaves_in_its_group_is_ended_before_the_release(leases: Leases, desk: Path) -> None:
    """Children, grandchildren and orphans that ignore TERM die before the next one leads."""
    with elected(leases, desk, "--", *child("bereaved", desk)) as run:
        group = run.leader
        with leases.other.leader("job").campaign(timeout=20.0):
            began_at = now()
            assert run.ended() == 5
    assert not group_runs(group)
    for log in FAMILY:
        assert run.last_work(log) <= began_at


@pytest.mark.parametrize("timeout", ["0", "0.7"])
def test_not_elected_in_time(leases: Leases, desk: Path, timeout: str) -> None:
    """120 after the timeout and not before; the command never ran, and who leads is left alone."""
    term = leases.other.leader("job").campaign()
    begun = now()
    with elected(leases, desk, "--timeout", timeout, "--", *child("seven", desk)) as run:
        assert run.ended() == 120
        assert "elect --show" in run.errors()
    assert now() - begun >= float(timeout)
    assert not (desk / "leader").exists()
    assert term.held


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signal_while_campaigning(leases: Leases, desk: Path, signum: signal.Signals) -> None:
    """It ends the wait; no command has run, and nobody leads by mistake afterwards."""
    term = leases.other.leader("job").campaign()
    with elected(leases, desk, "--json", "--", *child("seven", desk)) as run:
        assert run.process.stderr is not None
        run.process.stderr.readline()  # it waits
        run.process.send_signal(signum)
        assert run.ended() == 128 + signum
    assert not (desk / "leader").exists()
    term.release()
    assert is_free_at_once(leases)


def test_deleted(leases: Leases, desk: Path) -> None:
    """The record is removed by hand: somebody else may lead, so everybody in the group is killed."""
    with elected(leases, desk, "--ttl", "9", "--", *child("family", desk)) as run:
        group = run.leader
        (leases.folder / "@leaders" / "job.json").unlink()
        begun = now()
        assert run.ended() == 121
        assert "(deleted)" in run.errors()
        assert not group_runs(group)
    for log in FAMILY:
        assert run.last_work(log) < begun + 9


def test_killed_supervisor(leases: Leases, desk: Path) -> None:
    """SIGKILL of the supervisor: the group is gone before the next one leads."""
    with elected(leases, desk, "--ttl", "6", "--", *child("family", desk)) as run:
        group = run.leader
        os.kill(run.process.pid, signal.SIGKILL)
        with leases.other.leader("job").campaign(timeout=20.0):
            began_at = now()
            eventually(lambda: not group_runs(group), "the group is gone")
    for log in FAMILY:
        assert run.last_work(log) < began_at
