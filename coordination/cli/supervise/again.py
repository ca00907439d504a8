"""Beginning anew when a command ended: the same program on the same words, in this process.

The command and its guardian are forked before there are threads, so a second one needs a process that
has none. `exec` makes one of ours: it keeps its pid, its terminal and its place in the shell's job.
"""

from __future__ import annotations

import os
import signal
import sys

from coordination.cli.supervise import exits
from coordination.cli.supervise.inbox import ASKING
from coordination.cli.supervise.session import Session

REST = 1.0
"""Seconds before it begins anew: others may want it, and a command that fails at once must not spin."""

MARK = "COORDINATION_AGAIN"
"""The variable that tells the next program that it is not the first; the command never sees it."""


def is_not_the_first() -> bool:
    """Whether there was a program before us; asked once, as the command must not see how we know."""
    return os.environ.pop(MARK, None) is not None


def begin_again(session: Session) -> int:
    """Become the program that we were at the beginning; the exit code, if a signal ends it."""
    signum = session.rest(REST)
    if signum is None:
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKING)  # Until the next one can hear them.
        signum = session.rest(0.0)
    if signum is not None:
        return exits.of_signal(signum)
    words = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, words, {**os.environ, MARK: "1"})  # noqa: S606 - no shell is wanted
