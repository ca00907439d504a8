"""The controlling terminal: lending it to the command's group and taking it back, as a shell does.

It is lent at the start if stdin and stdout are terminals and ours is the foreground group. In a
pipeline (`run … | less`) a neighbour may need the keyboard, so there it is lent only when the
command reaches for it and is stopped with SIGTTIN or SIGTTOU.
"""

from __future__ import annotations

import os
import signal
import termios
from contextlib import suppress
from typing import Any


class Terminal:
    """The terminal of this session, if it has one. While it is lent, ^C and ^Z go to the borrower."""

    def __init__(self) -> None:
        try:
            self._fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            self._fd = -1
        self._lent = False
        self._modes: list[Any] = []
        # Taking it back happens from the background, which would stop us.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)

    @property
    def exists(self) -> bool:
        """False without a controlling terminal: under cron, systemd, or after a hang-up."""
        return self._fd >= 0

    @property
    def is_ours(self) -> bool:
        """True while our own group is in the foreground."""
        try:
            return self.exists and os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return False

    def lend_at_start(self, pgid: int) -> None:
        """Lend it unless a neighbour in a pipeline may want it."""
        if os.isatty(0) and os.isatty(1):
            self.lend(pgid)

    def lend(self, pgid: int) -> bool:
        """Put `pgid` into the foreground; False if it is not ours to give."""
        if not self.is_ours:
            return False
        with suppress(OSError, termios.error):
            self._modes = termios.tcgetattr(self._fd)
            os.tcsetpgrp(self._fd, pgid)
            self._lent = True
        return self._lent

    def take_back(self, *, repair: bool = False) -> bool:
        """Put our own group into the foreground; `repair` also undoes modes a killed borrower left.

        False if it was not lent.
        """
        if not self._lent:
            return False
        self._lent = False
        with suppress(OSError, termios.error):
            os.tcsetpgrp(self._fd, os.getpgrp())
            if repair:
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._modes)
        return True
