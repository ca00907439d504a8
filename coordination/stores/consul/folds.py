"""Many keys by one query: it wakes at every change in their folder, and then they are looked at.

Whose keys the changes were, Consul does not say; most are renewals. Those of our own store are known
and call for no look. Those of others do, and in a busy folder looking is rationed: there a change may
be told late, when the next renewal of the key, or the next look of whoever waits for it, has found it
by itself. In a quiet folder it is told at once.

Contenders are looked at first, all by one list of the keys that are there: they are waited for, and
all that ever becomes of one is that it goes.
"""

from __future__ import annotations

import threading
from collections import deque

from coordination.clock import Clock
from coordination.stores.consul.answers import names
from coordination.stores.consul.below import folded
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.failures import AnswerTooLarge
from coordination.stores.consul.keys import path_of
from coordination.stores.consul.looks import PATIENCE, Looks
from coordination.stores.consul.message import LARGE, Answer, Request
from coordination.stores.consul.pace import Pace
from coordination.stores.consul.query import Query
from coordination.stores.consul.transactions import MOST_OPERATIONS
from coordination.stores.consul.watched import Watched, Watching

BURST = 20
"""Requests at once after a quiet time: enough to look at 1000 keys."""

SLOWEST, FASTEST, SHARED = 0.3, 4.0, 256.0
"""Requests a second in the long run: `SHARED` by the number of keys, between these bounds.

With many keys a whole round takes longer than a renewal whatever we do, so it may as well be cheap."""

SETTLING = 0.03
"""Seconds in which a write of ours is known to be one: its answer comes when the query wakes."""

POSTPONED = 120.0
"""Seconds after which everything is looked at though only we seem to write: the change of another,
right before one of ours, is not seen by itself."""


class Fold:
    """One folder. What is in it is guarded by the mutex of the watches; `query` is to be started."""

    def __init__(
        self, clock: Clock, cluster: Cluster, stored: str, looks: Looks, mutex: threading.RLock
    ) -> None:
        self._clock = clock
        self._cluster = cluster
        self._stored = stored
        self._looks = looks
        self._mutex = mutex
        self._pace = Pace(BURST, self._rate)
        self._inside: dict[Watched, None] = {}
        self._ours: deque[int] = deque(maxlen=1024)
        self._at = -1
        self._round = 0
        self._checked_at = clock.now()
        self.query = Query(clock, cluster.line(), lambda: folded(stored), self._pace, self._take)

    def __len__(self) -> int:
        return len(self._inside)

    def add(self, watched: Watched, *, new: bool) -> None:
        """Look at it from now on; a new one is being looked at by who begins it."""
        watched.verified = self._round if new else -1
        self._inside[watched] = None

    def remove(self, watched: Watched) -> None:
        """It is not watched any more."""
        self._inside.pop(watched, None)

    def wrote(self, index: int) -> None:
        """Our own store wrote something in the folder."""
        self._ours.append(index)

    def _rate(self) -> float:
        checked = sum(not one.is_contender for one in list(self._inside))
        return max(SLOWEST, min(FASTEST, SHARED / max(1, checked)))

    # On the thread of the query.

    def _take(self, answer: Answer) -> None:
        """Look at everything, unless it was only us who wrote."""
        awaited = any(one.is_contender for one in list(self._inside))
        if answer.index != self._at:
            self._at = answer.index
            self.query.pause(0 if awaited else SETTLING)
            ours = self._begin_round()
            # Right before our own write another's may be hidden, and whoever waits should not have to.
            if ours and not awaited and self._clock.now() - self._checked_at < POSTPONED:
                self.query.pause(1 / self._rate())
                return
        self._find_departed()
        self._check()

    def _begin_round(self) -> bool:
        """Tell what is known without a look; of folders only that something moved. Whether it was us."""
        told: list[tuple[Watched, list[Watching], int]] = []
        with self._mutex:
            self._round += 1
            for one in list(self._inside):
                if one.is_folder:
                    told.append((one, list(one.watchings), 0))
                elif one.untold and one.index is not None:
                    told.append((one, one.found(one.index), one.index))
            ours = self._at in self._ours
        for watched, watchings, index in told:
            watched.tell(watchings, index)
        return ours

    def _find_departed(self) -> None:
        """Tell of the contenders that are gone."""
        with self._mutex:
            before = [(one, one.looks) for one in list(self._inside) if one.is_contender and one.index]
        there = self._keys_there() if before else None
        if there is None:
            return
        told = []
        with self._mutex:
            for one, looks in before:
                if one.stored in there:
                    one.verified = self._round
                elif one.looks == looks:
                    told.append((one, one.found(0)))
        for watched, watchings in told:
            watched.tell(watchings, 0)

    def _keys_there(self) -> frozenset[str] | None:
        """All keys in the folder; None if it is over, or if they are too many to list."""
        if self.query.pause(self._pace.wait(self._clock.now())):
            return None
        self._pace.spend(self._clock.now())
        asking = Request("GET", path_of(self._stored), "keys&consistent", limit=LARGE)
        try:
            return self._cluster.ask(asking, self._names, PATIENCE, (200, 404))
        except AnswerTooLarge:
            return None

    def _names(self, answer: Answer) -> frozenset[str]:
        return frozenset(names(answer, self._stored))

    def _check(self) -> None:
        """Look at what has not been looked at in this round."""
        while due := self._due():
            if self.query.pause(self._pace.wait(self._clock.now())):
                return
            settled = self._looks.look(due, PATIENCE, lambda: self._pace.spend(self._clock.now()))
            with self._mutex:
                for watched in settled:
                    watched.verified = self._round
        self._checked_at = self._clock.now()

    def _due(self) -> list[Watched]:
        """Those that were looked at longest ago."""
        with self._mutex:
            keys = [one for one in list(self._inside) if one.verified < self._round and not _settled(one)]
        return sorted(keys, key=lambda one: one.verified)[:MOST_OPERATIONS]


def _settled(watched: Watched) -> bool:
    """A folder has been told already; a contender that is gone does not come back."""
    return watched.is_folder or (watched.is_contender and watched.index == 0)
