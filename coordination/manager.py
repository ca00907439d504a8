"""The manager: the blocking door to leases, fleet's contract first (get, acquire, steal)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from coordination import arguments
from coordination._blocking import BlockingRuntime
from coordination.electing import Electing
from coordination.errors import CoordinationError
from coordination.gathering import Gathering
from coordination.grant import Grant
from coordination.lease import Lease
from coordination.outcomes import CLEANING
from coordination.runtime import Runtime, run
from coordination.timing import Seconds, waiting
from coordination.value import LeaseValue, new_secret
from coordination.waiting import Attempt, wait_for

PERIOD = 15.0
"""The default period, in seconds: above the floor of every store, and what the field uses."""


class Manager(Electing, Gathering):
    """Leases, locks, leaders, groups and pools on one store, in one namespace. Thread-safe.

    Made by `coordination.connect`. Every call is bounded by the manager's `timeout` per request, and only
    the waiting verbs wait. What asks the store, here and in what this answers, may raise `StoreError`:
    `StoreUnavailable` if nothing was done, `OutcomeUnknown` if it may have been, `StoreRefused` if
    another try will not help. `ConfigurationError` is raised before anything is asked.
    """

    def acquire_lease(
        self,
        name: str,
        machine_id: str | None = None,
        version: int = 0,
        period: Seconds = PERIOD,
        *,
        metadata: Mapping[str, str] | None = None,
        not_after: float | datetime | None = None,
    ) -> Lease | None:
        """Acquire it if it is free, for `period` seconds; None if it is held, by whomever. Never waits.

        Nothing renews it until you do, or call `keep_alive`. `not_after` (Unix seconds or an aware
        datetime) caps it: it never outlives that, however often it is renewed.
        """
        return self.acquire_with_secret(
            name, new_secret(), machine_id, version, period, metadata=metadata, not_after=not_after
        )

    def acquire_with_secret(
        self,
        name: str,
        secret: str,
        machine_id: str | None = None,
        version: int = 0,
        period: Seconds = PERIOD,
        *,
        metadata: Mapping[str, str] | None = None,
        not_after: float | datetime | None = None,
    ) -> Lease | None:
        """`acquire_lease` under a secret that the caller chose, for shell scripts; keep it hard to guess."""
        self._key(name)
        arguments.secret(secret)
        value = self._holding(name, machine_id, version, period, metadata, secret)
        return self._acquired(value, secret, not_after, self._keeper.timeout)

    def wait_lease(
        self,
        name: str,
        machine_id: str | None = None,
        version: int = 0,
        period: Seconds = PERIOD,
        *,
        metadata: Mapping[str, str] | None = None,
        not_after: float | datetime | None = None,
        timeout: Seconds | None = None,
    ) -> Lease:
        """`acquire_lease`, waiting up to `timeout` seconds (None: for ever; 0: one try).

        Raises `AcquireTimeout` if it is still held then, and the store's own error if the store
        could not be reached at the end. There is no order among waiters; use a lock for that.
        """
        attempt = self.attempt(name, machine_id, version, period, metadata=metadata, not_after=not_after)
        return run(self.wait_on(BlockingRuntime(self._clock), name, attempt, timeout))

    def steal_lease(
        self, name: str, machine_id: str | None, version: int, period: Seconds, index: int
    ) -> Lease | None:
        """Take it from its holder, whose lease you saw at `index`; None if it moved or is gone.

        The token rises; the victim is told at its next look, so wait out `time_remaining` of the
        view you saw before you act on what it may still be writing without a fence.
        """
        key = self._key(name)
        seen = arguments.index(index)
        secret = new_secret()
        value = self._holding(name, machine_id, version, period, None, secret)
        grant = self._keeper.registry.steal(key, value, seen, self._keeper.timeout)
        return None if grant is None else self._taken(name, grant, secret)

    def resume(self, name: str, secret: str) -> Lease:
        """Take up a lease acquired elsewhere, proven by its secret; `LeaseLost` for a wrong or old one.

        It is a renewal: the index moves, so the handle it was acquired with loses at its next step.
        The token, the metadata and a `not_after` stay.
        """
        key = self._key(name)
        arguments.secret(secret)
        grant = self._keeper.registry.resume(key, secret, self._keeper.timeout)
        return self._ours(name, grant, secret)

    # What both faces wait with; not for users.

    def attempt(
        self,
        name: str,
        machine_id: str | None,
        version: int,
        period: Seconds,
        *,
        metadata: Mapping[str, str] | None,
        not_after: float | datetime | None,
    ) -> Attempt:
        """One try after another at acquiring it, each under a secret of its own."""

        def attempt(within: float) -> Lease | None:
            secret = new_secret()
            value = self._holding(name, machine_id, version, period, metadata, secret)
            return self._acquired(value, secret, not_after, within)

        return attempt

    async def wait_on(self, runtime: Runtime, name: str, attempt: Attempt, timeout: Seconds | None) -> Lease:
        """Wait until `attempt` has acquired it."""
        key, limit, keeper = self._key(name), waiting(timeout), self._keeper
        return await wait_for(runtime, self._store, key, attempt, limit, keeper.timeout, keeper.demand)

    def _acquired(
        self, value: LeaseValue, secret: str, not_after: float | datetime | None, timeout: float
    ) -> Lease | None:
        """One try."""
        key = self._key(value.name)
        ends_at = arguments.ends_at(not_after, self._clock)
        if ends_at is not None:
            value = replace(value, not_after=self._clock.wall() + ends_at - self._clock.now())
        grant = self._keeper.registry.acquire(key, value, ends_at, timeout)
        return None if grant is None else self._taken(value.name, grant, secret)

    def _taken(self, name: str, grant: Grant, secret: str) -> Lease:
        """It is ours, unless the manager was closed meanwhile: then nobody would ever release it."""
        if self._keeper.closing:
            with contextlib.suppress(CoordinationError):
                self._keeper.registry.release(grant, CLEANING)
            self._keeper.demand()
        return self._ours(name, grant, secret)

    def _ours(self, name: str, grant: Grant, secret: str) -> Lease:
        lease = Lease(self._keeper, name, grant.value, grant, secret)
        self._keeper.events.debug("lease-acquired", name=name, token=grant.token)
        return lease

    def _holding(
        self,
        name: str,
        machine_id: str | None,
        version: int,
        period: Seconds,
        metadata: Mapping[str, str] | None,
        secret: str,
    ) -> LeaseValue:
        """What the record of a new acquisition by this process says."""
        return arguments.holding(
            name,
            arguments.machine(machine_id, self._machine_id),
            arguments.version(version),
            self._keeper.period(period),
            arguments.metadata(metadata),
            self._clock,
            secret,
        )
