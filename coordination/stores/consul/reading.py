"""Reading records, linearizably; and that we may read them, where Consul leaves out what we may not.

More records than one answer may hold are read in pages: first their keys, then the records, 16 at a
time. What changes meanwhile is seen as it is when its turn comes. Consul itself has no pages.
"""

from __future__ import annotations

from coordination.clock import SystemClock
from coordination.errors import PermissionDenied, StoreUnavailable
from coordination.stores.consul.access import demand_readable
from coordination.stores.consul.answers import Entry, names
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.failures import AnswerTooLarge
from coordination.stores.consul.keys import path_of
from coordination.stores.consul.message import LARGE, SMALL, Request
from coordination.stores.consul.transactions import MOST_OPERATIONS, Transactions, operation, unexpected
from coordination.timing import Deadline

PAGE = MOST_OPERATIONS // 4
"""Records asked for at once: as many of the largest fit into an answer."""

TRIES = 5
"""For one page: a transaction that reads a key which is gone answers nothing but that."""


class Reading:
    """Reads by stored keys."""

    def __init__(self, cluster: Cluster, transactions: Transactions) -> None:
        self._cluster = cluster
        self._transactions = transactions

    def one(self, key: str, timeout: float) -> Entry | None:
        """What is stored under one key."""
        outcome = self._transactions.read([operation("get", key)], timeout, SMALL)
        if not outcome.applied:
            return None
        if not outcome.entries:
            raise PermissionDenied(f"Consul does not let the ACL token read {key!r}")
        if outcome.entries[0].key != key:
            raise StoreUnavailable("Consul answers with another key than the one asked for")
        return outcome.entries[0]

    def below(self, beginning: str, timeout: float) -> list[Entry]:
        """What is stored under keys that start like this, at one moment unless it is too much for that."""
        bound = Deadline(SystemClock(), timeout)
        try:
            found = self._transactions.read([operation("get-tree", beginning)], timeout)
        except AnswerTooLarge:
            return self._paged(beginning, bound, timeout)
        if not found.applied:
            raise unexpected(found)
        if not found.entries:
            demand_readable(self._cluster, beginning, bound.left(timeout))
        return found.entries

    def _paged(self, beginning: str, bound: Deadline, timeout: float) -> list[Entry]:
        request = Request("GET", path_of(beginning), "keys&consistent", limit=LARGE)
        keys = self._cluster.ask(request, lambda it: names(it, beginning), bound.left(timeout), (200, 404))
        return self._those(keys, bound, timeout, PAGE, strictly=False)

    def those(self, keys: list[str], bound: Deadline, timeout: float) -> list[Entry]:
        """What of these few keys is there; the others are not there, or it is an error."""
        return self._those(keys, bound, timeout, MOST_OPERATIONS, strictly=True)

    def _those(
        self, keys: list[str], bound: Deadline, timeout: float, size: int, *, strictly: bool
    ) -> list[Entry]:
        found: list[Entry] = []
        while keys:
            page, keys = keys[:size], keys[size:]
            try:
                found.extend(self._page(page, bound, timeout, strictly=strictly))
            except AnswerTooLarge:
                if strictly and len(page) == 1:
                    raise
                # Strangers' values may be larger than ours can be; what is too large alone is none of ours.
                size = max(1, size // 2)
                keys = [*page, *keys] if len(page) > 1 else keys
        return found

    def _page(self, keys: list[str], bound: Deadline, timeout: float, *, strictly: bool) -> list[Entry]:
        for _ in range(TRIES):
            if not keys:
                return []
            page = self._transactions.read([operation("get", key) for key in keys], bound.left(timeout))
            if page.applied:
                hidden = set(keys).difference(entry.key for entry in page.entries)
                if strictly and hidden:
                    raise PermissionDenied(f"Consul does not let the ACL token read {min(hidden)!r}")
                return page.entries
            keys = [key for place, key in enumerate(keys) if place not in page.complaints]
        raise StoreUnavailable("what is to be listed changes all the time; try again")
