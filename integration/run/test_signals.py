"""Signals to the supervisor, up to the one that nobody can catch."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from integration.run.conftest import Leases
from integration.run.processes import (
    FAMILY,
    RUN,
    SOON,
    child,
    children_of,
    environment,
    eventually,
    group_runs,
    now,
    process_runs,
    stop,
    supervised,
)

PASSED_ON = ("SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGTERM")


def test_signals_are_passed_on_and_the_lease_is_kept_until_the_end(leases: Leases, desk: Path) -> None:
    """Each reaches the command, which decides what to do; its code is ours."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("listener", desk)) as run:
        assert run.leader
        for index, name in enumerate(PASSED_ON[:-1]):
            run.process.send_signal(getattr(signal, name))
            expected = " ".join(PASSED_ON[: index + 1])
            eventually(partial(_reads, desk / "heard", expected), f"{name} is heard")
        assert leases.holder().token
        run.process.terminate()
        assert run.ended() == 9
    assert leases.is_free_at_once()


def test_interrupt_without_a_terminal_ends_the_whole_group(leases: Leases, desk: Path) -> None:
    """kill -INT of the supervisor alone is passed on to the group; the code is 130."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("obedient", desk)) as run:
        group = run.leader
        run.process.send_signal(signal.SIGINT)
        assert run.ended() == 128 + signal.SIGINT
    assert not group_runs(group)
    assert leases.is_free_at_once()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signal_while_waiting(leases: Leases, desk: Path, signum: signal.Signals) -> None:
    """It ends the wait within a second or so; no command, no process, no lease is left."""
    held = leases.other.acquire_lease("job", period=60.0)
    assert held is not None
    with supervised(desk, "job", "--json", "--store", leases.url, "--", *child("seven", desk)) as run:
        assert run.process.stderr is not None
        run.process.stderr.readline()  # it waits
        helpers = children_of(run.process.pid)
        begun = now()
        run.process.send_signal(signum)
        assert run.ended() == 128 + signum
    assert now() - begun < 5
    assert len(helpers) == 2
    assert not any(map(process_runs, helpers))
    assert not (desk / "leader").exists()
    assert held.release()
    assert leases.other.list_leases() == []


def test_signal_while_the_store_does_not_answer(leases: Leases, desk: Path) -> None:
    """It is heard within a second or so, and it is what the code tells, not the store."""
    with leases.silenced():
        with supervised(desk, "job", "--json", "--store", leases.url, "--", *child("seven", desk)) as run:
            assert run.process.stderr is not None
            run.process.stderr.readline()  # it waits
            begun = now()
            run.process.terminate()
            assert run.ended() == 128 + signal.SIGTERM
        assert now() - begun < 3
    assert not (desk / "leader").exists()
    assert leases.is_free_at_once()


def test_ignored_signal_stays_ignored(leases: Leases, desk: Path) -> None:
    """As under nohup: what our parent ignores is not passed on either."""
    nohup = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *RUN]
    arguments = ("job", "--store", leases.url, "--", *child("listener", desk))
    with supervised(desk, *arguments, program=nohup) as run:
        assert run.leader
        run.process.send_signal(signal.SIGHUP)
        run.process.terminate()
        assert run.ended() == 9
    assert (desk / "heard").read_text() == "SIGTERM"


def test_killed_supervisor(leases: Leases, desk: Path) -> None:
    """SIGKILL of the supervisor: the guardian ends the group, deaf grandchildren included, and leaves."""
    arguments = ("job", "--store", leases.url, "--period", "6", "--", *child("family", desk))
    with supervised(desk, *arguments) as run:
        group = run.leader
        helpers = children_of(run.process.pid)
        run.process.kill()
        run.ended()
        eventually(lambda: not group_runs(group), "the group is gone", within=3.0)
        eventually(lambda: not any(map(process_runs, helpers)), "the guardian is gone")
        with leases.other.wait_lease("job", timeout=20.0):
            acquired_at = now()
    for log in FAMILY:
        assert run.last_work(log) < acquired_at


def test_killed_while_waiting(leases: Leases, desk: Path) -> None:
    """SIGKILL before the command started: neither the paused command nor the guardian stays."""
    assert leases.other.acquire_lease("job", period=60.0) is not None
    with supervised(desk, "job", "--json", "--store", leases.url, "--", *child("seven", desk)) as run:
        assert run.process.stderr is not None
        run.process.stderr.readline()
        helpers = children_of(run.process.pid)
        run.process.kill()
        eventually(lambda: not any(map(process_runs, helpers)), "both helpers are gone")
    assert len(helpers) == 2
    assert not (desk / "leader").exists()


def test_guardian_survives_what_is_meant_for_the_group(leases: Leases, desk: Path) -> None:
    """A TERM or ^C to everybody around must not leave a later SIGKILL unwatched."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("stubborn", desk)) as run:
        group = run.leader
        (guardian,) = set(children_of(run.process.pid)) - {group}
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            os.kill(guardian, signum)
        assert os.getpgid(guardian) == guardian
        run.process.kill()
        eventually(lambda: not group_runs(group), "the group is gone", within=3.0)


def test_stopped_guardian_is_not_told_as_killed(leases: Leases, desk: Path) -> None:
    """It was; and however long it stands still, it is gone when the supervisor is."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("listener", desk)) as run:
        group = run.leader
        (guardian,) = set(children_of(run.process.pid)) - {group}
        stop(guardian)
        run.process.terminate()
        assert run.ended() == 9
        assert not process_runs(guardian)
        assert run.errors() == ""


def test_killed_guardian_is_told(leases: Leases, desk: Path) -> None:
    """The command goes on, and the user knows what must not happen now."""
    with supervised(desk, "job", "--store", leases.url, "--", *child("obedient", desk)) as run:
        group = run.leader
        (guardian,) = set(children_of(run.process.pid)) - {group}
        os.kill(guardian, signal.SIGKILL)
        assert run.process.stderr is not None
        assert "guardian" in run.process.stderr.readline()
        run.process.terminate()
        assert run.ended() == 128 + signal.SIGTERM
    assert leases.is_free_at_once()


def test_closed_standard_files_are_opened(leases: Leases) -> None:
    """Started with 0, 1 and 2 closed, none of our pipes takes those numbers, and the command can print."""
    command = ("sh", "-c", "echo out && echo err >&2 && cat && exit 7")
    script = 'exec "$@" <&- >&- 2>&-'
    shell = ["sh", "-c", script, "sh", *RUN, "job", "--store", leases.url, "--", *command]
    assert subprocess.run(shell, env=environment(), check=False, timeout=SOON).returncode == 7
    assert leases.is_free_at_once()


def _reads(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text
