"""What the locks of both faces share: a name and a ttl, acquiring it, and leaving what was entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from coordination.errors import LeaseLost
from coordination.hold import HeldFacts
from coordination.recipes.lock import Acquisition
from coordination.recipes.tracing import OUTCOME, TOKEN, span
from coordination.runtime import Runtime
from coordination.sharing.place import Place
from coordination.sharing.sharing import Sharing
from coordination.sharing.values import contender_value

Entered = TypeVar("Entered")
Held = TypeVar("Held", bound=HeldFacts)


class NamedLock:
    """What a lock is made of, and acquiring it, for both faces."""

    __slots__ = (
        "__weakref__",
        "_folder",
        "_machine_id",
        "_metadata",
        "_name",
        "_runtime",
        "_sharing",
        "_tracer",
        "_ttl",
    )

    def __init__(
        self,
        runtime: Runtime,
        sharing: Sharing,
        machine_id: str,
        name: str,
        folder: str,
        ttl: float,
        metadata: Mapping[str, str] | None,
        tracer: Any,
    ) -> None:
        self._runtime = runtime
        self._sharing = sharing
        self._machine_id = machine_id
        self._name = name
        self._folder = folder
        self._ttl = ttl
        self._metadata = metadata
        self._tracer = tracer

    @property
    def name(self) -> str:
        """What it locks."""
        return self._name

    @property
    def ttl(self) -> float:
        """Seconds after which others may have it when this process is gone."""
        return self._ttl

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r} ttl={self._ttl:g}>"

    async def _acquired(self, acquisition: Acquisition) -> Place:
        if self._tracer is None:
            return await acquisition.wait()
        with span(self._tracer, "acquire", self._name) as note:
            place = await acquisition.wait()
            note(TOKEN, place.created)
            note(OUTCOME, "acquired")
            return place

    async def _tried(self, acquisition: Acquisition) -> Place | None:
        if self._tracer is None:
            return await acquisition.once()
        with span(self._tracer, "acquire", self._name) as note:
            place = await acquisition.once()
            if place is not None:
                note(TOKEN, place.created)
            note(OUTCOME, "held by another" if place is None else "acquired")
            return place

    def _acquisition(self, timeout: float | None) -> Acquisition:
        self._sharing.keeping.demand()
        return Acquisition(self._runtime, self._sharing, self._folder, self._ttl, self._value, timeout)

    def _value(self) -> bytes:
        since = self._sharing.keeping.clock.wall()
        return contender_value(self._machine_id, self._name, since, self._metadata)


def left(entered: dict[Entered, list[Held]], by: Entered, name: str) -> Held:
    """What this thread or task entered with last, and leaves.

    A generator, or an exit stack, may be ended by another one than it was begun by: that leaves what is
    held, which is one at most.
    """
    if by not in entered:
        held = [one for one, holds in list(entered.items()) if holds and holds[-1].held]
        if not held:
            raise LeaseLost(f"lock {name!r} was not entered by this thread or task", reason="released")
        by = held[0]
    holds = entered[by]
    hold = holds.pop()
    if not holds:
        del entered[by]
    return hold
