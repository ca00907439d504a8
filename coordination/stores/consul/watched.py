"""What is watched, a key or all keys below a folder, and the subscriptions to it.

Whatever looks at it says what it found, and only a difference to what was found before is told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from coordination.hooks import LOGGER
from coordination.process import Home
from coordination.store import Notify
from coordination.stores.consul.keys import is_contender


class Watching:
    """A subscription: `close` it."""

    def __init__(self, after: int, notify: Notify, forget: Callable[[Watching], None]) -> None:
        self.after = after
        self._notify = notify
        self._forget = forget
        self._settled = False
        self._open = True
        self._home = Home()
        # Held while telling, so that nothing is told after close(); a callback may close.
        self._telling = threading.RLock()

    def concerned(self, index: int, changed: bool) -> bool:
        """Whether it has to be told: the first time of what happened past `after`, later of each change."""
        if self._settled:
            return changed
        self._settled = True
        return index > self.after or (index == 0 and self.after > 0)

    def tell(self, name: str, index: int) -> None:
        """Tell, unless it is closed. What a callback raises is its own affair and must not end a thread."""
        with self._telling:
            if not self._open:
                return
            try:
                self._notify(name, index)
            except Exception:
                logging.getLogger(LOGGER).exception("a watch's callback raised; the watch goes on")

    def close(self) -> None:
        """Nothing is told after this; may be called twice, and by a callback."""
        if not self._home.here:
            return  # In a child of fork nobody tells anything, and a lock may be held for ever.
        with self._telling:
            self._open = False
        self._forget(self)


class Watched:
    """A key, or a folder if `name` ends in a slash. Guarded by the mutex of the watches, but for `name`."""

    def __init__(self, name: str, stored: str) -> None:
        self.name = name
        self.stored = stored
        self.is_folder = name.endswith("/")
        self.is_contender = is_contender(name)
        self.index: int | None = None
        """Of the record, as last found; 0 for none, None before the first look."""
        self.looks = 0
        """How often something was found. A look that others overtook may be the older one: it is dropped."""
        self.untold = False
        """Whether it changed since it was last told of, though its index may be what it was told of then."""
        self.verified = -1
        """In which round of its fold it was last looked at."""
        self.branch: str | None = None
        """What its fold is found by, if it is folded."""
        self.watchings: list[Watching] = []

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for anything at all to happen, and does not just guard what he has."""
        return self.is_contender or any(watching.after == 0 for watching in self.watchings)

    @property
    def polled(self) -> bool:
        """Whether a poll of its own that goes on from `index` is all it needs: who waits has just seen it."""
        return self.is_contender and self.branch is None

    def wrote(self, index: int) -> None:
        """Our own store wrote it; that is told with whatever else is told next."""
        if self.index is not None and index > self.index:
            self.index, self.untold = index, True
            self.looks += 1

    def found(self, index: int) -> list[Watching]:
        """Somebody looked; who has to be told."""
        changed = self.untold or (self.index is not None and index != self.index)
        self.index, self.untold = index, False
        self.looks += 1
        return [watching for watching in list(self.watchings) if watching.concerned(index, changed)]

    def tell(self, watchings: Iterable[Watching], index: int) -> None:
        """Tell them of the key, or of the whole folder. Not with the mutex held."""
        for watching in watchings:
            watching.tell(self.name, index)
