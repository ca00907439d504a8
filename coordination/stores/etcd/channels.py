"""Which channels this process has open; none is opened while it forks.

gRPC starts threads of its own with the first channel and ends them with the last. A child of fork
that inherits what one of them was holding hangs at its first call. So before a fork every channel is
closed, and the fork waits until those threads are gone; where nobody can see them, for a moment.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any

from coordination.clock import SystemClock
from coordination.stores.etcd.dialing import Dialer
from coordination.timing import Deadline

STEP = 0.002
"""Seconds between two looks."""

SETTLING = 0.02
"""Seconds that gRPC's threads get where nobody can see them."""

LONGEST = 0.5
"""Seconds that a fork waits for them at most: another part of the program may be using gRPC too."""

PATIENCE = 3.0
"""Seconds that a new channel waits for a fork to be over."""

_TASKS = Path("/proc/self/task")
_THEIRS = ("event_engine", "lifeguard", "grpc_", "timer_manager", "default-exec", "resolver-exec")
"""How the names of gRPC's threads begin; Linux shows 15 characters of them."""

_CLOCK = SystemClock()


class Channels:
    """Every channel that is open. Safe for threads without a lock, which a child could inherit locked."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[Dialer, Any]] = {}
        self._forking: set[int] = set()
        self._unsettled = False

    def dial(self, dialer: Dialer, endpoint: str) -> Any:
        """A new one."""
        bound = Deadline(_CLOCK, PATIENCE)
        while self._forking and not bound.passed:
            _CLOCK.sleep(STEP)
        channel = dialer.dial(endpoint)
        self._open[id(channel)] = dialer, channel
        return channel

    def hang_up(self, channel: Any) -> None:
        """Close it, if that was not done before a fork."""
        dialer, _ = self._open.pop(id(channel), (None, None))
        if dialer is not None:
            self._unsettled = True
            dialer.hang_up(channel)

    def hold(self) -> None:
        """Open none until this thread calls `resume`."""
        self._forking.add(threading.get_ident())

    def resume(self) -> None:
        """The fork is over."""
        self._forking.discard(threading.get_ident())

    def settle(self) -> None:
        """Close all, and wait until gRPC is at rest; not if it has rested since the last fork."""
        bound = Deadline(_CLOCK, LONGEST if _TASKS.exists() else SETTLING)
        self._close_all()
        while self._unsettled and not bound.passed:
            if _TASKS.exists() and not _busy():
                break
            _CLOCK.sleep(STEP)
            self._close_all()  # One may have been on its way.
        self._unsettled = False

    def _close_all(self) -> None:
        for _, channel in list(self._open.values()):
            self.hang_up(channel)


def _busy() -> bool:
    for task in _TASKS.iterdir():
        with contextlib.suppress(OSError):  # It has just ended.
            if (task / "comm").read_text().startswith(_THEIRS):
                return True
    return False


_current = Channels()


def here() -> Channels:
    """Those of this process."""
    return _current


def renew() -> Channels:
    """In a child of fork: start with none; the parent's, to be kept and never touched."""
    global _current
    old, _current = _current, Channels()
    return old
