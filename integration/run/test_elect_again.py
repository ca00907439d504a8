"""Rolling upgrades of an elected command, and campaigning anew with --again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.run.conftest import Leases
from integration.run.processes import (
    FAMILY,
    Supervised,
    child,
    children_of,
    eventually,
    group_runs,
    now,
    process_runs,
    supervised,
)
from integration.run.test_elect import ELECT, elected, leads

TTL = 30.0
"""Seconds; what a test that need not wait for it takes much less than."""

ONCE_MORE = 'echo "$$ $COORDINATION_TOKEN" >>"$0"'
"""For `sh -c`: notes its pid and token in the file that it is given, and ends. No word of its own at ^C."""


@contextmanager
def version_2(leases: Leases, desk: Path, *command: str) -> Iterator[Supervised]:
    """The newer version, on another machine."""
    words = ("job", "--store", leases.url, "--machine-id", "newer", "--ttl", str(TTL), "--version", "2")
    with supervised(desk, *words, "--", *command, program=ELECT) as run:
        yield run


def test_a_newer_version_takes_over(leases: Leases, desk: Path, tmp_path: Path) -> None:
    """The old command gets TERM and time to end; the new one begins when it has, without waiting a ttl."""
    newer = tmp_path / "newer"
    newer.mkdir()
    with elected(leases, desk, "--version", "1", "--ttl", str(TTL), "--", *child("listener", desk)) as old:
        assert old.leader
        begun = now()
        with version_2(leases, newer, *child("obedient", newer)) as new:
            assert old.ended() == 121
            assert (desk / "heard").read_text() == "SIGTERM"
            assert "(stolen)" in old.errors()
            assert new.leader
            assert now() - begun < TTL - 1
            leader = leads(leases)
            assert leader is not None
            assert (leader.machine_id, leader.version, leader.taking_over) == ("newer", 2, False)
            new.process.terminate()
            assert new.ended() == 128 + signal.SIGTERM
    with elected(leases, desk, "--version", "1", "--timeout", "0", "--", "true") as late:
        assert late.ended() == 120  # it does not compete any more, though nobody leads


def test_a_command_that_does_not_end_is_killed_before_the_newer_one_begins(
    leases: Leases, desk: Path, tmp_path: Path
) -> None:
    """All of its group, a grace after TERM."""
    newer = tmp_path / "newer"
    newer.mkdir()
    options = ("--version", "1", "--ttl", str(TTL), "--grace", "0.5")
    with elected(leases, desk, *options, "--", *child("family", desk)) as old:
        group = old.leader
        with version_2(leases, newer, *child("obedient", newer)) as new:
            assert new.leader
            assert new.last_work() >= (first := float((newer / "work").read_text().split("\n")[0]))
            assert not group_runs(group)
            assert old.ended() == 121
    for log in FAMILY:
        assert old.last_work(log) < first


def rounds(desk: Path) -> list[tuple[int, int]]:
    """The pid and the token of each time that the command ran."""
    file = desk / "rounds"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(pid), int(token)) for pid, token in map(str.split, lines)]


def test_again_and_again(leases: Leases, desk: Path) -> None:
    """Another command and token each time, the same supervisor, and nothing piles up; TERM ends it."""
    command = ("sh", "-c", ONCE_MORE, str(desk / "rounds"))
    with elected(leases, desk, "--again", "--", *command) as run:
        eventually(lambda: len(rounds(desk)) >= 3, "it ran three times", within=80.0)
        run.process.send_signal(signal.SIGTERM)
        assert run.ended() in (0, 128 + signal.SIGTERM)  # The third may just have ended by itself.
        assert run.errors() == ""
    pids, tokens = zip(*rounds(desk), strict=True)
    assert len({*pids}) == len(pids)
    assert list(tokens) == sorted({*tokens})
    assert not any(map(process_runs, pids))
    assert leads(leases) is None


def test_again_ends_with_a_command_that_was_told_to(leases: Leases, desk: Path) -> None:
    """A signal that is passed on is for good, whatever the command makes of it."""
    with elected(leases, desk, "--again", "--", *child("listener", desk)) as run:
        assert run.leader
        run.process.terminate()
        assert run.ended() == 9
    assert leads(leases) is None


def test_again_ends_with_a_command_that_died_of_an_interrupt(leases: Leases, desk: Path) -> None:
    """^C goes to the command's group, past the supervisor."""
    with elected(leases, desk, "--again", "--", *child("obedient", desk)) as run:
        os.killpg(run.leader, signal.SIGINT)
        assert run.ended() == 128 + signal.SIGINT


def test_again_does_not_repeat_what_cannot_be_executed(leases: Leases, desk: Path) -> None:
    """It would never work."""
    with elected(leases, desk, "--again", "--", "no-such-command") as run:
        assert run.ended() == 127


def test_again_after_a_loss(leases: Leases, desk: Path) -> None:
    """Its record was deleted by hand: the command is ended, and led anew under a higher token."""
    with elected(leases, desk, "--again", "--ttl", "6", "--", *child("obedient", desk)) as run:
        first, before = run.leader, leads(leases)
        assert before is not None
        (leases.folder / "@leaders" / "job.json").unlink()
        eventually(lambda: run.leader != first, "another command runs", within=30.0)
        after = leads(leases)
        assert after is not None
        assert after.token > before.token
        assert after.pid == before.pid == run.process.pid
        eventually(lambda: len(children_of(run.process.pid)) == 2, "a command and a guardian, as before")
        run.process.terminate()
        assert run.ended() == 128 + signal.SIGTERM


@pytest.mark.parametrize("wait", [0.1, 0.5, 1.1, 1.4])
def test_a_signal_between_two_commands_is_heard(leases: Leases, desk: Path, wait: float) -> None:
    """During the rest, while the program is replaced, and while it begins."""
    command = ("sh", "-c", ONCE_MORE, str(desk / "rounds"))
    with elected(leases, desk, "--again", "--json", "--", *command) as run:
        told = run.process.stderr
        assert told is not None
        eventually(lambda: '"released"' in told.readline(), "it ran")
        time.sleep(wait)
        run.process.send_signal(signal.SIGINT)
        # A second command may have begun, and have been told when it had just ended by itself.
        assert run.ended() in {128 + signal.SIGINT} | ({0} if len(rounds(desk)) > 1 else set())
        assert "Traceback" not in run.errors()
    assert leads(leases) is None
