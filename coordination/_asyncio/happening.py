"""The signal of asyncio: set on any thread, awaited on the loop."""

from __future__ import annotations

import asyncio

from coordination._asyncio.mailbox import Mailbox


class Happening:
    """A `Signal` that tasks of one event loop wait for."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._waiters: set[asyncio.Future[None]] = set()
        self.happened = False

    def set(self) -> None:
        """It happened. On any thread, also when the loop is closed; never blocks, never raises."""
        if not self.happened:
            self.happened = True
            self._mailbox.post(self._wake)

    def clear(self) -> None:
        """Forget that it happened."""
        self.happened = False

    async def within(self, seconds: float | None) -> None:
        """Wait until it happens, or so long; on the loop, which sees no change between look and wait."""
        if self.happened:
            return
        waiter = self._mailbox.loop.create_future()
        self._waiters.add(waiter)
        timer = None if seconds is None else self._mailbox.loop.call_later(seconds, _end, waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self.happened:  # It may have been cleared since.
            for waiter in self._waiters:
                _end(waiter)


def _end(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
