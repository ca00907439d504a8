"""The part of a manager for asyncio that elects leaders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from coordination.aio.leader import Leader
from coordination.aio.locking import Locking
from coordination.locking import TTL
from coordination.timing import Seconds


class Electing(Locking):
    """Leaders in one namespace of one store, for the tasks of one event loop."""

    def leader(
        self,
        name: str,
        *,
        machine_id: str | None = None,
        version: int = 0,
        ttl: Seconds = TTL,
        retry: Seconds | None = None,
        jitter: Seconds | None = None,
        renew: Seconds | None = None,
        eligible: Callable[[], bool | Awaitable[bool]] | None = None,
    ) -> Leader:
        """A candidate for leading `name`; no I/O. Every term has a session of its own.

        `ttl`: seconds after which others may lead when this process is gone. `retry` (a third of the
        ttl), give or take `jitter` (a quarter of that): seconds after which a candidate looks again
        though nothing told it to. `renew` (a third of the ttl, at most half of it): seconds between two
        renewals. `version`: newer ones take over from older ones, and once a newer one has led, older
        ones do not compete any more. `eligible`: asked before each try whether to compete; it may be
        awaited.
        """
        parts = self._manager.leader_parts(name, machine_id, version, ttl, retry, jitter, renew, eligible)
        return Leader(self._runtime, self._teller, *parts[1:])
