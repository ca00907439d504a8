"""A unit of work that this machine owns: a hold with a payload and a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from coordination import payloads
from coordination.errors import LeaseCorrupt
from coordination.hold import HeldFacts, Hold
from coordination.pooling.keys import Keys
from coordination.pooling.ownership import Ownership
from coordination.recipes.holding import written
from coordination.runtime import Runtime, run

if TYPE_CHECKING:
    from coordination.sharing.keeping import Keeping


class UnitFacts(HeldFacts):
    """What can be said of a unit without I/O, for both faces."""

    __slots__ = ()

    _keys: Keys
    _ownership: Ownership

    @property
    def payload(self) -> Any:
        """What was added with it, as of the last look at it."""
        return payloads.decode(self._ownership.definition.payload)

    @property
    def weight(self) -> float:
        """Its part in `balance(by="weight")`, as of the last look at it."""
        return self._ownership.definition.weight

    @property
    def until(self) -> float:
        """The Unix time until which it is held unless it is proven again; now, if it is not held."""
        return self._keeping.clock.wall() + self.remaining

    def on_release_requested(self, callback: Callable[[Any], object]) -> None:
        """Call `callback(unit)` when another machine is to have it: release it when its work has stopped.

        At once if somebody has asked. Without a callback it is given up as soon as somebody asks; `lost`
        is 'stolen' then.
        """
        self._demand(callback, "on_release_requested")
        self._ownership.on_asked(lambda: self._told(callback, self))

    @property
    def _keeping(self) -> Keeping:
        return self._place.shared.keeping

    async def _write(self, runtime: Runtime, value: object) -> int:
        encoded = payloads.encode(value).encode()
        self.check()
        return await written(runtime, self._place, {self._keys.checkpoint(self._name): encoded}, [])

    async def _read(self, runtime: Runtime) -> Any:
        keeping, key = self._keeping, self._keys.checkpoint(self._name)
        record = await runtime.call(lambda: keeping.store.read(key, timeout=keeping.timeout))
        if record is None:
            return None
        try:
            return payloads.decode(record.value.decode())
        except ValueError as error:
            raise LeaseCorrupt(f"the checkpoint of {self._name!r} is not one of ours") from error


class Unit(UnitFacts, Hold):
    """A unit of work that this machine owns. Thread-safe; belongs to the process that got it."""

    __slots__ = ("_keys", "_ownership")

    def __init__(self, ownership: Ownership, keys: Keys, runtime: Runtime) -> None:
        super().__init__(runtime, ownership.place, ownership.unit, None, None)
        self._ownership = ownership
        self._keys = keys

    def checkpoint(self, value: object) -> int:
        """Keep how far it has come, for whoever owns it next; the index of the write.

        Fenced: `LeaseLost`, and nothing written, if it is not ours at that moment. `value`: None, bytes, or
        what JSON can hold. `OutcomeUnknown` if the answer got lost.
        """
        return run(self._write(self._runtime, value))

    def restore(self) -> Any:
        """What was last kept by `checkpoint`, by whichever owner; None if nothing was. Linearizable."""
        return run(self._read(self._runtime))
