"""The lock for threads."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from coordination.errors import NothingScheduled
from coordination.hold import Hold
from coordination.interrupts import deferred
from coordination.named_lock import NamedLock, left
from coordination.runtime import run
from coordination.sharing.place import Place
from coordination.timing import Seconds, waiting

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Lock(NamedLock):
    """Mutual exclusion by name, first come, first served. Reusable; any number of threads may share one.

    Each acquisition is a contender of its own, also of the same thread: it is not reentrant.
    """

    __slots__ = ("_entered", "_last")

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._last: Hold | None = None
        self._entered: dict[int, list[Hold]] | None = None

    def acquire(self, timeout: Seconds | None = None) -> Hold:
        """Wait for it, `timeout` seconds at most (None: for ever; 0: one try).

        Raises `AcquireTimeout` if others have it all the while, and the store's own error if the store
        could not be reached at the end. Nothing is left behind then.
        """
        acquisition = self._acquisition(waiting(timeout))
        try:
            with deferred():
                return self._hold(run(self._acquired(acquisition)))
        except BaseException:  # Also an interrupt that was put off until it was ours.
            acquisition.abandon()
            raise

    def try_acquire(self) -> Hold | None:
        """One try that waits for nobody: None if it is held or somebody waits for it."""
        acquisition = self._acquisition(self._sharing.keeping.timeout)
        try:
            with deferred():
                place = run(self._tried(acquisition))
                return None if place is None else self._hold(place)
        except BaseException:
            acquisition.abandon()
            raise

    def release(self, timeout: Seconds | None = None) -> bool:
        """`Hold.release` of what was last acquired through this object; `NothingScheduled` if nothing was.

        Any thread may; whoever keeps the hold itself should release that.
        """
        within = waiting(timeout)
        with deferred():
            hold, self._last = self._last, None
            if hold is None:
                raise NothingScheduled(f"lock {self._name!r}: nothing was acquired through this object")
            return hold.release(within)

    def __enter__(self) -> Hold:
        """Wait for it, and hold it for the block."""
        hold: Hold | None = None
        try:
            with deferred():
                hold = self.acquire()
                if self._entered is None:
                    self._entered = {}
                self._entered.setdefault(threading.get_ident(), []).append(hold)
                return hold
        except BaseException:
            if hold is not None:
                self._left()._abandon()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give back what this thread entered with; `LeaseLost` if it was lost and the block did not raise."""
        begun = False
        try:
            with deferred():
                begun = True
                self._left().__exit__(kind, error, trace)
        except BaseException:
            if not begun:  # Interrupted at the very door.
                self._left()._abandon()
            raise

    def _left(self) -> Hold:
        """What this thread entered with last, which it leaves."""
        return left(self._entered or {}, threading.get_ident(), self._name)

    def __call__(self, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        """Decorate a function: it runs while this lock is held."""

        @functools.wraps(function)
        def locked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            with self:
                return function(*args, **kwargs)

        return locked

    def _hold(self, place: Place) -> Hold:
        hold = Hold(self._runtime, place, self._name, self._metadata, self._tracer)
        self._last = hold
        return hold
