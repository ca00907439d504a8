"""What the pools of both faces share: one machine's part in one pool, and its units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from coordination import arguments, payloads
from coordination.errors import ConfigurationError
from coordination.hold import HeldFacts
from coordination.pooling.balancing import Balancing
from coordination.pooling.definitions import Definition, weight
from coordination.pooling.keys import Keys
from coordination.pooling.listing import UnitInfo, listed
from coordination.pooling.obtaining import obtain
from coordination.pooling.ownership import Ownership
from coordination.pooling.share import Rules, safety
from coordination.pooling.tenancy import Tenancy
from coordination.pooling.view import View
from coordination.recipes.presence import Presence
from coordination.runtime import Runtime
from coordination.sharing.sharing import Sharing

Owned = TypeVar("Owned", bound=HeldFacts)


class NamedPool(Generic[Owned]):
    """One machine in one pool of units of work."""

    def __init__(
        self,
        runtime: Runtime,
        sharing: Sharing,
        keys: Keys,
        presence: Presence,
        name: str,
        machine_id: str,
        ttl: float,
    ) -> None:
        self._runtime = runtime
        self._keeping = sharing.keeping
        self._keys = keys
        self._name = name
        self._machine_id = machine_id
        self._ttl = ttl
        self._tenancy = Tenancy(
            sharing, keys, name, machine_id, ttl, View(self._keeping, keys, 2 * safety(ttl))
        )
        self._balancing = Balancing(self._tenancy, presence)

    @property
    def name(self) -> str:
        """The name of the pool."""
        return self._name

    @property
    def machine_id(self) -> str:
        """Under which we own units."""
        return self._machine_id

    @property
    def ttl(self) -> float:
        """Seconds after which others may have our units when this process is gone."""
        return self._ttl

    def owned(self) -> list[Owned]:
        """The units that we own now, by name. No I/O."""
        return [self._shown(ownership) for ownership in self._tenancy.owned]

    def on_obtained(self, callback: Callable[[Any], object]) -> None:
        """Call `callback(unit)` for every unit that `balance` gains, at once or later.

        Like all callbacks it runs on one of few threads of the manager: have the work done elsewhere.
        """
        if not callable(callback):
            raise ConfigurationError(f"on_obtained takes a callable, not {callback!r}")
        self._balancing.share.gained.append(lambda ownership: self._told(callback, self._shown(ownership)))

    def __repr__(self) -> str:
        units = len(self._tenancy.owned)
        return f"<{type(self).__name__} {self._name!r} of {self._machine_id!r} owning {units}>"

    # For both faces.

    def _unit(self, ownership: Ownership) -> Owned:
        raise NotImplementedError

    def _told(self, callback: Callable[..., object], *args: object) -> None:
        """Run a callback; asyncio runs it elsewhere."""
        callback(*args)

    def _shown(self, ownership: Ownership) -> Owned:
        if ownership.shown is None:
            ownership.shown = self._unit(ownership)
        unit: Owned = ownership.shown
        return unit

    def _shown_or_none(self, ownership: Ownership | None) -> Owned | None:
        return None if ownership is None else self._shown(ownership)

    async def _added(self, unit: str, payload: object, heavy: object) -> bool:
        new = Definition(payloads.encode(payload), weight(heavy))
        return await self._edit(unit, lambda there: there or new)

    async def _updated(self, unit: str, payload: object) -> bool:
        encoded = payloads.encode(payload)
        found = False

        def change(there: Definition | None) -> Definition | None:
            nonlocal found
            found = there is not None
            return None if there is None else Definition(encoded, there.weight)

        await self._edit(unit, change)
        return found

    async def _removed(self, unit: str) -> bool:
        removed = await self._edit(unit, lambda _there: None)
        await self._tenancy.ask_owner(self._runtime, unit)  # Also if an earlier call could not.
        return removed

    async def _edit(self, unit: str, change: Callable[[Definition | None], Definition | None]) -> bool:
        self._keys.definition(unit)
        self._keeping.demand()
        return await self._tenancy.editor.edit(self._runtime, unit, change)

    async def _obtained(self, unit: str | None) -> Ownership | None:
        if unit is None:
            return await obtain(self._runtime, self._tenancy)
        self._keys.owner(unit)
        return await self._tenancy.take(self._runtime, unit, None)

    async def _listed(self) -> list[UnitInfo]:
        self._keeping.demand()
        return await listed(self._runtime, self._keeping, self._tenancy.view)

    async def _balanced(self, by: str, at_most: int) -> None:
        if by not in ("count", "weight"):
            raise ConfigurationError(f"by must be 'count' or 'weight', not {by!r}")
        self._keeping.demand()
        await self._balancing.begin(self._runtime, Rules(by, arguments.count(at_most, "at_most")))

    async def _drained(self, timeout: float | None) -> int:
        if not self._keeping.home.here:
            self._keeping.demand()
        await self._balancing.leave(self._runtime)
        return await self._tenancy.let_go(self._runtime, self._tenancy.owned, timeout)
