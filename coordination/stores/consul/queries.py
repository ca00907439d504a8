"""The blocking queries of a store: few, however much is watched.

The first few watched keys have a query of their own, which wakes for them alone. When more is
watched, keys that are merely guarded by who holds them share one query for each namespace and kind,
and only what is waited for keeps its own: a release should be heard of at once, while a loss is also
found by the next renewal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.clock import Clock
from coordination.stores.consul.below import Below, Listing
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.folds import Fold
from coordination.stores.consul.keys import Keys, branch_of
from coordination.stores.consul.looks import PATIENCE, Looks
from coordination.stores.consul.pace import Pace
from coordination.stores.consul.query import Asking, Query, Taking
from coordination.stores.consul.single import Single
from coordination.stores.consul.watched import Watched

OWN = 16
"""Queries, and so threads and connections, besides one for each fold."""

BURST, RATE, FOLDER_RATE = 10.0, 5.0, 2.0
"""Requests of one query at once after a quiet time, and a second in the long run."""


class Queries:
    """All of them. To be used with `mutex` held, which guards what is watched."""

    def __init__(
        self, clock: Clock, cluster: Cluster, keys: Keys, looks: Looks, mutex: threading.RLock
    ) -> None:
        self._clock = clock
        self._cluster = cluster
        self._keys = keys
        self._looks = looks
        self._mutex = mutex
        self._own: dict[Watched, Query | None] = {}
        """The query is None until the first look."""
        self._folds: dict[str, Fold] = {}

    def add(self, watched: Watched, *, crowded: bool) -> list[Watched]:
        """Something new, which will have been looked at when `begin` is called.

        `crowded`: more is watched than there are queries to go round. Answers what is watched in
        another way now: what its query has just missed may have woken the fold before.
        """
        demoted = self._demoted() if crowded else []
        if len(self._own) < OWN and (watched.is_folder or watched.awaited or not crowded):
            self._own[watched] = None
        else:
            self._fold(watched, new=True)
        return demoted

    def begin(self, watched: Watched, listing: Listing | None, since: int | None) -> None:
        """It has been looked at, a folder with this result: its own query goes on from there.

        `since` is Consul's index when a key was found absent, if that is known.
        """
        if watched not in self._own or self._own[watched] is not None:
            return
        if listing is None:
            single = Single(watched, lambda: self._looks.look([watched], PATIENCE), self._mutex, since)
            query, index = self._query(single.asking, RATE, single.take), single.index
            single.pause = query.pause
        else:
            below = Below(watched, listing.known, self._looks.indexes, self._keys, self._mutex)
            query, index = self._query(below.asking, FOLDER_RATE, below.take), listing.index
        self._own[watched] = query  # Before it starts: who is interrupted in between can still end it.
        query.start(index)

    def remove(self, watched: Watched) -> None:
        """It is not watched any more."""
        self._end_own(watched)
        if watched.branch is not None:
            fold = self._folds[watched.branch]
            fold.remove(watched)
            if not len(fold):
                del self._folds[watched.branch]
                fold.query.close()

    def wrote(self, key: str, watched: Watched | None, index: int) -> None:
        """Our own store wrote this key: a fold need not look at it."""
        fold = self._folds.get(branch_of(key)) if self._folds else None
        if fold is not None:
            fold.wrote(index)
            if watched is not None and watched.branch is not None:
                watched.wrote(index)

    def end(self) -> list[Query]:
        """Close all of them; answers them, whose threads may still be on their way out."""
        queries = [query for query in list(self._own.values()) if query is not None]
        queries += [fold.query for fold in self._folds.values()]
        for query in queries:
            query.close()
        return queries

    def _demoted(self) -> list[Watched]:
        demoted = [one for one in list(self._own) if not one.is_folder and not one.awaited]
        for watched in demoted:
            self._fold(watched, new=False)
            self._end_own(watched)
        return demoted

    def _end_own(self, watched: Watched) -> None:
        query = self._own.pop(watched, None)
        if query is not None:
            query.close()

    def _fold(self, watched: Watched, *, new: bool) -> None:
        branch = branch_of(watched.name)
        fold = self._folds.get(branch)
        if fold is None:
            fold = Fold(self._clock, self._cluster, self._keys.folder(branch), self._looks, self._mutex)
            self._folds[branch] = fold
            fold.query.start(0)
        watched.branch = branch
        fold.add(watched, new=new)

    def _query(self, asking: Callable[[], Asking], rate: float, take: Taking) -> Query:
        return Query(self._clock, self._cluster.line(), asking, Pace(BURST, lambda: rate), take)
