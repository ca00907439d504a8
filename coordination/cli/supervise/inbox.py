"""Signals to the supervisor, turned into a queue that a loop can wait on.

A handler only appends; the wake-up pipe ends the wait. Whatever our parent told us to ignore
(nohup, background jobs of a script) stays ignored.
"""

from __future__ import annotations

import os
import select
import signal
from collections import deque
from contextlib import suppress
from types import FrameType

ENDING = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
"""Passed on to a running command; before there is one, they end the wait for the lease."""

ASKING = frozenset((signal.SIGINT, signal.SIGTERM, signal.SIGQUIT))
"""Those that ask for an end for good; of the others a command may do what it likes."""


def unblock() -> None:
    """Be reached by them again: whoever started this program may have held them back until it could."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)


class Inbox:
    """One per process, in its main thread; it lasts until the process ends."""

    def __init__(self) -> None:
        self._queue: deque[int] = deque()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken
        self.listen(*ENDING)

    def listen(self, *signums: int) -> None:
        """Queue these, too, unless they are ignored."""
        for signum in signums:
            if signal.getsignal(signum) is not signal.SIG_IGN:
                signal.signal(signum, self._caught)

    def _caught(self, signum: int, _frame: FrameType | None) -> None:
        self._queue.append(signum)

    def put(self, signum: int) -> None:
        """As if it had been sent to us; from any thread."""
        self._queue.append(signum)
        self.wake()

    def take(self) -> int | None:
        """The oldest signal not yet taken."""
        return self._queue.popleft() if self._queue else None

    def wake(self) -> None:
        """End a wait, from any thread."""
        with suppress(OSError):  # full: it will wake anyway
            os.write(self._wake_write, b"\0")

    def wait(self, seconds: float) -> None:
        """Until a signal, a child's change, `wake`, or for `seconds`."""
        select.select([self._wake_read], [], [], max(0.0, seconds))
        with suppress(BlockingIOError):
            while os.read(self._wake_read, 4096):
                pass
