"""A record of our own at a key that others may want as well, on the shared session: one has it at a time."""

from __future__ import annotations

from collections.abc import Callable

from coordination.errors import SessionLost, StoreUnavailable
from coordination.runtime import Runtime
from coordination.sharing.place import Place
from coordination.sharing.session import Shared
from coordination.sharing.sharing import Sharing
from coordination.timing import Deadline

Value = Callable[[Shared], bytes]
"""What the record says, when it is known on which session it will be."""


async def claimed(
    runtime: Runtime, sharing: Sharing, ttl: float, key: str, value: Value, bound: Deadline
) -> Place | None:
    """One try at creating it; None if another has the key. Raises `StoreError` while nobody can say.

    What is won although the caller is gone is removed in the background.
    """
    sharing.keeping.demand()
    for _ in range(2):
        timeout = sharing.keeping.timeout
        shared = sharing.alive(ttl) or await sharing.session(runtime, ttl, bound, timeout)
        place = shared.place_at(key)
        if place is None:
            return None
        try:
            ours = await _claim(runtime, shared, place, value, bound.one_try(timeout))
            return place if ours else None
        except SessionLost:
            continue  # On a new one, then.
    raise StoreUnavailable("the store ends sessions as soon as they are opened; nothing was done")


async def _claim(runtime: Runtime, shared: Shared, place: Place, value: Value, timeout: float) -> bool:
    try:
        return await runtime.call(lambda: place.claim(value(shared), timeout))
    except BaseException:
        shared.abandon(place)
        raise
