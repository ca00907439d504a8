"""The exit codes that a shell gives about a command; the others are in `coordination.cli.errors`."""

from __future__ import annotations

import os

NOT_EXECUTABLE = 126
NOT_FOUND = 127


def of_signal(signum: int) -> int:
    """As the shell reports a process that a signal ended."""
    return 128 + signum


def of_status(status: int) -> int:
    """The code for a wait status."""
    if os.WIFSIGNALED(status):
        return of_signal(os.WTERMSIG(status))
    return os.WEXITSTATUS(status)
