"""Owning what is free: one unit, one when there is one, or as many as one wants."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial

from coordination.bell import Bell
from coordination.errors import AcquireTimeout, OutcomeUnknown, StoreUnavailable
from coordination.pooling.ownership import Ownership
from coordination.pooling.tenancy import Tenancy
from coordination.runtime import Runtime, Signal
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN


async def obtain(runtime: Runtime, tenancy: Tenancy, bound: Deadline | None = None) -> Ownership | None:
    """Any free unit, in no order; None if there is none after one pass over all of them.

    With a bound no request takes longer than is left of it, except for one try.
    """
    seen = await tenancy.view.glance(runtime, tenancy.request(bound))
    for unit in shuffled(seen.free):
        ownership = await tenancy.take(runtime, unit, None, bound)
        if ownership is not None:
            return ownership
    return None


async def wait_obtain(
    runtime: Runtime, tenancy: Tenancy, timeout: float | None, stop: Signal, stopped: Callable[[], bool]
) -> Ownership | None:
    """Wait for a free unit; None if it was stopped. `AcquireTimeout` when the timeout is over.

    It rides out a store that cannot be reached, within the timeout.
    """
    bound, failures = Deadline(runtime.clock, timeout), 0
    taken = Bell(runtime, tenancy.keeping.store, tenancy.keys.owners, stop)
    defined = Bell(runtime, tenancy.keeping.store, tenancy.keys.definitions, stop)
    try:
        while not stopped():
            tenancy.keeping.demand()
            pause = LOOK_AGAIN * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
            try:
                ownership = await obtain(runtime, tenancy, bound)
                if ownership is not None:
                    return ownership
                if bound.passed:
                    message = f"every unit of pool {tenancy.pool!r} is taken, and the timeout is over"
                    raise AcquireTimeout(message)
                failures = 0
                if await _listening(runtime, tenancy.request(bound), taken, defined):
                    continue  # One may have become free before that.
            except (StoreUnavailable, OutcomeUnknown):
                if bound.passed:
                    raise
                pause = _after(failures)
                failures += 1
            await taken.wait(bound.left(pause))
        return None
    finally:
        taken.close()
        defined.close()


async def _listening(runtime: Runtime, timeout: float, *bells: Bell) -> bool:
    """Have all of them rung; whether that had not been done before."""
    new = [bell for bell in bells if not bell.listening]
    for bell in new:
        await runtime.call(partial(bell.listen, timeout))
    return bool(new)


async def claim(runtime: Runtime, tenancy: Tenancy, capacity: int) -> None:
    """Free units until we own so many, or none is free."""
    if len(tenancy.owned) >= capacity:
        return
    seen = await tenancy.view.glance(runtime, tenancy.request(None))
    for unit in shuffled(seen.free):
        if len(tenancy.owned) >= capacity:
            return
        await tenancy.take(runtime, unit, None)


def shuffled(units: Sequence[str]) -> list[str]:
    """In no order, so that many who look at once do not all want the same one."""
    return random.sample(units, len(units))


def _after(failures: int) -> float:
    """Seconds until the next try where the store is out of reach: at once, then longer and longer."""
    return min(1.0, 0.05 * 2 ** min(failures, 10)) * random.random() if failures else 0.0  # noqa: S311 - jitter
