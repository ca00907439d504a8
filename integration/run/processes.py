"""Starting the supervisor for a test, and looking at processes without asking the code under test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coordination.cli.supervise.schedule import LEAD
from coordination.timing import margin

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOON = 30.0
"""Seconds within which something must happen on a machine with other things to do."""
FAMILY = ("work.child", "work.grandchild", "work.orphan")
"""The logs of the commands that have a family."""
RUN = [sys.executable, "-m", "coordination.cli", "run"]
LOCK = [*RUN[:-1], "lock"]


def now() -> float:
    """The clock that children and leases use."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def eventually(condition: Callable[[], object], what: str, within: float = SOON) -> None:
    """Fail unless `condition` comes true within `within` seconds."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, f"not within {within} s: {what}"
        time.sleep(0.01)


def group_runs(pgid: int) -> bool:
    """Whether any member of the group can still run; zombies cannot."""
    try:
        os.killpg(pgid, 0)
    except ProcessLookupError:
        return False
    states = states_of(pgid)
    return not states or not states <= set("ZX")


def states_of(pgid: int) -> set[str]:
    """The states of the group's members: T for stopped, Z for zombie."""
    return {state for _, state, _, group in _all_processes() if group == pgid}


def process_runs(pid: int) -> bool:
    """Whether this process can still run."""
    return any(found == pid and state not in "ZX" for found, state, _, _ in _all_processes())


def children_of(pid: int) -> list[int]:
    """The pids of the direct children."""
    return [found for found, _, parent, _ in _all_processes() if parent == pid]


def _all_processes() -> Iterator[tuple[int, str, int, int]]:
    """Pid, state, parent and group of every process (proc_pid_stat(5))."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            state, parent, group = stat.read_text(errors="replace").rpartition(")")[2].split()[:3]
            yield int(stat.parent.name), state, int(parent), int(group)


def stop(pid: int) -> None:
    """SIGSTOP; returns when none of its threads runs any more."""
    os.kill(pid, signal.SIGSTOP)
    stats = Path(f"/proc/{pid}/task")
    eventually(lambda: all(_state(stat) == "T" for stat in stats.glob("*/stat")), "it is stopped")


def _state(stat: Path) -> str:
    try:
        return stat.read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return "T"  # a thread that ended meanwhile does not run either


def child(mode: str, folder: Path) -> list[str]:
    """The command line of one of the commands in child.py."""
    return [sys.executable, "-S", str(HERE / "child.py"), mode, str(folder)]


def environment(**more: str) -> dict[str, str]:
    """Ours, with the checkout importable."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("COORDINATION_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


class Supervised:
    """A supervisor under test and what its command wrote into `folder`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder

    @property
    def leader(self) -> int:
        """The pid of the command, which is also its group; waits until it is ready."""
        eventually((self.folder / "leader").exists, "the command is ready")
        return int((self.folder / "leader").read_text())

    def ended(self, within: float = SOON) -> int:
        """The exit code."""
        return self.process.wait(within)

    def errors(self) -> str:
        """All of stderr, after the end."""
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def last_work(self, log: str = "work") -> float:
        """The moment of the last sign of life in a log; waits for the first one."""
        path = self.folder / log
        eventually(lambda: path.exists() and "\n" in path.read_text(), "the command works")
        lines = path.read_text().split("\n")
        return float(lines[-2])


@contextmanager
def supervised(
    folder: Path, *arguments: str, program: list[str] | None = None, **variables: str
) -> Iterator[Supervised]:
    """`coordination run ARGUMENTS` or `program`, without a terminal; nothing of it is left afterwards."""
    process = subprocess.Popen(
        [*(program or RUN), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
        start_new_session=True,
    )
    with process:
        try:
            yield Supervised(process, folder)
        finally:
            process.kill()
            end_leftovers(folder)


def granted(run: Supervised) -> float:
    """When dead_store.py granted what it never confirms again."""
    return float((run.folder / "granted").read_text())


def ended_in_time(run: Supervised, ttl: float, grace: float) -> None:
    """A command deaf to TERM, on dead_store.py: asked no sooner than it must be, gone before the ttl is over.

    It has nearly all of its grace: what KILL may come late, or TERM, is for a busy machine.
    """
    believed = ttl - margin(ttl)
    given = min(grace, believed / 4)
    asked = float((run.folder / "asked").read_text()) - granted(run)
    last = run.last_work() - granted(run)
    assert believed - given - 2 * LEAD < asked < believed
    assert believed - given / 2 < last < ttl


def end_leftovers(folder: Path) -> None:
    """Kill a group that a broken supervisor left, so that one failure does not spoil other tests."""
    leader = folder / "leader"
    if leader.exists():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(leader.read_text()), signal.SIGKILL)
