"""How the waiters of one name learn that somebody ahead of them is gone.

Where a store tells of departures from a folder, one subscription serves everybody who waits for the
name, and stays a little longer than the last of them, so that a busy name does not begin one for each
acquisition. Elsewhere the first waiter watches the one record it waits for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from coordination.contention import Departures
from coordination.store import Store, Subscription

Gone = Callable[[str], None]


class Lookout(Protocol):
    """Of one line."""

    whole: bool
    """Whether one subscription tells of everybody; then everybody who came before it has to look once."""

    def covers(self, key: str) -> bool:
        """Whether the departure of `key` would be told."""
        ...

    def begin(self, key: str, timeout: float) -> None:
        """Have it told from now on. One request, perhaps two."""
        ...

    def close(self) -> None:
        """Nothing is told any more."""
        ...


class Folder:
    """One subscription for all who leave."""

    whole = True

    def __init__(self, store: Departures, folder: str, gone: Gone) -> None:
        self._store = store
        self._folder = folder
        self._gone = gone
        self._closed = False
        self._subscription: Subscription | None = None

    def covers(self, key: str) -> bool:
        """Of everybody, or nobody yet."""
        return self._subscription is not None

    def begin(self, key: str, timeout: float) -> None:
        """Subscribe; a second one who came at the same time is one too many."""
        subscription = self._store.departures(self._folder, self._gone, timeout=timeout)
        if self._subscription is not None or self._closed:
            subscription.close()
        else:
            self._subscription = subscription

    def close(self) -> None:
        """End it."""
        self._closed = True
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()


class Nearest:
    """A watch of one key at a time."""

    whole = False

    def __init__(self, store: Store, gone: Gone) -> None:
        self._store = store
        self._gone = gone
        self._key = self._wanted = ""
        self._subscription: Subscription | None = None

    def covers(self, key: str) -> bool:
        """Of the one that is watched."""
        return self._key == key

    def begin(self, key: str, timeout: float) -> None:
        """Watch this one instead; if it is gone already, the store tells that."""
        self.close()
        self._wanted = key
        # Nobody writes a contender's record twice, so whatever is told of it that is no index is its end.
        subscription = self._store.watch(key, 1, self._told, timeout=timeout)
        if self._wanted != key or self._subscription is not None:
            # Somebody wanted another one meanwhile, or none, or has begun this one as well.
            subscription.close()
            return
        self._key, self._subscription = key, subscription

    def close(self) -> None:
        """End it."""
        self._key = self._wanted = ""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()

    def _told(self, key: str, index: int) -> None:
        if index == 0:
            self._gone(key)


class Lookouts:
    """Makes the better one of the two that a store allows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._departures = store if isinstance(store, Departures) else None

    def __call__(self, folder: str, gone: Gone) -> Lookout:
        """For one line, which begins it when somebody waits."""
        if self._departures is not None:
            return Folder(self._departures, folder, gone)
        return Nearest(self._store, gone)
