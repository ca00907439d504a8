"""What every step of a call that waits goes by: the caller's bound, patience with the store, sleeping."""

from __future__ import annotations

import random

from coordination.errors import AcquireTimeout, OutcomeUnknown, StoreUnavailable
from coordination.runtime import Runtime, Signal
from coordination.sharing.keeping import Keeping
from coordination.sharing.waiter import Waiter
from coordination.timing import Deadline
from coordination.titles import title_of

LOOK_AGAIN = 5.0
"""Seconds, or up to a third less, after which the first waiter looks untold: watches lose events."""

REST = 60.0
"""Seconds after which any other looks whether it is the first by now."""

AFTER = 0.02
"""Seconds, at most, after an expiry that nobody tells of at which to look; not all at once."""


class Trying:
    """One call that acquires. `timeout` in seconds, None for ever."""

    __slots__ = (
        "_failures",
        "_folder",
        "_stumbles",
        "_timeout",
        "_ttl",
        "bound",
        "keeping",
        "runtime",
        "waiter",
    )

    def __init__(
        self, runtime: Runtime, keeping: Keeping, folder: str, ttl: float, timeout: float | None
    ) -> None:
        self.runtime = runtime
        self.keeping = keeping
        self.bound = Deadline(runtime.clock, timeout)
        self.waiter = Waiter()
        self._folder = folder
        self._ttl = ttl
        self._timeout = timeout
        self._failures = 0
        self._stumbles = 0

    def request(self) -> float:
        """What one request may take: within the caller's bound, and far below the ttl."""
        return self.bound.one_try(min(self.keeping.timeout, self._ttl / 3))

    def listen(self) -> Signal:
        """What it is woken by; made when it is needed, for most locks are free."""
        signal = self.waiter.signal
        if signal is None:
            signal = self.waiter.signal = self.runtime.signal()
        return signal

    def until_look(self, left: float | None) -> float:
        """Seconds until it is time to look untold, given when the one ahead expires."""
        luck = random.random()  # noqa: S311 - jitter, not a secret
        again = LOOK_AGAIN * (1 - luck / 3)
        return again if left is None else min(again, max(0.0, left) + AFTER * luck)

    async def sleep(self, seconds: float) -> bool:
        """Until something happens, so long at most; `AcquireTimeout` once the caller's time is over."""
        rung = await self.runtime.wait(self.listen(), self.bound.left(seconds))
        if not rung and self.bound.passed:
            raise self.too_late()
        return rung

    def left(self) -> float | None:
        """Seconds of the caller's time; None for ever."""
        return None if self._timeout is None else self.bound.left(self._timeout)

    def too_late(self) -> AcquireTimeout:
        """The caller's time is over."""
        return AcquireTimeout(f"{title_of(self._folder)} is held by another, and the timeout is over")

    async def ride_out(self, error: StoreUnavailable | OutcomeUnknown) -> None:
        """Raise it if the caller's time is over, else pause, longer each time."""
        if self.bound.passed:
            raise error
        self.keeping.demand()
        self._failures += 1
        await self._pause()

    async def _pause(self) -> None:
        longest = min(1.0, 0.05 * 2.0 ** min(self._failures + self._stumbles, 6))
        seconds = self.bound.left(longest * random.uniform(0.5, 1))  # noqa: S311 - jitter
        await self.runtime.wait(self.runtime.signal(), seconds)

    def answered(self) -> None:
        """The store is there."""
        self._failures = self._stumbles = 0

    def stumble(self) -> None:
        """The session was dead before its first use was answered: the store may be slower than the ttl."""
        self._stumbles += 1

    async def begin_anew(self) -> None:
        """Before another place: once more in any case, else within the caller's time, and not ever faster."""
        if self._stumbles == 1:
            return
        if self.bound.passed and self._stumbles:
            raise self.too_slow()
        if self.bound.passed:
            raise self.too_late()
        if self._stumbles:
            await self._pause()

    def too_slow(self) -> StoreUnavailable:
        """The store takes longer than the ttl."""
        return StoreUnavailable("the session ended before it could be used; nothing is left behind")

    def absent(self) -> StoreUnavailable:
        """A request did not come back."""
        return StoreUnavailable("the store, or a thread to ask it, was not there in time; try again")
