"""Waiting for a name to become free, written once for both faces: a loop over single steps.

It is level-triggered: a notification only says "look again", and without one it looks again by
itself when the record should have expired and every few seconds besides, because watches lose events.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from coordination.bell import Bell
from coordination.errors import AcquireTimeout, LeaseCorrupt, OutcomeUnknown, StoreUnavailable
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.store import Store
from coordination.timing import Deadline
from coordination.titles import title_of

if TYPE_CHECKING:
    from coordination.lease import Lease

LOOK_AGAIN = 2.0
"""Seconds after which a waiter looks again though nothing told it to, at most."""

Result = TypeVar("Result")

Attempt = Callable[[float], "Lease | None"]
"""One try at acquiring, within so many seconds; None if the name is held."""


async def wait_for(
    runtime: Runtime,
    store: Store,
    key: str,
    attempt: Attempt,
    timeout: float | None,
    request: float,
    demand: Callable[[], None],
) -> Lease:
    """Try until `attempt` answers a lease; rides out a store that cannot be reached, within `timeout`.

    Each request is bounded by `request` seconds and by what is left of `timeout`; before each of them
    `demand` may raise, because the manager is closed.
    """
    bound = Deadline(runtime.clock, timeout)
    bell = Bell(runtime, store, key)

    async def asked(call: Callable[[float], Result]) -> Result:
        """Each retry asks first whether there is anybody left to wait for it."""

        def step() -> Result:
            demand()
            return call(bound.one_try(request))

        return await patiently(runtime, bound, step)

    # Where nobody tells of an expiry, only a try finds out. A try may cost the store writes.
    blind = not store.capabilities.notices_expiry
    refusals = 0
    try:
        while True:
            lease = await asked(attempt)
            if lease is not None:
                return lease
            worth_it = False
            while not worth_it and not bound.passed:
                if not bell.listening:
                    await asked(bell.listen)
                held_for = await asked(lambda left: _until_free(store, key, left))
                refusals = refusals + 1 if held_for is None else 0
                await bell.wait(bound.left(_disputed(refusals) if held_for is None else held_for))
                worth_it = blind or held_for is None
            if bound.passed and not worth_it:
                message = f"{title_of(key)} is held by another, and the timeout is over"
                raise AcquireTimeout(message)
    finally:
        bell.close()


async def patiently(runtime: Runtime, bound: Deadline, step: Callable[[], Result]) -> Result:
    """Call it; while the store is out of reach, call again: at once, then with growing, jittered pauses."""
    longest = 0.0
    while True:
        try:
            return await runtime.call(step)
        except (StoreUnavailable, OutcomeUnknown):
            if bound.passed:
                raise
        if longest:
            pause = random.uniform(0.0, longest)  # noqa: S311 - jitter, not a secret
            await runtime.wait(runtime.signal(), bound.left(pause))
        longest = min(1.0, 2 * longest or 0.05)


def _disputed(refusals: int) -> float:
    """Seconds to wait although the name is free: tries fail all the same, so make fewer, at other times."""
    if refusals <= 1:
        return 0.0
    return min(LOOK_AGAIN, 0.01 * 2.0 ** min(refusals, 10)) * random.random()  # noqa: S311 - jitter


def _until_free(store: Store, key: str, request: float) -> float | None:
    """Seconds until it is worth looking again without being told; None if the name is free."""
    try:
        record = store.read(key, timeout=request)
    except LeaseCorrupt:
        return LOOK_AGAIN / 4
    if record is None:
        return None
    jitter = random.uniform(0.001, 0.02)  # noqa: S311 - so that waiters do not all knock at once
    return min(LOOK_AGAIN, max(0.0, _left(record)) + jitter)


def _left(record: Record) -> float:
    return LOOK_AGAIN if record.time_left is None else record.time_left
