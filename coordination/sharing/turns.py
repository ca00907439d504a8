"""A fair mutex for recipes: one at a time, in the order they came.

Whoever waits may be cancelled at any time, and the next one is woken all the same.
"""

from __future__ import annotations

import threading
from collections import deque

from coordination.runtime import Runtime, Signal


class _Ticket:
    __slots__ = ("called", "owner", "signal")

    def __init__(self, signal: Signal, owner: object) -> None:
        self.signal = signal
        self.owner = owner
        self.called = False


class Turns:
    """Not reentrant. Any thread or task may give the turn back; `owner` is only for `give_back`."""

    __slots__ = ("_mutex", "_owner", "_taken", "_waiting")

    def __init__(self) -> None:
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._waiting: deque[_Ticket] = deque()
        self._taken = False
        self._owner: object = None

    async def take(self, runtime: Runtime, timeout: float | None = None, owner: object = None) -> bool:
        """Wait for the turn, `timeout` seconds at most; False if it did not come."""
        if self.try_take(owner):
            return True
        ticket = _Ticket(runtime.signal(), owner)
        try:
            with self._mutex:
                if self.try_take(owner):
                    return True
                self._waiting.append(ticket)
            await runtime.wait(ticket.signal, timeout)
        except BaseException:
            if self._called(ticket):
                self.give()
            raise
        return self._called(ticket)

    def try_take(self, owner: object = None) -> bool:
        """Take it if it is free and nobody waits for it."""
        with self._mutex:
            if self._taken or self._waiting:
                return False
            self._taken, self._owner = True, owner
            return True

    def give(self) -> None:
        """Hand it to whoever has waited longest."""
        with self._mutex:
            if not self._waiting:
                self._taken, self._owner = False, None
                return
            ticket = self._waiting.popleft()
            ticket.called, self._owner = True, ticket.owner
        ticket.signal.set()

    def give_back(self, owner: object) -> None:
        """Give it if this owner has it: an interrupt may have struck where nobody else would."""
        with self._mutex:
            if self._taken and self._owner is owner:
                self.give()

    def _called(self, ticket: _Ticket) -> bool:
        """Wait no more; whether the turn had been handed over by then."""
        with self._mutex:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            return ticket.called
