"""The command's process group: signalling it, reaping what is ours, and knowing when nobody is left.

On Linux the supervisor is a subreaper, so a grandchild whose parent has died becomes its child and
can be reaped: a zombie counts as a member of its group for as long as nobody does.
A process that left the group (a daemon in a session of its own) is not followed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36
_DEAD = {"Z", "X", "x"}


class Group:
    """The group led by the child `pgid`."""

    def __init__(self, pgid: int) -> None:
        self.pgid = pgid
        self._gone = False

    def send(self, signum: int) -> bool:
        """Signal every member; False if we may not (they became another user's)."""
        if self._gone:
            return True  # the number may belong to somebody else by now
        try:
            os.killpg(self.pgid, signum)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return True

    def terminate(self) -> bool:
        """Ask every member to end, and let the stopped ones hear it."""
        return self.send(signal.SIGTERM) and self.send(signal.SIGCONT)

    def running(self) -> bool:
        """False once no member can run any more; call `reap` before."""
        if not self._gone:
            self._gone = not self._exists()
        return not self._gone

    def _exists(self) -> bool:
        try:
            os.killpg(self.pgid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return not _only_zombies(self.pgid)


def reap() -> Iterator[tuple[int, int]]:
    """Each child that ended or stopped since the last call, with its wait status; never waits."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent has ended, where the system can do that."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _only_zombies(pgid: int) -> bool:
    """True if the members that /proc shows are all dead, waiting for a parent that is not us."""
    states = set()
    with suppress(FileNotFoundError):  # no /proc here: nothing is known
        for entry in os.listdir("/proc"):
            if entry.isdigit() and (state := _state_in(entry, pgid)):
                states.add(state)
    return bool(states) and states <= _DEAD


def _state_in(pid: str, pgid: int) -> str | None:
    """The state letter of process `pid` if it is a member of the group (proc_pid_stat(5))."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            state, _parent, group = stat.read().rpartition(")")[2].split()[:3]
    except (OSError, ValueError):
        return None
    return state if int(group) == pgid else None
