"""What a unit of work is: its payload and its weight, and editing that, one editor at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from coordination import payloads
from coordination.errors import AcquireTimeout, ConfigurationError, StoreUnavailable
from coordination.pooling.keys import Keys
from coordination.recipes.holding import RELEASING, release, written
from coordination.recipes.lock import Acquisition
from coordination.runtime import Runtime
from coordination.sharing.place import Place
from coordination.sharing.sharing import Sharing
from coordination.sharing.values import contender_value

NOTHING = payloads.encode(None)


@dataclass(frozen=True, slots=True)
class Definition:
    """One unit of work. `payload` is encoded as `payloads` does it."""

    payload: str = NOTHING
    weight: float = 1.0

    def encode(self) -> bytes:
        """As it is stored."""
        return json.dumps({"payload": self.payload, "weight": self.weight}, separators=(",", ":")).encode()


Change = Callable[[Definition | None], Definition | None]
"""What becomes of a definition; None removes it. The same answers mean that nothing is written."""


def decoded(raw: bytes) -> Definition:
    """Read leniently: what makes no sense counts as nothing."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return Definition()
    if not isinstance(fields, dict):
        return Definition()
    payload = fields.get("payload")
    if not isinstance(payload, str):
        payload = NOTHING
    try:
        payloads.decode(payload)
    except ConfigurationError:
        payload = NOTHING
    try:
        return Definition(payload, weight(fields.get("weight")))
    except ConfigurationError:
        return Definition(payload)


def weight(value: object) -> float:
    """How much of a machine's share a unit is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e12:
        raise ConfigurationError(f"weight must be a number above 0 and below 1e12, not {value!r}")
    return float(value)


class Editor:
    """Changes definitions: in a queue like that of a lock, and in one transaction fenced by it."""

    def __init__(self, sharing: Sharing, keys: Keys, ttl: float, machine_id: str) -> None:
        self._sharing = sharing
        self._keys = keys
        self._ttl = ttl
        self._machine_id = machine_id

    async def edit(self, runtime: Runtime, unit: str, change: Change) -> bool:
        """Apply `change`; whether it changed anything. `OutcomeUnknown` if the answer got lost."""
        key = self._keys.definition(unit)
        place = await self._turn(runtime)
        try:
            before = await self.look(runtime, unit)
            after = change(before)
            if after == before:
                return False
            if after is None:
                await written(runtime, place, {}, [key, self._keys.checkpoint(unit)])
            else:
                # Who was asked to let go may have kept one after the unit had been removed.
                former = [self._keys.checkpoint(unit)] if before is None else []
                await written(runtime, place, {key: after.encode()}, former)
            return True
        except BaseException:
            place.shared.abandon(place)
            raise
        finally:
            if place.held:
                await release(runtime, place, RELEASING)

    async def look(self, runtime: Runtime, unit: str) -> Definition | None:
        """The definition as it is now."""
        keeping, key = self._sharing.keeping, self._keys.definition(unit)
        record = await runtime.call(lambda: keeping.store.read(key, timeout=keeping.timeout))
        return None if record is None else decoded(record.value)

    async def _turn(self, runtime: Runtime) -> Place:
        keeping = self._sharing.keeping

        def value() -> bytes:
            return contender_value(self._machine_id, "edit", keeping.clock.wall(), None)

        queue = Acquisition(runtime, self._sharing, self._keys.edits, self._ttl, value, keeping.timeout)
        try:
            return await queue.wait()
        except AcquireTimeout as error:
            raise StoreUnavailable("others are editing the pool all the time; nothing was done") from error
