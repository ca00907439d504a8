"""The runtime of asyncio: requests on a small pool of threads, waiting on the event loop.

Stores block, so each single request goes to one of four daemon threads, or to the lane of those that
give something back, which must not queue up behind requests that hang. Neither is shared with
renewals: a heartbeat has a thread of its own, and a blocked loop loses no lease. Waiting takes no
thread, so a thousand tasks may wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from coordination._asyncio.happening import Happening
from coordination._asyncio.lane import Lane
from coordination._asyncio.mailbox import Mailbox
from coordination._asyncio.request import Request
from coordination.clock import Clock, SystemClock
from coordination.errors import ConfigurationError
from coordination.process import Home
from coordination.runtime import Signal
from coordination.timing import Deadline

Result = TypeVar("Result")

REQUESTS = 4
"""Threads for requests, at most."""

LEAVING = 2
"""Threads, besides, for requests that give something back."""

NAP = 60.0
"""Seconds after which a wait looks at the clock again: it may count what the loop's timers do not."""

GLANCE = 0.002
"""The same, times the number of waiting tasks, on a clock that is moved by hand."""

GLANCE_AT_MOST = 0.1


class AsyncioRuntime:
    """A `Runtime` for the tasks of one event loop: the first that uses it, until that is closed.

    Used on another loop at the same time, or in a child of fork, it raises `ConfigurationError`.
    `forsaken` is called when another loop takes over from one that was closed, whoever waited there.
    """

    def __init__(self, clock: Clock, forsaken: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._forsaken = forsaken
        self._home = Home()
        self._mailbox: Mailbox | None = None
        self._requests = Lane("coordination-asyncio", REQUESTS)
        self._leaving = Lane("coordination-asyncio-leaving", LEAVING)
        self._waiting = 0

    @property
    def clock(self) -> Clock:
        """What time is kept on."""
        return self._clock

    def signal(self) -> Signal:
        """A new one, not set; tasks of this loop may wait for it."""
        return Happening(self._here())

    async def wait(self, signal: Signal, timeout: float | None) -> bool:
        """Wait until it is set, `timeout` seconds at most (None: for ever); whether it is. It stays set."""
        if not isinstance(signal, Happening):
            raise TypeError(f"{signal!r} is a signal of another runtime")
        bound = Deadline(self._clock, timeout)
        self._waiting += 1
        try:
            while not signal.happened and not bound.passed:
                await signal.within(bound.left(self._nap()))
        finally:
            self._waiting -= 1
        return signal.happened

    async def call(self, step: Callable[[], Result], *, leaving: bool = False) -> Result:
        """Run one bounded, blocking request on a thread. `leaving`: on those for giving back.

        When the caller is cancelled, this raises at once, and a request that has begun goes on: whoever
        wrote `step` has to see to what it still brings about. One that has not is never made, unless
        it is `leaving`.
        """
        request = Request(self._here(), step, leaving=leaving)
        (self._leaving if leaving else self._requests).put(request.run)
        return await request.future

    def demand(self) -> None:
        """Refuse to work on another event loop, on none, or in a child of fork."""
        self._here()

    def later(self, step: Callable[[], object]) -> None:
        """Run something `leaving` that nobody waits for; from any thread. It must not raise."""
        self._leaving.put(step)

    def tell(self, call: Callable[[], object]) -> bool:
        """Run `call` on the loop soon; from any thread. False if the loop is closed, so it never will."""
        return self._mailbox is not None and self._mailbox.post(call)

    async def drained(self, timeout: float) -> None:
        """Wait, so many seconds at most, until no request is under way or waiting for its turn."""
        await self._until(lambda: self._requests.idle and self._leaving.idle, timeout)

    async def close(self, timeout: float) -> None:
        """Take no more requests and end the threads; those that hang longer than this end by themselves."""
        self._requests.close()
        self._leaving.close()
        await self._until(lambda: not self._requests.alive and not self._leaving.alive, timeout)

    async def _until(self, condition: Callable[[], bool], timeout: float) -> None:
        """In real time: it is threads that are waited for."""
        bound = Deadline(SystemClock(), timeout)
        while not condition() and not bound.passed:  # noqa: ASYNC110 - a thread that ends tells nobody
            await asyncio.sleep(GLANCE)

    def _nap(self) -> float:
        if isinstance(self._clock, SystemClock):
            return NAP
        return min(GLANCE * self._waiting, GLANCE_AT_MOST)

    def _here(self) -> Mailbox:
        """The way to the running loop, which has to be ours."""
        if not self._home.here:
            raise ConfigurationError(
                f"this manager belongs to process {self._home.pid}; call connect() in this process"
            )
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise ConfigurationError(
                "no event loop is running; the blocking face is coordination.connect"
            ) from None
        mailbox = self._mailbox
        if mailbox is not None and mailbox.loop is loop:
            return mailbox
        if mailbox is not None and not mailbox.loop.is_closed():
            raise ConfigurationError(
                "this manager is in use on another event loop; call connect() on this one"
            )
        self._mailbox = Mailbox(loop)
        if mailbox is not None:
            self._forsaken()
        return self._mailbox
