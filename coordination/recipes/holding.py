"""What is done with a hold, whatever it holds: writing under it, giving it back, waiting for its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coordination.errors import ConfigurationError, LeaseLost, StoreError
from coordination.recipes.tracing import OUTCOME, TOKEN, span
from coordination.record import Guard
from coordination.runtime import Runtime
from coordination.sharing.leaving import removed, settle
from coordination.sharing.place import Place
from coordination.store import GuardedWrites
from coordination.timing import Deadline
from coordination.titles import title_of

RELEASING = 1.0
"""Seconds a release takes at most unless its caller says otherwise; the rest goes on in the background."""

SLICE = 60.0
"""Seconds after which somebody who waits for the end of a hold looks for himself."""


async def release(runtime: Runtime, place: Place, timeout: float) -> bool:
    """Give a hold back: True if it was ours, False if it had been before; `LeaseLost` if it was lost.

    What cannot be finished within `timeout` goes on in the background.
    """
    shared = place.shared
    reason = place.lost
    if reason is not None:
        raise lost(place, reason)
    if not shared.here or not place.fate.end():
        return False
    shared.begin_release(place)
    try:
        if timeout <= 0:
            shared.finish(place)
            place.over()
            return True
        if await removed(runtime, shared, place, min(timeout, shared.keeping.timeout)):
            settle(shared, place)
            return True
    except StoreError:
        shared.finish(place)
        place.over()
        return True
    except BaseException:
        shared.finish(place)
        place.over()
        raise
    raise await _gone(runtime, place)


async def _gone(runtime: Runtime, place: Place) -> LeaseLost:
    """Its record was not there: it is lost, and why."""
    shared = place.shared
    try:
        if shared.dead is None:
            await shared.sentinel.learn(runtime)
    finally:  # Also for a caller who is cancelled while he waits for the reason.
        reason = shared.dead or shared.sentinel.reason(place)
        shared.lose_place(place, reason)
    return lost(place, place.fate.lost or reason)


def lost(place: Place, reason: str) -> LeaseLost:
    """What a call on a lost hold raises."""
    return LeaseLost(f"{title_of(place.key)} is not held: {reason}", reason=reason)


async def wait_over(runtime: Runtime, place: Place, timeout: float | None) -> str | None:
    """`released`, or the reason of the loss; None if neither happened within `timeout` seconds."""
    if _over(place):
        return place.outcome or "released"  # In a child of fork no mutex may be touched.
    bound = Deadline(runtime.clock, timeout)
    signal = runtime.signal()
    place.listen(signal)
    try:
        while not _over(place):
            rung = await runtime.wait(signal, bound.left(SLICE))
            if not rung and bound.passed:
                return place.outcome
        return place.outcome or "released"
    finally:
        place.unlisten(signal)


def _over(place: Place) -> bool:
    """Whether it ended, or its release goes on in the background, where nobody waits for it."""
    return place.outcome is not None or (place.fate.ending and place.unwanted)


async def release_traced(
    runtime: Runtime, place: Place, name: str, tracer: Any, timeout: float | None
) -> bool:
    """`release`, in a span if there is a tracer."""
    within = RELEASING if timeout is None else timeout
    if tracer is None:
        return await release(runtime, place, within)
    with span(tracer, "release", name) as note:
        note(TOKEN, place.created)
        ours = await release(runtime, place, within)
        note(OUTCOME, "released" if ours else "released before")
        return ours


async def written(runtime: Runtime, place: Place, puts: Mapping[str, bytes], deletes: Sequence[str]) -> int:
    """A fenced write; `LeaseLost` if the hold is not ours at that moment."""
    shared = place.shared
    store, timeout = shared.keeping.store, shared.keeping.timeout
    if not isinstance(store, GuardedWrites):
        raise ConfigurationError(
            f"{type(store).__name__} has no guarded writes; fence the resource by the token"
        )
    guard = Guard(place.key, shared.session.id, place.created)
    index = await runtime.call(lambda: store.commit(guard, puts, deletes, timeout=timeout))
    if index is None:
        raise await _gone(runtime, place)
    return index
