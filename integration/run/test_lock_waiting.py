"""`coordination lock` while it waits: its turn, time-outs, signals; and nobody is left in the queue."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import filelock
import pytest

from integration.run.conftest import Locks, locked
from integration.run.processes import (
    LOCK,
    child,
    children_of,
    eventually,
    now,
    process_runs,
    supervised,
)


def test_first_come_first_served(locks: Locks, desk: Path, tmp_path: Path) -> None:
    """Whoever waits, and for longer than any slice of a wait, goes before one that came later."""
    held = locks.other.lock("job").acquire()
    with locked(locks, desk, "--", *child("seven", desk)) as run:
        eventually(lambda: locks.holders() == ["other", "ours"], "it waits")
        later = tmp_path / "later"
        later.mkdir()
        arguments = ("job", "--store", locks.url, "--machine-id", "later", "--", *child("obedient", later))
        with supervised(later, *arguments, program=LOCK) as second:
            eventually(lambda: len(locks.holders()) == 3, "the later one waits")
            time.sleep(1.5)
            assert locks.holders() == ["other", "ours", "later"]
            held.release()
            assert run.ended() == 7
            assert second.leader
            assert locks.holders() == ["later"]
            second.process.terminate()
            assert second.ended() == 128 + signal.SIGTERM


@pytest.mark.parametrize("timeout", ["0", "0.7"])
@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_not_acquired_in_time(locks: Locks, desk: Path, timeout: str, quiet: tuple[str, ...]) -> None:
    """120 after the timeout and not before; the command never ran, and nobody is left in the queue."""
    held = locks.other.lock("job").acquire()
    begun = now()
    with locked(locks, desk, "--timeout", timeout, *quiet, "--", *child("seven", desk)) as run:
        assert run.ended() == 120
        said = run.errors()
    assert now() - begun >= float(timeout)
    assert said == "" if quiet else "`coordination holders`" in said
    assert not (desk / "leader").exists()
    assert locks.holders() == ["other"]
    assert held.held


def test_store_that_cannot_be_reached(desk: Path) -> None:
    """122, with one line that says why; the command never ran."""
    (desk / "file").write_text("in the way of a folder")
    url = (desk / "file" / "leases").as_uri()
    with supervised(desk, "job", "--store", url, "--timeout", "1", "--", "true", program=LOCK) as run:
        assert run.ended() == 122
        message = run.errors()
    assert message.startswith("coordination: ")
    assert message.count("\n") == 1


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_while_waiting(locks: Locks, desk: Path, signum: signal.Signals) -> None:
    """It ends the wait; no command, no process and no place in the queue is left."""
    held = locks.other.lock("job").acquire()
    with locked(locks, desk, "--", *child("seven", desk)) as run:
        eventually(lambda: locks.holders() == ["other", "ours"], "it waits")
        helpers = children_of(run.process.pid)
        begun = now()
        run.process.send_signal(signum)
        assert run.ended() == 128 + signum
        assert now() - begun < 5
        assert run.errors() == ""
    assert locks.holders() == ["other"]
    assert len(helpers) == 2
    assert not any(map(process_runs, helpers))
    assert not (desk / "leader").exists()
    held.release()
    assert locks.is_free_at_once()


def test_signal_while_the_store_does_not_answer(locks: Locks, desk: Path) -> None:
    """It is heard although a request is under way, and it is what the code tells."""
    assert locks.is_free_at_once()
    sidecar = locks.folder / ".coordination" / "@locks" / "job.lock"
    silence = filelock.FileLock(sidecar, timeout=5, mode=0o600)
    with silence, locked(locks, desk, "--json", "--", *child("seven", desk)) as run:
        assert run.process.stderr is not None
        run.process.stderr.readline()  # it waits
        begun = now()
        run.process.terminate()
        assert run.ended() == 128 + signal.SIGTERM
        assert now() - begun < 4
    assert not (desk / "leader").exists()
    assert locks.is_free_at_once()


def test_killed_while_waiting(locks: Locks, desk: Path) -> None:
    """SIGKILL: its place ends with its session, so whoever comes after it is not stranded."""
    held = locks.other.lock("job").acquire()
    with locked(locks, desk, "--ttl", "2", "--", *child("seven", desk)) as run:
        eventually(lambda: locks.holders() == ["other", "ours"], "it waits")
        helpers = children_of(run.process.pid)
        run.process.kill()
        run.ended()
        eventually(lambda: not any(map(process_runs, helpers)), "both helpers are gone")
    assert not (desk / "leader").exists()
    held.release()
    assert locks.other.lock("job").acquire(timeout=10.0).release()
