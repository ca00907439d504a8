"""How other threads reach an event loop: many calls for one wake-up, and silence once it is closed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Mailbox:
    """Runs what any thread posts on one event loop, in its order."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._posted: deque[Callable[[], object]] = deque()
        self._woken = False

    def post(self, call: Callable[[], object]) -> bool:
        """Run `call` on the loop soon; False if it never will, because the loop is closed. Never raises."""
        self._posted.append(call)
        if self._woken and not self.loop.is_closed():  # Closed, it may have been woken in vain.
            return True
        self._woken = True
        try:
            self.loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:  # The loop is closed.
            self._posted.clear()
            self._woken = False
            return False
        return True

    def _deliver(self) -> None:
        # Before looking, so that whoever posts after the last look wakes the loop again.
        self._woken = False
        for _ in range(len(self._posted)):
            try:
                self._posted.popleft()()
            except BaseException:
                if self._posted:  # One that raises must not cost the others their turn.
                    self.loop.call_soon(self._deliver)
                raise
