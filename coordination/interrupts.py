"""Ctrl-C where nobody could stand it: it is raised a moment later.

KeyboardInterrupt may strike between any two bytecodes of the main thread, also inside the `__enter__`
of a lock that is written in Python. Such a lock is never given back: `threading.Condition` and `Event`
are of that kind, and grpcio's channel has one, so that a single Ctrl-C could stop every thread that
talks to etcd. Where we are at work it is only noted; while we wait for something it is raised at once.
Only SIGINT with a handler in Python is meant, and only on the main thread, which alone handles signals.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

try:  # The module `signal` makes enums of handlers, which costs more than all the rest here.
    _signals: Any = importlib.import_module("_signal")
except ImportError:
    _signals = signal

_SIGINT = int(signal.SIGINT)


class _Deferral:
    """The handler that was there, and what it has missed."""

    __slots__ = ("missed", "previous")

    def __init__(self, previous: Any) -> None:
        self.previous = previous
        self.missed: tuple[int, FrameType | None] | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        """The handler meanwhile."""
        self.missed = (number, frame)

    def make_up(self) -> None:
        """Call the handler for what it has missed; it may raise KeyboardInterrupt."""
        missed, self.missed = self.missed, None
        if missed is not None:
            self.previous(*missed)


_current: list[_Deferral] = []
"""At most one: of the main thread."""


class deferred:  # noqa: N801 - used like a function
    """A block in which SIGINT is only noted; its handler runs at the end. No effect inside another one."""

    __slots__ = ("_ours",)

    def __enter__(self) -> None:
        """Note from here on."""
        self._ours: _Deferral | None = None
        if _current or threading.get_ident() != threading.main_thread().ident:
            return
        previous = _signals.getsignal(_SIGINT)
        if not callable(previous):
            return
        deferral = _Deferral(previous)
        try:
            _signals.signal(_SIGINT, deferral.note)
        except ValueError:  # In a subinterpreter no thread is the main one.
            return
        self._ours = deferral
        _current.append(deferral)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Make up for what was noted."""
        ours = self._ours
        if ours is not None:
            _current.clear()
            _signals.signal(_SIGINT, ours.previous)
            ours.make_up()


class allowed:  # noqa: N801 - used like a function
    """A block inside a deferred one in which SIGINT is handled at once: we only wait there."""

    __slots__ = ("_outer",)

    def __enter__(self) -> None:
        """Handle what was noted, and what comes."""
        here = threading.current_thread() is threading.main_thread()
        self._outer = _current[0] if _current and here else None
        if self._outer is not None:
            try:
                _current.clear()
                _signals.signal(_SIGINT, self._outer.previous)
                self._outer.make_up()
            except BaseException:
                self._again(self._outer)
                raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Note again."""
        if self._outer is not None:
            self._again(self._outer)

    def _again(self, outer: _Deferral) -> None:
        _signals.signal(_SIGINT, outer.note)
        _current[:] = [outer]


def _forked() -> None:
    """In a child of fork nobody is at work who would put the handler back."""
    while _current:
        with contextlib.suppress(ValueError):
            _signals.signal(_SIGINT, _current.pop().previous)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
