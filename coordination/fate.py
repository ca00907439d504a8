"""How a lease ends: lost once with a reason, or released; and who is to be told.

The mutex guards only these few fields and is never held over I/O or a callback.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

OnLost = Callable[[Any, str], object]
"""Called with the lease and the reason of its loss."""


class Fate:
    """The end of one acquisition; it happens once."""

    __slots__ = ("_callbacks", "_mutex", "ending", "lost", "released")

    def __init__(self) -> None:
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._callbacks: list[OnLost] = []
        self.lost: str | None = None
        self.ending = False
        self.released = False

    @property
    def open(self) -> bool:
        """Neither lost, nor released, nor being released."""
        return self.lost is None and not self.ending

    def lose(self, reason: str) -> list[OnLost] | None:
        """Record the loss; whom to tell, or None if it had ended before."""
        with self._mutex:
            if self.lost is not None or self.released:
                return None
            self.lost = reason
            callbacks, self._callbacks = self._callbacks, []
            return callbacks

    def end(self) -> bool:
        """A release begins: not held from here on, though it may turn out to be lost. True for the first."""
        with self._mutex:
            first, self.ending = not self.ending, True
            return first

    def release(self) -> None:
        """The release is done, as far as this process is concerned."""
        with self._mutex:
            self.released = True
            self._callbacks = []

    def listen(self, callback: OnLost) -> str | None:
        """Tell `callback` of a loss; the reason if it has happened already (then it is not kept)."""
        with self._mutex:
            if self.lost is None and not self.released:
                self._callbacks.append(callback)
            return self.lost
