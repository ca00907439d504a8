"""With a terminal: the command has it, ^C and ^Z work, and the shell gets it back."""

from __future__ import annotations

import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integration.run.conftest import Leases
from integration.run.processes import (
    FAMILY,
    HERE,
    RUN,
    Supervised,
    child,
    children_of,
    end_leftovers,
    environment,
    eventually,
    group_runs,
    now,
    states_of,
)


class Session(Supervised):
    """A shell on a pseudo-terminal whose foreground job is the supervisor."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, keyboard: int) -> None:
        super().__init__(process, folder)
        self._keyboard = keyboard

    def type(self, keys: bytes) -> None:
        """What a user types."""
        os.write(self._keyboard, keys)

    def foreground(self) -> int:
        """Which group has the terminal."""
        return os.tcgetpgrp(self._keyboard)

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._keyboard)[3] & termios.ECHO)

    def stop(self) -> None:
        """^Z, and wait until the shell has seen the job stop."""
        self.type(b"\x1a")
        eventually((self.folder / "stopped").exists, "the shell sees the job stopped")
        assert (self.folder / "stopped").read_text() == "True"  # it had taken the terminal back

    def fg(self) -> None:
        """Continue the job in the foreground."""
        (self.folder / "fg").touch()

    def result(self) -> tuple[int, bool]:
        """The job's exit code, and whether it had taken the terminal back."""
        eventually((self.folder / "result").exists, "the job ends")
        code, back = (self.folder / "result").read_text().split()
        return int(code), back == "True"


@contextmanager
def terminal(folder: Path, *arguments: str, before: tuple[str, ...] = ()) -> Iterator[Session]:
    """`coordination run ARGUMENTS` as the foreground job of a shell on a terminal of its own."""
    keyboard, screen = os.openpty()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "shell.py"), str(folder), *before, *RUN, *arguments],
        stdin=screen,
        stdout=screen,
        stderr=screen,
        text=True,
        env=environment(),
        start_new_session=True,
    )
    os.close(screen)
    with process:
        try:
            yield Session(process, folder, keyboard)
        finally:
            process.kill()
            os.close(keyboard)  # hangs up whoever is left
            end_leftovers(folder)


def test_command_reads_the_terminal(leases: Leases, desk: Path) -> None:
    """What the user types reaches the command, which is not stopped for reading."""
    with terminal(desk, "job", "--store", leases.url, "--", *child("reader", desk)) as session:
        eventually(lambda: session.foreground() == session.leader, "the command has the terminal")
        session.type(b"forty-two\n")
        assert session.result() == (0, True)
    assert (desk / "answer").read_text() == "forty-two"
    assert leases.is_free_at_once()


def test_command_reads_the_terminal_from_within_a_pipeline(leases: Leases, desk: Path) -> None:
    """With a neighbour in the pipeline it gets the terminal when it reaches for it."""
    piped = ("sh", "-c", '"$@" | cat', "sh")
    arguments = ("job", "--store", leases.url, "--", *child("reader", desk))
    with terminal(desk, *arguments, before=piped) as session:
        eventually(lambda: session.foreground() == session.leader, "the command has the terminal")
        session.type(b"forty-two\n")
        assert session.result() == (0, True)
    assert (desk / "answer").read_text() == "forty-two"


def test_neighbour_in_a_pipeline_keeps_the_keyboard(leases: Leases, desk: Path) -> None:
    """`run … | less`: the terminal is not taken away from a neighbour while the command does not need it."""
    piped = ("sh", "-c", f'"$@" | (read line </dev/tty; echo "$line" >{desk}/neighbour)', "sh")
    arguments = ("job", "--store", leases.url, "--", *child("obedient", desk))
    with terminal(desk, *arguments, before=piped) as session:
        assert session.leader
        session.type(b"forty-two\n")
        neighbour = desk / "neighbour"
        eventually(lambda: neighbour.exists() and neighbour.read_text() == "forty-two\n", "it is read")
        session.type(b"\x03")
        session.result()


def test_interrupt_key(leases: Leases, desk: Path) -> None:
    """^C ends the command's whole group; the code is 130 and the lease is free at once."""
    with terminal(desk, "job", "--store", leases.url, "--", *child("obedient", desk)) as session:
        group = session.leader
        session.type(b"\x03")
        assert session.result() == (130, True)
        assert not group_runs(group)
    assert leases.is_free_at_once()


def test_stop_key_and_fg(leases: Leases, desk: Path) -> None:
    """^Z stops supervisor and group together; fg within the period continues both, lease and all."""
    command = ("--period", "20", "--", *child("listener", desk))
    with terminal(desk, "job", "--store", leases.url, *command) as session:
        group = session.leader
        eventually(lambda: session.foreground() == group, "the command has the terminal")
        session.stop()
        assert session.foreground() == session.process.pid
        session.fg()
        eventually(lambda: session.foreground() == group, "the command has the terminal again")
        session.type(b"\x03")
        eventually((desk / "heard").exists, "the command hears ^C")
        assert (desk / "heard").read_text() == "SIGINT"
        os.killpg(group, 15)
        assert session.result() == (9, True)
    assert leases.is_free_at_once()


def test_stop_key_in_a_pipeline(leases: Leases, desk: Path) -> None:
    """Where the terminal was not lent, ^Z reaches the supervisor, and it stops the group with itself."""
    piped = ("sh", "-c", '"$@" | cat', "sh")
    arguments = ("job", "--store", leases.url, "--period", "20", "--", *child("obedient", desk))
    with terminal(desk, *arguments, before=piped) as session:
        group = session.leader
        session.stop()
        (job,) = children_of(session.process.pid)
        eventually(lambda: states_of(group) == states_of(job) == {"T"}, "all of them are stopped")
        stopped_at = session.last_work()
        session.fg()
        eventually(lambda: session.last_work() > stopped_at, "the command works again")
        session.type(b"\x03")
        session.result()
    assert not group_runs(group)
    assert leases.is_free_at_once()


def test_stopped_for_too_long(leases: Leases, desk: Path) -> None:
    """^Z past the period: the group ends before another can hold the lease, and fg tells 121."""
    command = ("--period", "10", "--", *child("family", desk))
    with terminal(desk, "job", "--store", leases.url, *command) as session:
        group = session.leader
        session.stop()
        stopped_at = now()
        with leases.other.wait_lease("job", period=30.0, timeout=25.0) as taken:
            assert not group_runs(group)
            session.fg()
            assert session.result() == (121, True)
            assert taken.held
    for log in FAMILY:
        assert session.last_work(log) <= stopped_at


def test_modes_are_repaired_after_a_kill(leases: Leases, desk: Path) -> None:
    """A command that is killed with echo switched off does not leave the user typing blindly."""
    command = ("sh", "-c", f"stty -echo; exec {' '.join(child('stubborn', desk))}")
    with terminal(desk, "job", "--store", leases.url, "--", *command) as session:
        assert session.leader
        assert not session.echoes()
        leases.steal()
        assert session.result() == (121, True)
        assert session.echoes()
