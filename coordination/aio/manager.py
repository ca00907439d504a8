"""The manager for asyncio: the blocking one's contract, with everything that asks the store awaited."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from functools import partial

from coordination.aio.bounds import bounded
from coordination.aio.electing import Electing
from coordination.aio.gathering import Gathering
from coordination.aio.lease import Lease
from coordination.errors import OutcomeUnknown
from coordination.manager import PERIOD
from coordination.timing import Seconds, waiting


class Manager(Electing, Gathering):
    """`coordination.Manager` for the tasks of one event loop. Made by `coordination.aio.connect`.

    It belongs to the first event loop that uses it, until that is closed; elsewhere, and in a child of
    fork, calls raise `ConfigurationError`. Whoever is cancelled stops waiting at once, and what the
    request under way still acquires is released in the background.
    """

    async def get_lease(self, name: str) -> Lease | None:
        """A view of the lease as it is now; None if nobody holds it. `LeaseCorrupt` if it makes no sense."""
        return self._seen(await self._asked(partial(self._manager.get_lease, name)))

    async def acquire_lease(
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
        acquire = self._manager.acquire_lease
        return await self._won(
            partial(acquire, name, machine_id, version, period, metadata=metadata, not_after=not_after)
        )

    async def acquire_with_secret(
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
        acquire = partial(self._manager.acquire_with_secret, name, secret)
        return await self._won(
            partial(acquire, machine_id, version, period, metadata=metadata, not_after=not_after)
        )

    async def wait_lease(
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
        Waiting takes no thread.
        """
        manager, claim, limit = self._manager, self._claim(), waiting(timeout)
        # The last request may have begun just before the end.
        latest = None if limit is None else limit + manager.keeper.timeout
        attempt = manager.attempt(name, machine_id, version, period, metadata=metadata, not_after=not_after)
        try:
            async with bounded(self.clock, latest):
                return self._lease(await manager.wait_on(self._runtime, name, claim.of(attempt), limit))
        except BaseException:
            claim.abandon()
            raise

    async def steal_lease(
        self, name: str, machine_id: str | None, version: int, period: Seconds, index: int
    ) -> Lease | None:
        """Take it from its holder, whose lease you saw at `index`; None if it moved or is gone.

        The token rises; the victim is told at its next look, so wait out `time_remaining` of the
        view you saw before you act on what it may still be writing without a fence.
        """
        steal = partial(self._manager.steal_lease, name, machine_id, version, period, index)
        return await self._won(steal, OutcomeUnknown)

    async def resume(self, name: str, secret: str) -> Lease:
        """Take up a lease acquired elsewhere, proven by its secret; `LeaseLost` for a wrong or old one.

        It is a renewal: the index moves, so the handle it was acquired with loses at its next step.
        The token, the metadata and a `not_after` stay. Cancelled, it takes nothing away from whoever
        has the secret: the lease is left to its period, and can be resumed again.
        """
        return self._lease(await self._asked(partial(self._manager.resume, name, secret), OutcomeUnknown))

    async def list_leases(self, prefix: str = "") -> list[Lease]:
        """Views of all live leases whose names start with `prefix`, by name.

        Records that make no sense, and keys that no name is kept under, are left out. Where a store
        cannot say (in time) how long a lease has left, `time_remaining` is counted from the holder's
        last renewal by the wall clocks of both machines.
        """
        return [self._lease(it) for it in await self._asked(partial(self._manager.list_leases, prefix))]

    def watch(self, name: str, timeout: Seconds | None = None) -> AsyncGenerator[Lease | None, None]:
        """The state of `name` now (a view, or None), then each new state, for `timeout` seconds.

        Changes in quick succession may be folded into one.
        """
        return self._manager.watch_on(
            self._runtime, name, lambda: self._seen(self._manager.get_lease(name)), timeout
        )

    async def read(self, key: str) -> bytes | None:
        """The namespace's own datum, as written by `Lease.commit`; None if there is none. Linearizable."""
        return await self._asked(partial(self._manager.read, key))

    async def health(self) -> list[str]:
        """Conditions an operator should look at, one sentence each; raises `StoreError` when unreachable."""
        return await self._asked(self._manager.health)
