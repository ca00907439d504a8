"""Waiting for a name to become free, and watching who holds it: loops over single steps of a manager.

Both are level-triggered: a notification only says "look again", and without one they look again by
themselves when the record should have expired and every few seconds besides, because watches lose
events.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from coordination.clock import Clock
from coordination.errors import AcquireTimeout, LeaseCorrupt, OutcomeUnknown, StoreUnavailable
from coordination.record import Record, name_of
from coordination.store import Store, Subscription
from coordination.timing import Deadline

if TYPE_CHECKING:
    from coordination.lease import Lease

LOOK_AGAIN = 2.0
"""Seconds after which a waiter looks again though nothing told it to, at most."""

ONE_TRY = 0.25
"""Seconds that a single try may take even when no time is left for waiting."""

Result = TypeVar("Result")


class Bell:
    """A subscription to one key that a waiting thread can wait on; `ring` wakes it."""

    def __init__(self, store: Store, clock: Clock, key: str, timeout: float) -> None:
        self._rung = threading.Event()
        self._clock = clock
        self._key = key
        self._subscription: Subscription = store.watch(key, 0, self._ring, timeout=timeout)

    def _ring(self, key: str, index: int) -> None:
        if key == self._key:
            self._rung.set()

    def wait(self, pause: float) -> None:
        """Wait until it rings, at most `pause` seconds."""
        self._clock.wait(self._rung, pause)
        self._rung.clear()

    def close(self) -> None:
        """Listen no more."""
        self._subscription.close()


def wait_for(
    store: Store,
    clock: Clock,
    key: str,
    attempt: Callable[[float], Lease | None],
    timeout: float | None,
    request: float,
) -> Lease:
    """Try until `attempt` answers a lease; rides out a store that cannot be reached, within `timeout`.

    Each request is bounded by `request` seconds and by what is left of `timeout`.
    """
    bound = Deadline(clock, timeout)
    bell: Bell | None = None

    def within() -> float:
        return min(request, max(ONE_TRY, bound.left(request)))

    try:
        while True:
            lease = patiently(clock, bound, lambda: attempt(within()))
            if lease is not None:
                return lease
            if bound.passed:
                message = f"lease {name_of(key)!r} is held by another, and the timeout is over"
                raise AcquireTimeout(message)
            if bell is None:
                bell = patiently(clock, bound, lambda: Bell(store, clock, key, within()))
            pause = patiently(clock, bound, lambda: _until_free(store, key, within()))
            bell.wait(bound.left(pause))
    finally:
        if bell is not None:
            bell.close()


def patiently(clock: Clock, bound: Deadline, call: Callable[[], Result]) -> Result:
    """Call it; while the store is out of reach, call again with growing, jittered pauses."""
    try:
        return call()
    except (StoreUnavailable, OutcomeUnknown):
        if bound.passed:
            raise
    import tenacity

    never = threading.Event()

    def pause(seconds: float) -> None:
        clock.wait(never, bound.left(seconds))

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((StoreUnavailable, OutcomeUnknown)),
        wait=tenacity.wait_random_exponential(multiplier=0.05, max=1.0),
        stop=lambda retry_state: bound.passed,  # noqa: ARG005 - tenacity 6 goes by this name
        sleep=pause,
        reraise=True,
    )
    return retrying(call)


def _until_free(store: Store, key: str, request: float) -> float:
    """Seconds until it is worth trying again without being told."""
    try:
        record = store.read(key, timeout=request)
    except LeaseCorrupt:
        return LOOK_AGAIN / 4
    if record is None:
        return 0.01 * random.random()  # noqa: S311 - free by now, or in dispute; try again, not all at once
    jitter = random.uniform(0.001, 0.02)  # noqa: S311 - so that waiters do not all knock at once
    return min(LOOK_AGAIN, max(0.0, _left(record)) + jitter)


def _left(record: Record) -> float:
    return LOOK_AGAIN if record.time_left is None else record.time_left


def changes(
    subscribe: Callable[[], Bell], look: Callable[[], Lease | None], bound: Deadline
) -> Iterator[Lease | None]:
    """The state now, then each new state, until the bound has passed."""
    seen: tuple[int, int] | None = None
    first = True
    bell = subscribe()  # only now, so that a generator nobody starts leaves nothing behind
    try:
        while True:
            lease = look()
            state = None if lease is None else (lease.token, lease.index)
            if first or state != seen:
                yield lease
            first, seen = False, state
            if bound.passed:
                return
            pause = LOOK_AGAIN if lease is None else min(LOOK_AGAIN, lease.time_remaining + 0.01)
            bell.wait(bound.left(max(0.01, pause)))
    finally:
        bell.close()
