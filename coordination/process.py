"""What happens to a manager when its process forks or ends.

Objects belong to the process that made them. A child of fork checks the pid before it touches any
mutex, because a mutex may have been held by a thread that does not exist there. At interpreter
exit every manager still open is closed, within a bound, so that what was kept alive is handed over
at once; a lease merely acquired is left to its period.
"""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Protocol


class Closable(Protocol):
    """What can be closed at exit."""

    def close(self) -> None:
        """Let go of everything, within a bound."""
        ...


class Home:
    """Remembers which process something belongs to."""

    __slots__ = ("pid",)

    def __init__(self) -> None:
        self.pid = os.getpid()

    @property
    def here(self) -> bool:
        """False in a child of fork."""
        return os.getpid() == self.pid


_open: weakref.WeakSet[Closable] = weakref.WeakSet()


def close_at_exit(thing: Closable) -> None:
    """Close `thing` when the interpreter exits, unless it is gone by then."""
    _open.add(thing)


@atexit.register
def _close_all() -> None:
    for thing in list(_open):
        try:
            thing.close()
        except Exception:  # noqa: BLE001, S112 - the process is ending; there is nobody to tell
            continue
