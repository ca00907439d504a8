"""Job control: ^Z stops command and supervisor together, `fg` and `bg` continue both.

A stopped supervisor cannot renew, so the group is stopped first and continued only after the
lease has been looked at; past the end of belief the guardian kills it where it stands.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from coordination.cli.supervise.group import Group
from coordination.cli.supervise.terminal import Terminal


class JobControl:
    """Who is stopped, and who has the terminal."""

    def __init__(self, group: Group, terminal: Terminal) -> None:
        self._group = group
        self._terminal = terminal
        self._had_terminal = False
        self.suspended = False

    def command_stopped(self, signum: int) -> None:
        """The command was stopped by `signum`: by ^Z, or because it reached for the terminal."""
        if not self._terminal.exists:
            return  # nobody could continue us; whoever stopped the command can continue it
        if signum in (signal.SIGTTIN, signal.SIGTTOU) and self._terminal.lend(self._group.pgid):
            self._group.send(signal.SIGCONT)
            return
        # The shell's job is our whole group: it counts as stopped when all of a pipeline is.
        self._suspend(lambda: os.killpg(os.getpgrp(), signal.SIGTSTP))

    def stop_asked(self) -> None:
        """SIGTSTP reached the supervisor itself."""
        self._suspend(lambda: os.kill(os.getpid(), signal.SIGTSTP))

    def resume(self) -> None:
        """Continue the group, with the terminal if it had that and we were put into the foreground."""
        if self._had_terminal:
            self._terminal.lend(self._group.pgid)
        self.suspended = False
        self._group.send(signal.SIGCONT)

    def _suspend(self, stop_ourselves: Callable[[], None]) -> None:
        """Returns when we are continued; at once where no shell could (an orphaned process group)."""
        self._group.send(signal.SIGSTOP)
        self._had_terminal = self._terminal.take_back()
        self.suspended = True
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        stop_ourselves()
        signal.signal(signal.SIGTSTP, handler)
