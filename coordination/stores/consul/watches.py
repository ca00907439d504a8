"""Watching keys and folders: what the store's `watch` does, from its first look to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.clock import Clock, SystemClock
from coordination.errors import StoreUnavailable
from coordination.process import Home
from coordination.store import Notify
from coordination.stores.consul.access import demand_readable
from coordination.stores.consul.below import Listing, listing, tell
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.looks import Looks
from coordination.stores.consul.queries import OWN, Queries
from coordination.stores.consul.transactions import Transactions
from coordination.stores.consul.watched import Watched, Watching
from coordination.timing import Deadline

PARTING = 1.0
"""Seconds that closing waits for the threads to let go of their connections."""


class Watches:
    """All watches of one store. Safe for threads."""

    def __init__(
        self,
        cluster: Cluster,
        transactions: Transactions,
        keys: Keys,
        clock: Clock | None = None,
        seen: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        """`seen` tells at which index a record was last seen."""
        self._clock = clock or SystemClock()
        self._cluster = cluster
        self._keys = keys
        self._seen = seen
        self._home = Home()
        # Reentrant: a signal handler or a garbage collection may end a watch on a thread that holds it, so
        # what is guarded is copied before it is gone through.
        self._mutex = threading.RLock()
        self._looks = Looks(self._clock, transactions, self._mutex)
        self._queries = Queries(self._clock, cluster, keys, self._looks, self._mutex)
        self._all: dict[str, Watched] = {}
        self._closed = False

    def watch(self, prefix: str, after: int, notify: Notify, timeout: float) -> Watching:
        """Look once, telling of what happened since `after`; what happens from then on is told as well.

        A contender that was seen before is not looked at first: its poll goes on from there.
        Of a folder with many keys, or when more folders are watched than there are queries, only
        the prefix is told. One key that came and went between two answers is told with 0, unless it shares
        its query because too much is watched; keys in a folder that did are not. Where nothing was for a
        quarter of an hour, that cannot be told from what others write elsewhere: their writes may be told
        too, at most five a second.
        """
        self._cluster.demand()
        bound = Deadline(self._clock, timeout)
        watching = Watching(after, notify, lambda watching: self._forget(prefix, watching))
        try:
            watched, doubtful = self._register(prefix, watching)
            keys = doubtful if watched.is_folder or self._told(watched) else [watched, *doubtful]
            if keys:
                self._looks.look(keys, bound.left(timeout))
            found = self._listed(watched, watching, bound.left(timeout)) if watched.is_folder else None
            since = None
            if (watched.index == 0) if found is None else (found.known == {}):
                since = demand_readable(self._cluster, watched.stored, bound.left(timeout))
            with self._mutex:
                self._queries.begin(watched, found, since)
        except BaseException:
            watching.close()
            raise
        return watching

    def wrote(self, key: str, index: int) -> None:
        """This store wrote the record itself. Optional: it spares looks at who did, and nothing else."""
        with self._mutex:
            self._queries.wrote(key, self._all.get(key), index)

    def close(self) -> None:
        """End all queries; nobody is told anything more. In a child of fork it does nothing."""
        if not self._home.here:
            return
        with self._mutex:
            self._closed = True
            watchings = [watching for watched in list(self._all.values()) for watching in watched.watchings]
            queries = self._queries.end()
        for watching in watchings:
            watching.close()
        until = self._clock.now() + PARTING
        for query in queries:
            query.join(max(0.0, until - self._clock.now()))

    def _register(self, name: str, watching: Watching) -> tuple[Watched, list[Watched]]:
        """What is watched, and what else has to be looked at because it is watched in another way now.

        A fold has to know a key before somebody looks at it: then no change can come between the two.
        """
        with self._mutex:
            if self._closed:
                raise StoreUnavailable("this connection to Consul is closed")
            watched = self._all.get(name)
            if watched is not None:
                watched.watchings.append(watching)
                return watched, []
            stored = self._keys.folder(name) if name.endswith("/") else self._keys.stored(name)
            watched = self._all[name] = Watched(name, stored)
            watched.index = self._seen(name) if watched.is_contender else None
            watched.watchings.append(watching)
            return watched, self._queries.add(watched, crowded=len(self._all) > OWN)

    def _told(self, watched: Watched) -> bool:
        """Whether what is known of it will do for a first look; it is told as if it had been found."""
        with self._mutex:
            index = watched.index
            if index is None or not watched.polled:
                return False
            told = watched.found(index)
        watched.tell(told, index)
        return True

    def _listed(self, watched: Watched, watching: Watching, timeout: float) -> Listing:
        """The first look at a folder."""
        found = listing(self._cluster, self._clock, self._looks.indexes, watched.stored, timeout)
        tell(watched, [watching], found.news(watching.after), self._keys)
        return found

    def _forget(self, name: str, watching: Watching) -> None:
        with self._mutex:
            watched = self._all.get(name)
            if watched is None or watching not in watched.watchings:
                return
            watched.watchings.remove(watching)
            if not watched.watchings:
                del self._all[name]
                self._queries.remove(watched)
