"""A pool of units of work, for threads."""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from typing import Any

from coordination import arguments
from coordination._blocking import Flag
from coordination.interrupts import deferred
from coordination.named_pool import NamedPool
from coordination.pooling.listing import UnitInfo
from coordination.pooling.obtaining import claim, wait_obtain
from coordination.pooling.ownership import Ownership
from coordination.runtime import run
from coordination.stopping import relayed
from coordination.timing import Seconds, waiting
from coordination.unit import Unit


class Pool(NamedPool[Unit]):
    """One machine's part in a pool: units are defined once, and each is owned by one machine at a time.

    Every owned unit is a hold with a token of its own, on the session that all units of this manager
    share. Thread-safe.
    """

    def add(self, unit: str, payload: object = None, weight: float = 1) -> bool:
        """Define a unit; False if there is one of that name, which stays as it is.

        `payload`: None, bytes, or what JSON can hold. `weight`: its part in `balance(by="weight")`. This,
        `update` and `remove` are done one at a time in each pool, and raise `OutcomeUnknown` if the answer
        got lost.
        """
        return run(self._added(unit, payload, weight))

    def update(self, unit: str, payload: object) -> bool:
        """Give a unit another payload, which an owner that balances sees soon; False if there is none."""
        return run(self._updated(unit, payload))

    def remove(self, unit: str) -> bool:
        """Remove a unit and its checkpoint; its owner is asked to let go. False if there is no such unit."""
        return run(self._removed(unit))

    def units(self) -> list[UnitInfo]:
        """All units, by name, with who owns them."""
        return run(self._listed())

    def obtain(self, unit: str | None = None) -> Unit | None:
        """Own any free unit, in no order, or the one named; None if it, or all, are taken. Never waits."""
        self._keeping.demand()
        return self._won(self._obtained(unit))

    def wait_obtain(
        self, timeout: Seconds | None = None, *, stop: threading.Event | None = None
    ) -> Unit | None:
        """Wait until a unit is free and own it, `timeout` seconds at most (None: for ever; 0: one pass).

        Raises `AcquireTimeout` if all are taken all the while; None only if `stop` was set. There is no
        order among those who wait.
        """
        within, signal = waiting(timeout), Flag()
        self._keeping.demand()
        stopped = threading.Event() if stop is None else stop
        with relayed(stop, signal.set):
            return self._won(wait_obtain(self._runtime, self._tenancy, within, signal, stopped.is_set))

    def claim(self, capacity: int) -> list[Unit]:
        """Own free units until we have `capacity` of them, or none is free; all that we own then."""
        self._keeping.demand()
        with deferred():
            run(claim(self._runtime, self._tenancy, arguments.count(capacity, "capacity")))
        return self.owned()

    def balance(self, *, by: str = "count", at_most: int = 8) -> list[Unit]:
        """Keep our fair share from now on, until `drain` or the end; what we own after a first round.

        In the background, whenever a machine comes or goes or a unit changes hands: what is free is
        claimed, and the most loaded are asked for what we lack, at most `at_most` units at a time. Shares
        are equal `by` count or by weight. Calling it again costs nothing while nothing changes.
        `DuplicateMember` if another live process has our machine id.
        """
        with deferred():
            run(self._balanced(by, at_most))
        return self.owned()

    def drain(self, timeout: Seconds | None = None) -> int:
        """Hand over everything: claim nothing more, have the users of our units let go, and wait for that.

        What they still have after `timeout` seconds (None: for ever) is given up, `lost` as 'closed'; how
        many those were.
        """
        within = waiting(timeout)
        with deferred():
            return run(self._drained(within))

    def _won(self, recipe: Coroutine[Any, Any, Ownership | None]) -> Unit | None:
        ownership: Ownership | None = None
        try:
            with deferred():
                ownership = run(recipe)
                return self._shown_or_none(ownership)
        except BaseException:  # Also an interrupt that was put off until it was ours.
            if ownership is not None:
                ownership.place.shared.abandon(ownership.place)
            raise

    def _unit(self, ownership: Ownership) -> Unit:
        return Unit(ownership, self._keys, self._runtime)
