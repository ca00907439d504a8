"""The lease goes before the command does: the group is gone in time, the code is 121."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coordination.timing import margin
from integration.run.conftest import Leases
from integration.run.processes import (
    FAMILY,
    HERE,
    SOON,
    child,
    end_leftovers,
    ended_in_time,
    environment,
    eventually,
    granted,
    group_runs,
    now,
    stop,
    supervised,
)

DEAD = [sys.executable, str(HERE / "dead_store.py")]
SLACK = 2.0
"""Seconds that two busy cores may add to what should take a few hundredths."""
PROMPTLY = 6.0
"""Seconds, slack included, in which everybody is gone once a loss was told."""
LONG = "60"
"""Seconds granted where a loss has to be told: the next renewal, a third later, would find it too late."""


def test_stolen(leases: Leases, desk: Path) -> None:
    """Another machine takes it: everybody in the group is killed at once, and the thief is left alone."""
    arguments = ("job", "--store", leases.url, "--period", LONG, "--", *child("family", desk))
    with supervised(desk, *arguments) as run:
        assert run.leader
        stolen = leases.steal()
        begun = now()
        assert run.ended() == 121
        assert "stolen" in run.errors()
        assert not group_runs(run.leader)
    for log in FAMILY:
        assert run.last_work(log) < begun + PROMPTLY
    assert stolen.held
    assert leases.holder().token == stolen.token


def test_deleted(leases: Leases, desk: Path) -> None:
    """An operator deletes the record: the command is ended at once and nothing is written again."""
    arguments = ("job", "--store", leases.url, "--period", LONG, "--", *child("stubborn", desk))
    with supervised(desk, *arguments) as run:
        assert run.leader
        (leases.folder / "job.json").unlink()
        begun = now()
        assert run.ended() == 121
        assert not group_runs(run.leader)
    assert run.last_work() < begun + PROMPTLY
    assert leases.is_free_at_once()


def test_store_that_stops_answering(leases: Leases, desk: Path) -> None:
    """The group is gone before the lease could be another's; the dead store does not hold us up for long."""
    arguments = ("job", "--store", leases.url, "--period", "6", "--", *child("family", desk))
    with supervised(desk, *arguments) as run:
        group = run.leader
        with leases.silenced():
            free_at = now() + leases.holder().time_remaining
            assert run.ended() == 121
            assert now() < free_at + 1.5 + SLACK
            assert not group_runs(group)
            assert "confirmed no renewal" in run.errors()
    for log in FAMILY:
        assert run.last_work(log) < free_at


def test_store_that_answers_again_in_time(leases: Leases, desk: Path) -> None:
    """A silence of half the period is ridden out: the command never hears of it."""
    options = ("--store", leases.url, "--period", "9", "--grace", "0.5")
    with supervised(desk, "job", *options, "--", *child("stubborn", desk)) as run:
        group = run.leader
        leases.is_renewed()  # so that there is time from here on
        with leases.silenced():
            time.sleep(4.5)
        leases.is_renewed()
        time.sleep(4.5)  # past every end that the silence could have set
        assert not (desk / "asked").exists()
        os.killpg(group, signal.SIGKILL)
        assert run.ended() == 128 + 9


@pytest.mark.parametrize("grace", [2.0, 9.0])
def test_store_that_hangs_with_every_thread(desk: Path, grace: float) -> None:
    """Nobody tells of anything, only time passes: TERM a grace before KILL, KILL before belief ends."""
    period = 10.0
    command = ("--period", str(period), "--grace", str(grace), "--", *child("stubborn", desk))
    with supervised(desk, "job", *command, program=[*DEAD, "never", "run"]) as run:
        leader = run.leader
        assert run.ended() == 121
        told = run.errors()
        assert not group_runs(leader)
    assert "confirmed no renewal" in told
    assert "released" not in told
    ended_in_time(run, period, grace)


def test_lease_that_is_gone_before_the_start(desk: Path) -> None:
    """A machine that slept between the grant and the start: the command never runs."""
    command = ("--period", "0.001", "--", *child("seven", desk))
    with supervised(desk, "job", *command, program=[*DEAD, "never", "run"]) as run:
        assert run.ended() == 121
    assert not (desk / "leader").exists()


def test_obedient_command_ends_within_its_grace(desk: Path) -> None:
    """TERM comes early enough to end in good order, and the code still tells of the loss."""
    period = 10.0
    command = ("--period", str(period), "--grace", "9", "--", *child("obedient", desk))
    with supervised(desk, "job", *command, program=[*DEAD, "never", "run"]) as run:
        assert run.leader
        assert run.ended() == 121
    # KILL would come a quarter of the belief after TERM: most of that is slack.
    assert run.last_work() < granted(run) + (period - margin(period)) * 3 / 4 + SLACK


def test_a_renewal_confirmed_in_time_changes_everything(desk: Path) -> None:
    """A store that answers again before TERM is no reason to end anything: the deadline has moved."""
    period = 10.0
    command = ("--period", str(period), "--", *child("stubborn", desk))
    with supervised(desk, "job", *command, program=[*DEAD, "2.0", "run"]) as run:
        assert run.leader
        assert run.ended() == 121
        confirmed = float(run.errors().partition("confirmed at ")[2].split()[0])
    assert float((desk / "asked").read_text()) >= confirmed + (period - margin(period)) * 3 / 4 - 0.1
    assert run.last_work() < confirmed + period


def test_bug_in_the_middle(desk: Path) -> None:
    """Whatever goes wrong in the supervisor: the group ends before closing releases the lease."""
    command = ("--period", "20", "--", *child("family", desk))
    with supervised(desk, "job", *command, program=[*DEAD, "broken", "run"]) as run:
        group = run.leader
        assert run.ended() == 1
        told = run.errors()
        assert not group_runs(group)
    assert "RuntimeError: a bug" in told
    closed_at = float(told.split("closed at ")[1].split()[0])
    for log in FAMILY:
        assert run.last_work(log) < closed_at


def test_supervisor_that_is_stopped(leases: Leases, desk: Path) -> None:
    """SIGSTOP reaches only the supervisor, which cannot renew: the guardian ends the group in time."""
    arguments = ("job", "--store", leases.url, "--period", "10", "--", *child("family", desk))
    with supervised(desk, *arguments) as run:
        group = run.leader
        with leases.silenced():  # Never in the middle of a write, which would keep everybody out.
            stop(run.process.pid)
        with leases.other.wait_lease("job", period=15.0, timeout=25.0) as taken:
            acquired_at = now()
            assert not group_runs(group)
            os.kill(run.process.pid, signal.SIGCONT)
            assert run.ended() == 121
            assert taken.held
    for log in FAMILY:
        assert run.last_work(log) < acquired_at


def test_reader_of_stderr_that_stalls_delays_no_kill(desk: Path) -> None:
    """The message about the loss does not fit into a full pipe; the kill does not wait for it."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    while True:
        try:
            os.write(write_end, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(write_end, True)
    program = [*DEAD, "never", "run", "job", "--period", "6", "--", *child("stubborn", desk)]
    with subprocess.Popen(program, stderr=write_end, env=environment()) as process:
        try:
            eventually((desk / "leader").exists, "the command is ready")
            group = int((desk / "leader").read_text())
            eventually(lambda: not group_runs(group), "the group is gone", within=6 + SLACK)
            assert process.wait(SOON) == 121
        finally:
            process.kill()
            os.close(read_end)
            os.close(write_end)
            end_leftovers(desk)
