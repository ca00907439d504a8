"""Watching all keys below a folder: which of them changed, as long as they are few.

A small folder is asked for the names in it, and then a look tells whose index has moved. Of a large
one the answer is a single entry, whose index moves with every change below, and nobody is told which.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from coordination.clock import Clock
from coordination.stores.consul.answers import nonsense, parsed
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.keys import Keys, path_of
from coordination.stores.consul.looks import PATIENCE, Beliefs
from coordination.stores.consul.message import LARGE, Answer, Request
from coordination.stores.consul.query import Asking
from coordination.stores.consul.transactions import MOST_OPERATIONS
from coordination.stores.consul.watched import Watched, Watching
from coordination.timing import Deadline

NAMED = MOST_OPERATIONS
"""Keys that one look takes; a folder with more is a large one for as long as it is watched."""

Indexes = Callable[[Beliefs, float], dict[str, int]]
"""Looks at keys, within so many seconds."""

Known = dict[str, int]
"""By stored key: the index of the record."""

News = Iterable[tuple[str, int]]
"""Stored keys and their indexes, 0 for what is gone; an empty key where nobody can say which one."""


def named(stored: str) -> Asking:
    """The query that names every key below."""
    return path_of(stored), "keys"


def folded(stored: str) -> Asking:
    """The query whose answer is one entry. With the folder's last slash it would list what is below.

    It also wakes for a folder beside this one whose name begins like it.
    """
    return path_of(stored.rstrip("/")), "keys&separator=%2F"


@dataclass(frozen=True, slots=True)
class Listing:
    """What was below a folder at `index`, which is Consul's for it; `known` is None for too many keys."""

    index: int
    known: Known | None

    def news(self, after: int) -> News:
        """What may have happened past `after`."""
        for key, index in sorted((self.known or {}).items()):
            if index > after:
                yield key, index
        if self.index > after and (after > 0 or self.known is None):
            yield "", 0  # Something may be gone; which keys there were is not known.


def listing(cluster: Cluster, clock: Clock, indexes: Indexes, stored: str, timeout: float) -> Listing:
    """Look, linearizably."""
    bound = Deadline(clock, timeout)
    path, asking = named(stored)
    request = Request("GET", path, f"{asking}&consistent", limit=LARGE)

    def reading(answer: Answer) -> tuple[int, list[str]]:
        return answer.index, _names(answer, stored)

    index, names = cluster.ask(request, reading, timeout, (200, 404))
    if len(names) > NAMED:
        return Listing(index, None)
    return Listing(index, indexes(dict.fromkeys(names), bound.left(timeout)) if names else {})


def tell(watched: Watched, watchings: Collection[Watching], news: News, keys: Keys) -> None:
    """Tell the subscriptions to a folder. Not with the mutex held."""
    for key, index in news:
        for watching in watchings:
            watching.tell(keys.contract(key) if key else watched.name, index)


class Below:
    """What the query of one folder asks for, and what becomes of the answers."""

    def __init__(
        self, watched: Watched, known: Known | None, indexes: Indexes, keys: Keys, mutex: threading.RLock
    ) -> None:
        self._watched = watched
        self._keys = keys
        self._known = known
        self._indexes = indexes
        self._mutex = mutex

    def asking(self) -> Asking:
        """The names, or merely whether anything moved."""
        return folded(self._watched.stored) if self._known is None else named(self._watched.stored)

    def take(self, answer: Answer) -> None:
        """Tell what is other than it was."""
        news = list(self._changed(answer))
        with self._mutex:
            watchings = list(self._watched.watchings)
        tell(self._watched, watchings, news, self._keys)

    def _changed(self, answer: Answer) -> News:
        names = _names(answer, self._watched.stored) if self._known is not None else []
        if self._known is None or len(names) > NAMED:
            self._known = None
            return [("", 0)]
        now = self._indexes({name: self._known.get(name) for name in names}, PATIENCE) if names else {}
        before, self._known = self._known, {name: index for name, index in now.items() if index}
        moved = [(name, index) for name, index in self._known.items() if before.get(name) != index]
        return [*moved, *((name, 0) for name in before if name not in self._known)]


def _names(answer: Answer, stored: str) -> list[str]:
    if answer.status == 404:
        return []
    names = parsed(answer)
    if not isinstance(names, list) or not all(
        type(name) is str and name.startswith(stored) for name in names
    ):
        raise nonsense("no list of the keys below a folder")
    return names
