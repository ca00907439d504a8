"""The process that outlives a SIGKILLed supervisor just long enough to kill the command's group.

It holds the read end of a pipe whose only write end is the supervisor's. End of file without a
goodbye means that the supervisor is gone. It also knows until when the supervisor believes in the
lease, and kills the group then: that covers a supervisor that was stopped or stands still.
It lives in a session of its own, so that neither ^C nor a kill of the supervisor's group reaches it.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

GOODBYE = b"goodbye"
_LONGEST_SELECT = 3600.0
_TRIES = 40
_BETWEEN_TRIES = 0.05
_LOOKS = 200
_BETWEEN_LOOKS = 0.01


class Guardian:
    """Posted before any thread exists; `pgid` must be the group of a child that has not been reaped."""

    def __init__(self, pgid: int, now: Callable[[], float]) -> None:
        self._until = float("inf")
        read_end, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _stand_guard(read_end, pgid, now)
        os.close(read_end)

    def kill_at(self, until: float) -> None:
        """Kill the group at `until`, on the clock it was given, unless told a later time by then."""
        if until != self._until:
            self._until = until
            self._tell(repr(until).encode())

    def dismiss(self) -> None:
        """The group is gone; leave. May be called twice."""
        if self._pipe < 0:
            return
        self._tell(GOODBYE)
        os.close(self._pipe)
        self._pipe = -1
        self._see_off()

    def _see_off(self) -> None:
        """Wait until it has left, so that nothing is left when we end; one that is stopped is killed."""
        if self._left():
            return
        with suppress(ProcessLookupError):  # Nobody has reaped it yet, so the number is still its own.
            os.kill(self.pid, signal.SIGKILL)
        self._left()

    def _left(self) -> bool:
        """Wait for that up to two seconds: a busy machine may not let it run for one."""
        for _ in range(_LOOKS):
            try:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return True
            except ChildProcessError:
                return True
            select.select([], [], [], _BETWEEN_LOOKS)
        return False

    def _tell(self, message: bytes) -> None:
        try:
            os.write(self._pipe, message + b"\n")
        except OSError:
            return  # somebody killed it; whoever reaps it says so


def _stand_guard(read_end: int, pgid: int, now: Callable[[], float]) -> NoReturn:
    try:
        _detach(read_end)
        _watch(pgid, now)
    finally:
        os._exit(0)


def _detach(read_end: int) -> None:
    """Hold nothing of the user's: no terminal, no pipe, no folder; the pipe becomes our stdin."""
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(signum, signal.SIG_IGN)
    for signum in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP):
        signal.signal(signum, signal.SIG_IGN)
    os.dup2(read_end, 0)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.closerange(3, 65_536)
    os.chdir("/")


def _watch(pgid: int, now: Callable[[], float]) -> None:
    until = float("inf")
    unread = b""
    while True:
        wait = min(max(0.0, until - now()), _LONGEST_SELECT)
        if not select.select([0], [], [], wait)[0]:
            if now() >= until:
                _kill(pgid)
                until = float("inf")
            continue
        received = os.read(0, 4096)
        if not received:
            _kill_for_good(pgid)
            return
        *lines, unread = (unread + received).split(b"\n")
        if GOODBYE in lines:
            return
        if lines:
            until = float(lines[-1])


def _kill(pgid: int) -> bool:
    """True while there is somebody to kill."""
    try:
        os.killpg(pgid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kill_for_good(pgid: int) -> None:
    """Again and again for two seconds: not every kernel kills a group and its forks in one step."""
    for _ in range(_TRIES):
        if not _kill(pgid):
            return
        select.select([], [], [], _BETWEEN_TRIES)
