"""`coordination lock`: the command under the lock, its end, and what asking for the lock does to it."""

from __future__ import annotations

import json
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from integration.run.conftest import Locks, locked
from integration.run.processes import (
    FAMILY,
    child,
    eventually,
    group_runs,
    now,
)


@pytest.mark.parametrize(("mode", "code"), [("seven", 7), ("killed", 128 + 10)])
def test_exit_code_is_the_commands(locks: Locks, desk: Path, mode: str, code: int) -> None:
    """Its own code, or 128 + n when signal n ended it; and the lock is free at once."""
    with locked(locks, desk, "--", *child(mode, desk)) as run:
        assert run.ended() == code
        assert run.errors() == ""
        assert not group_runs(run.leader)
    assert locks.is_free_at_once()


def test_the_command_knows_its_name_and_token(locks: Locks, desk: Path) -> None:
    """Both are in its environment, the token is the holder's, and others see who holds it and why."""
    script = 'echo "$COORDINATION_NAME $COORDINATION_TOKEN"; exec "$@"'
    command = ("--meta", "why=test", "--", "sh", "-c", script, "sh", *child("obedient", desk))
    with locked(locks, desk, *command) as run:
        assert run.leader
        (holder,) = locks.other.holders("job")
        assert (holder.machine_id, holder.pid) == ("ours", run.process.pid)
        assert holder.metadata == {"why": "test"}
        run.process.terminate()
        assert run.ended() == 128 + signal.SIGTERM
        assert run.process.stdout is not None
        assert run.process.stdout.read() == f"job {holder.token}\n"
    assert locks.is_free_at_once()


def test_what_it_leaves_in_its_group_is_ended_before_the_release(locks: Locks, desk: Path) -> None:
    """Children, grandchildren and orphans that ignore TERM die before the next one has the lock."""
    with locked(locks, desk, "--", *child("bereaved", desk)) as run:
        group = run.leader
        with locks.other.lock("job").acquire(timeout=10.0):
            acquired_at = now()
            assert run.ended() == 5
    assert not group_runs(group)
    for log in FAMILY:
        assert run.last_work(log) <= acquired_at


def test_asked_politely(locks: Locks, desk: Path) -> None:
    """With --release-on-request the command gets TERM, ends as it likes, and the lock is free."""
    with locked(locks, desk, "--release-on-request", "--", *child("listener", desk)) as run:
        assert run.leader
        eventually(lambda: locks.other.request_release("job"), "it can be asked")
        assert run.ended() == 9
    assert (desk / "heard").read_text() == "SIGTERM"
    assert locks.is_free_at_once()


def test_asked_in_vain(locks: Locks, desk: Path) -> None:
    """Without the option asking is an event and nothing else."""
    with locked(locks, desk, "--json", "--", *child("listener", desk)) as run:
        assert run.leader
        eventually(lambda: locks.other.request_release("job"), "it can be asked")
        assert run.process.stderr is not None
        events = [json.loads(run.process.stderr.readline())["event"] for _ in range(3)]
        assert events == ["waiting", "started", "release-requested"]
        for signum, heard in ((signal.SIGUSR1, "SIGUSR1"), (signal.SIGUSR2, "SIGUSR1 SIGUSR2")):
            run.process.send_signal(signum)  # passed on after whatever came before
            eventually(partial(_reads, desk / "heard", heard), "that is all it hears")
        os.kill(run.leader, signal.SIGTERM)
        assert run.ended() == 9


def test_kept_for_longer_than_its_ttl(locks: Locks, desk: Path) -> None:
    """Beat by beat, the guardian's deadline included: the token stays and nobody is asked to end."""
    with locked(locks, desk, "--ttl", "6", "--grace", "0.5", "--", *child("stubborn", desk)) as run:
        group = run.leader
        token = locks.token()
        time.sleep(8.0)
        assert locks.token() == token
        assert group_runs(group)
        assert not (desk / "asked").exists()
        os.killpg(group, signal.SIGKILL)
        assert run.ended() == 128 + signal.SIGKILL
        assert run.errors() == ""


def _reads(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text
