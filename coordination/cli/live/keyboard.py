"""The keys of a terminal, one by one; where there are none (a pipe, Windows) only ^C is heard."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

from coordination.cli.supervise import exits
from coordination.clock import Clock
from coordination.timing import Deadline

END = b"q"


class Keyboard:
    """A context: keys come at once and are not shown; TERM and ^Z leave the terminal as it was.

    `clear` and `draw` are called before a stop (^Z) and after it. It stops only while it waits for keys:
    in the midst of drawing the handler could not draw, and in a look others would wait for what it holds.
    """

    def __init__(self, clock: Clock, clear: Callable[[], object], draw: Callable[[], object]) -> None:
        self._clock = clock
        self._clear = clear
        self._draw = draw
        self._stdin = -1
        self._before: list[Any] = []
        self._waiting = self._stop_asked = False

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, _end)
        if os.name == "posix" and sys.stdin.isatty():
            import termios

            self._stdin = sys.stdin.fileno()
            self._before = termios.tcgetattr(self._stdin)
            self._take_keys()
            signal.signal(signal.SIGTSTP, self._asked_to_stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stdin >= 0:
            self._give_back()

    def asked_to_end(self, within: float) -> bool:
        """Whether somebody typed q within so many seconds; other keys end nothing."""
        self._waiting = True
        try:
            if self._stop_asked:
                self._stop()
            return self._typed_end(within)
        finally:
            self._waiting = False

    def _typed_end(self, within: float) -> bool:
        bound = Deadline(self._clock, within)
        while not bound.passed:
            if self._stdin < 0:
                self._clock.sleep(bound.left(within))
            elif select.select([self._stdin], [], [], bound.left(within))[0]:
                typed = os.read(self._stdin, 64)
                if END in typed.lower() or not typed:
                    return True
        return False

    def _take_keys(self) -> None:
        import termios
        import tty

        tty.setcbreak(self._stdin, termios.TCSADRAIN)  # A q typed while the program was loaded counts.

    def _give_back(self) -> None:
        import termios

        termios.tcsetattr(self._stdin, termios.TCSADRAIN, self._before)

    def _asked_to_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._stop_asked = True
        if self._waiting:
            self._stop()

    def _stop(self) -> None:
        self._waiting = self._stop_asked = False
        self._clear()
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._take_keys()
        self._draw()
        self._waiting = True


def _end(signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(exits.of_signal(signum))
