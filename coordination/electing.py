"""The part of a manager that elects leaders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination import arguments
from coordination.errors import ConfigurationError
from coordination.leader import Leader
from coordination.locking import TTL, Locking
from coordination.recipes.leading.candidate import candidate
from coordination.timing import Seconds


class Electing(Locking):
    """Leaders in one namespace of one store."""

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
        eligible: Callable[[], bool] | None = None,
    ) -> Leader:
        """A candidate for leading `name`; no I/O. Every term has a session of its own.

        `ttl`: seconds after which others may lead when this process is gone. `retry` (a third of the
        ttl), give or take `jitter` (a quarter of that): seconds after which a candidate looks again
        though nothing told it to. `renew` (a third of the ttl, at most half of it): seconds between two
        renewals. `version`: newer ones take over from older ones, and once a newer one has led, older
        ones do not compete any more. `eligible`: asked before each try whether to compete.
        """
        return Leader(*self.leader_parts(name, machine_id, version, ttl, retry, jitter, renew, eligible))

    def leader_parts(
        self,
        name: str,
        machine_id: str | None,
        version: int,
        ttl: Seconds,
        retry: Seconds | None,
        jitter: Seconds | None,
        renew: Seconds | None,
        eligible: Callable[[], Any] | None,
    ) -> tuple[Any, ...]:
        """What a leader is made of, checked; for the faces of it."""
        if eligible is not None and not callable(eligible):
            raise ConfigurationError(f"eligible must be a callable, not {eligible!r}")
        keeper = self._keeper
        stands = candidate(
            keeper.namespace,
            name,
            arguments.machine(machine_id, self._machine_id),
            version,
            keeper.store.capabilities,
            ttl=ttl,
            retry=retry,
            jitter=jitter,
            renew=renew,
        )
        keeper.demand()
        return keeper.runtime, keeper, stands, eligible
