"""The command ends by itself: its exit code, what it leaves behind, and the lease right afterwards."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from integration.run.conftest import Leases
from integration.run.processes import (
    FAMILY,
    child,
    children_of,
    eventually,
    group_runs,
    now,
    states_of,
    supervised,
)


@pytest.mark.parametrize(("mode", "code"), [("seven", 7), ("killed", 128 + 10), ("environment", 0)])
def test_exit_code_is_the_commands(leases: Leases, desk: Path, mode: str, code: int) -> None:
    """Its own code, or 128 + n when signal n ended it; and the lease is free at once."""
    with supervised(desk, "job", "--store", leases.url, "--", *child(mode, desk)) as run:
        assert run.ended() == code
        assert run.errors() == ""
        assert not group_runs(run.leader)
    assert leases.is_free_at_once()


def test_what_it_leaves_in_its_group_is_ended_before_the_release(leases: Leases, desk: Path) -> None:
    """Children, grandchildren and orphans that ignore TERM die although the leader is long gone."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("bereaved", desk)) as run:
        group = run.leader
        with leases.other.wait_lease("job", timeout=14.0):
            acquired_at = now()
            assert run.ended() == 5
    assert not group_runs(group)
    for log in FAMILY:
        assert run.last_work(log) <= acquired_at


def test_orphans_are_adopted(leases: Leases, desk: Path) -> None:
    """On Linux a grandchild whose parent ended becomes the supervisor's, so that somebody reaps it."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("family", desk)) as run:
        leader = run.leader
        eventually(lambda: len(children_of(run.process.pid)) == 3, "guardian, leader and orphan")
        os.kill(leader, signal.SIGKILL)
        assert run.ended() == 128 + signal.SIGKILL
    assert not group_runs(leader)


def test_command_starts_with_default_signals(leases: Leases, desk: Path) -> None:
    """Python ignores SIGPIPE for itself; a command that inherited that would not end with its reader."""
    command = ("sh", "-c", "kill -PIPE $$; exit 3")
    with supervised(desk, "job", "--store", leases.url, "--", *command) as run:
        assert run.ended() == 128 + signal.SIGPIPE


def test_name_and_token_are_told_and_the_secret_is_not(leases: Leases, desk: Path) -> None:
    """The command can fence its writes, and cannot resume anybody's lease by our secret."""
    command = ("--", *child("environment", desk))
    arguments = ("job", "--store", leases.url, *command)
    with supervised(desk, *arguments, COORDINATION_SECRET="hush", PASSED_ON="yes") as run:
        assert run.ended() == 0
    first = _variables(desk)
    assert first["COORDINATION_NAME"] == "job"
    assert first["PASSED_ON"] == "yes"
    assert "COORDINATION_SECRET" not in first
    with supervised(desk, *arguments) as run:
        assert run.ended() == 0
    assert int(_variables(desk)["COORDINATION_TOKEN"]) > int(first["COORDINATION_TOKEN"]) > 0


def _variables(desk: Path) -> dict[str, str]:
    lines = (desk / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_stdout_is_the_commands_alone(leases: Leases, desk: Path) -> None:
    """Not a byte of ours, also with --json, where every event is a line on stderr."""
    command = ("sh", "-c", "printf out; printf err >&2")
    with supervised(desk, "job", "--store", leases.url, "--json", "--", *command) as run:
        assert run.ended() == 0
        assert run.process.stdout is not None
        assert run.process.stdout.read() == "out"
        told = run.errors()
    events = ["waiting", "started", "ended", "released"]
    assert [event for event in events if f'"event": "{event}"' in told] == events


@pytest.mark.parametrize(("content", "mode", "code"), [(None, 0, 127), ("exit 0", 0o644, 126)])
def test_command_that_cannot_be_started(
    leases: Leases, desk: Path, content: str | None, mode: int, code: int
) -> None:
    """127 for one that is not there, 126 for one that may not be executed; the lease is released."""
    program = desk / "program"
    if content is not None:
        program.write_text(content)
        program.chmod(mode)
    with supervised(desk, "job", "--store", leases.url, "--", str(program)) as run:
        assert run.ended() == code
        message = run.errors()
    assert message.startswith(f"coordination: {program}: ")
    assert message.count("\n") == 1
    assert leases.is_free_at_once()


def test_release_that_cannot_be_confirmed(leases: Leases, desk: Path) -> None:
    """The command's code stays what it is; a line tells that the lease ends by itself."""
    arguments = ("job", "--store", leases.url, "--period", "6", "--", *child("listener", desk))
    with supervised(desk, *arguments) as run:
        group = run.leader
        leases.is_renewed()  # so that the command ends long before the lease does
        with leases.silenced():
            os.kill(group, signal.SIGTERM)
            assert run.ended() == 9
        assert "could not release 'job'" in run.errors()
        assert not group_runs(group)
    with leases.other.wait_lease("job", timeout=20.0) as taken:
        assert taken.held


def test_stopped_by_hand_without_a_terminal(leases: Leases, desk: Path) -> None:
    """Nobody could continue us, so the lease is kept for a command that somebody stopped."""
    options = ("--period", "6", "--grace", "0.5")  # time for a renewal that a busy machine holds up
    arguments = ("job", "--store", leases.url, *options, "--", *child("obedient", desk))
    with supervised(desk, *arguments) as run:
        group = run.leader
        os.kill(group, signal.SIGSTOP)
        eventually(lambda: states_of(group) == {"T"}, "the command is stopped")
        token = leases.holder().token
        time.sleep(7.0)
        assert leases.holder().token == token
        os.kill(group, signal.SIGCONT)
        run.process.terminate()
        assert run.ended() == 128 + signal.SIGTERM
    assert leases.is_free_at_once()
