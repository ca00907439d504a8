"""What a manager is made of and how it ends; what it does with leases is above this."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from coordination.clock import Clock
from coordination.hooks import Events
from coordination.keeper import Keeper
from coordination.record import lease_key
from coordination.store import Store


class Door:
    """One store, one namespace, and the threads that keep leases there. Belongs to one process."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        machine_id: str,
        namespace: str,
        timeout: float,
        events: Events,
        stall_after: float | None,
        owns_store: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._machine_id = machine_id
        self._owns_store = owns_store
        self._keeper = Keeper(
            store, clock, events, namespace=namespace, timeout=timeout, stall_after=stall_after
        )

    @property
    def clock(self) -> Clock:
        """What deadlines are kept on."""
        return self._clock

    @property
    def keeper(self) -> Keeper:
        """What its leases share; not for users."""
        return self._keeper

    def close(self) -> None:
        """Release what is kept alive and end the threads; what is merely acquired is left to its period.

        It takes 1.5 s at most: what could not be released by then is left to its period too, and a
        warning says how many that were.

        In a child of fork it does nothing.
        """
        if not self._keeper.home.here or self._keeper.closed:
            return
        self._keeper.close()
        if self._owns_store:
            self._store.close()

    def __enter__(self) -> Self:
        """The manager, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._keeper.closed else "open"
        return f"<{type(self).__name__} of {self._machine_id!r} on {self._store!r} {state}>"

    def _key(self, name: str) -> str:
        key = lease_key(self._keeper.namespace, name)
        self._keeper.demand()
        return key
