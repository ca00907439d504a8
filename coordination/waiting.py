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
    demand: Callable[[], None],
) -> Lease:
    """Try until `attempt` answers a lease; rides out a store that cannot be reached, within `timeout`.

    Each request is bounded by `request` seconds and by what is left of `timeout`; before each of them
    `demand` may raise, because the manager is closed.
    """
    bound = Deadline(clock, timeout)
    bell: Bell | None = None

    def asked(call: Callable[[float], Result]) -> Result:
        """Each retry asks first whether there is anybody left to wait for it."""

        def step() -> Result:
            demand()
            return call(min(request, max(ONE_TRY, bound.left(request))))

        return patiently(clock, bound, step)

    # Where nobody tells of an expiry, only a try finds out. A try may cost the store writes.
    blind = not store.capabilities.notices_expiry
    refusals = 0
    try:
        while True:
            lease = asked(attempt)
            if lease is not None:
                return lease
            worth_it = False
            while not worth_it and not bound.passed:
                if bell is None:
                    bell = asked(lambda left: Bell(store, clock, key, left))
                held_for = asked(lambda left: _until_free(store, key, left))
                refusals = refusals + 1 if held_for is None else 0
                bell.wait(bound.left(_disputed(refusals) if held_for is None else held_for))
                worth_it = blind or held_for is None
            if bound.passed and not worth_it:
                message = f"lease {name_of(key)!r} is held by another, and the timeout is over"
                raise AcquireTimeout(message)
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


def _until_expired(lease: Lease) -> float:
    """Seconds until it is worth looking again; a store may keep a lease for longer than it need."""
    return min(LOOK_AGAIN, lease.time_remaining + 0.01) if lease.time_remaining > 0 else LOOK_AGAIN / 8


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
            bell.wait(bound.left(LOOK_AGAIN if lease is None else _until_expired(lease)))
    finally:
        bell.close()
