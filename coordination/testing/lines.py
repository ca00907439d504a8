"""Watches through a `FaultyStore`: silent while it is cut off, and nothing is lost by that."""

from __future__ import annotations

import threading

from coordination.store import Notify, Subscription


class Line:
    """A subscription; it owes its subscriber what came while the store was cut off."""

    def __init__(self, lines: set[Line], cut: threading.Event, notify: Notify) -> None:
        self._lines = lines
        self._cut = cut
        self._notify = notify
        self._mutex = threading.Lock()
        self._owed: dict[str, int] = {}
        self._subscription: Subscription | None = None
        lines.add(self)

    def attach(self, subscription: Subscription) -> None:
        """What it hears of changes from."""
        self._subscription = subscription

    def tell(self, key: str, index: int = 0) -> None:
        """Pass it on, or owe it."""
        with self._mutex:
            self._owed[key] = index
        if not self._cut.is_set():
            self.catch_up()

    def catch_up(self) -> None:
        """Pass on all that is owed."""
        with self._mutex:
            owed, self._owed = self._owed, {}
        for key, index in owed.items():
            if self in self._lines:
                self._notify(key, index)

    def close(self) -> None:
        """Nothing is passed on any more."""
        self._lines.discard(self)
        if self._subscription is not None:
            self._subscription.close()
