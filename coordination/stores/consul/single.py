"""Watching one key by a query of its own, which wakes for that key alone while the key is there.

Of a key that is not there, Consul answers with the index of its whole table, wakes for whatever is
written beside it, and newer ones do not answer at all when the key came and went while it waited.
So then the names are asked for that begin with the key: their index is the one of the tombstone that
a deletion leaves for a quarter of an hour, and moves for nothing else. Where there is no tombstone,
and where other names begin with the key, it moves for others too: that is told as well, for it cannot
be told from what came and went.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.stores.consul.answers import entries, names, nonsense
from coordination.stores.consul.below import NAMED
from coordination.stores.consul.keys import path_of
from coordination.stores.consul.message import Answer
from coordination.stores.consul.query import Asking
from coordination.stores.consul.watched import Watched

DEPARTED = 1.0
"""Seconds before a contender that is gone is asked for again: it never comes back, and soon nobody asks."""


class Single:
    """What the query of one key asks for, and what becomes of the answers."""

    def __init__(
        self, watched: Watched, look: Callable[[], object], mutex: threading.RLock, since: int | None = None
    ) -> None:
        """To be made with `mutex` held.

        `look` finds the key's index, and tells; `since` is Consul's when the key was found absent.
        """
        self._watched = watched
        self._look = look
        self._mutex = mutex
        self._path = path_of(watched.stored)
        self._absent_at = None if watched.index else since
        """Consul's index when the key was last found absent; None while it is there, or not known."""
        self._listing = False
        """Whether names were asked for and no answer was taken in yet."""
        self._crowded = False
        self.index = watched.index or self._absent_at or 0
        """What the query goes on from."""
        self.pause: Callable[[float], object] = lambda _: None
        """The query's."""
        if not self.index and not watched.is_contender:
            watched.untold = True  # Another's look found it absent; what happened since, nobody knows.

    def asking(self) -> Asking:
        """The key, with its value: there is no way to ask for less. While it is absent, the names.

        After a failure the key in any case: the list may be what was refused, or what was too long.
        """
        absent = self._absent_at is not None and not self._watched.is_contender
        self._listing = absent and not self._crowded and not self._listing
        return self._path, "keys" if self._listing else ""

    def take(self, answer: Answer) -> None:
        """Tell if it is other than it was, or came and went."""
        if self._listing:
            self._listed(answer)
        else:
            self._shown(answer)
        self._listing = False

    def _listed(self, answer: Answer) -> None:
        there = names(answer, self._watched.stored)
        self._crowded = len(there) > NAMED
        if self._watched.stored not in there:
            self._gone(answer.index)
            return
        with self._mutex:
            self._watched.untold = True  # Also if it is gone again when it is looked at.
        self._look()
        self._absent_at = None

    def _shown(self, answer: Answer) -> None:
        index = self._index(answer)
        if index:
            self._absent_at = None
            self._found(index, missed=False)
            return
        self._gone(answer.index)
        if self._watched.is_contender:
            self.pause(DEPARTED)

    def _gone(self, at: int) -> None:
        missed = self._absent_at is not None and at > self._absent_at
        self._absent_at = at
        self._found(0, missed=missed and not self._watched.is_contender)

    def _found(self, index: int, *, missed: bool) -> None:
        with self._mutex:
            if self._watched.branch is not None:
                return  # Who looks at it now knows better.
            self._watched.untold |= missed
            told = self._watched.found(index)
        self._watched.tell(told, index)

    def _index(self, answer: Answer) -> int:
        there = entries(answer)
        if not there:
            return 0
        if there[0].key != self._watched.stored:
            raise nonsense("another key than the one that was asked for")
        return there[0].index
