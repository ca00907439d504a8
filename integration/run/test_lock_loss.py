"""The lock goes before the command does: the group is gone in time, the code is 121."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from integration.run.conftest import Locks
from integration.run.processes import (
    FAMILY,
    HERE,
    LOCK,
    child,
    children_of,
    ended_in_time,
    eventually,
    group_runs,
    now,
    process_runs,
    stop,
    supervised,
)

SLACK = 2.0
"""Seconds that two busy cores may add to what should take a few hundredths."""
PROMPTLY = 6.0
"""Seconds, slack included, in which everybody is gone once a loss was told."""
LONG = "60"
"""Seconds granted where a loss has to be told: the next renewal, a third later, would find it too late."""


def test_broken(locks: Locks, desk: Path) -> None:
    """An operator breaks it: everybody in the group is killed at once, and the next one is left alone."""
    arguments = ("job", "--store", locks.url, "--ttl", LONG, "--", *child("family", desk))
    with supervised(desk, *arguments, program=LOCK) as run:
        assert run.leader
        begun = now()
        assert locks.other.break_lock("job", locks.token())
        hold = locks.other.lock("job").acquire(timeout=5)
        assert run.ended() == 121
        assert "(broken)" in run.errors()
        assert not group_runs(run.leader)
    for log in FAMILY:
        assert run.last_work(log) < begun + PROMPTLY
    assert hold.held
    assert locks.token() == hold.token


def test_deleted(locks: Locks, desk: Path) -> None:
    """The record is removed by hand: the command is ended after the next beat, and writes nothing again."""
    arguments = ("job", "--store", locks.url, "--ttl", "9", "--", *child("stubborn", desk))
    with supervised(desk, *arguments, program=LOCK) as run:
        assert run.leader
        (record,) = (locks.folder / "@locks" / "job").glob("*.json")
        record.unlink()
        begun = now()
        assert run.ended() == 121
        assert "(deleted)" in run.errors()
        assert not group_runs(run.leader)
    assert run.last_work() < begun + 9
    assert locks.is_free_at_once()


def test_store_that_stops_answering(locks: Locks, desk: Path) -> None:
    """The group is gone before the lock could be another's."""
    arguments = ("job", "--store", locks.url, "--ttl", "3", "--", *child("family", desk))
    with supervised(desk, *arguments, program=LOCK) as run:
        group = run.leader
        with locks.silenced():
            free_at = now() + 3
            assert run.ended() == 121
            assert now() < free_at + 2 + SLACK
            assert not group_runs(group)
            assert "confirmed no renewal" in run.errors()
    for log in FAMILY:
        assert run.last_work(log) < free_at


@pytest.mark.parametrize("grace", [2.0, 9.0])
def test_store_that_hangs_with_every_thread(desk: Path, grace: float) -> None:
    """Nobody tells of anything, only time passes: TERM a grace before KILL, KILL before belief ends."""
    ttl = 10.0
    arguments = ("job", "--ttl", str(ttl), "--grace", str(grace), "--", *child("stubborn", desk))
    program = [sys.executable, str(HERE / "dead_store.py"), "never", "lock"]
    with supervised(desk, *arguments, program=program) as run:
        leader = run.leader
        assert run.ended() == 121
        assert "confirmed no renewal" in run.errors()
        assert not group_runs(leader)
    ended_in_time(run, ttl, grace)


def test_supervisor_that_is_stopped(locks: Locks, desk: Path) -> None:
    """SIGSTOP reaches only the supervisor, which cannot renew: the guardian ends the group in time."""
    arguments = ("job", "--store", locks.url, "--ttl", "10", "--", *child("family", desk))
    with supervised(desk, *arguments, program=LOCK) as run:
        group = run.leader
        with locks.silenced():  # Never in the middle of a write, which would keep everybody out.
            stop(run.process.pid)
        with locks.other.lock("job").acquire(timeout=25.0) as taken:
            acquired_at = now()
            assert not group_runs(group)
            os.kill(run.process.pid, signal.SIGCONT)
            assert run.ended() == 121
            assert taken.held
    for log in FAMILY:
        assert run.last_work(log) < acquired_at


def test_killed_supervisor(locks: Locks, desk: Path) -> None:
    """SIGKILL of the supervisor: the guardian ends the group, deaf grandchildren included, and leaves."""
    arguments = ("job", "--store", locks.url, "--ttl", "4", "--", *child("family", desk))
    with supervised(desk, *arguments, program=LOCK) as run:
        group = run.leader
        helpers = children_of(run.process.pid)
        run.process.kill()
        run.ended()
        eventually(lambda: not group_runs(group), "the group is gone", within=3.0)
        eventually(lambda: not any(map(process_runs, helpers)), "the guardian is gone")
        with locks.other.lock("job").acquire(timeout=10.0):
            acquired_at = now()
    for log in FAMILY:
        assert run.last_work(log) < acquired_at
