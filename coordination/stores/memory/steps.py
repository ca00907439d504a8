"""What every call on a memory store is: one atomic step among living sessions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from coordination.clock import Clock, default_clock
from coordination.errors import SessionLost, ValueTooLarge
from coordination.record import Record, Session
from coordination.store import Capabilities
from coordination.stores.memory.state import Change, State
from coordination.stores.memory.watch import Watch


class Steps:
    """The one mutex, what it guards, and the checks that the calls share."""

    capabilities = Capabilities()

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or default_clock()
        self._mutex = threading.Lock()
        self._state = State()
        self._watches: set[Watch] = set()

    @contextmanager
    def _step(self) -> Iterator[State]:
        """One atomic step among living sessions; whoever watches is told after it, outside the mutex."""
        changes: list[Change] = []
        try:
            with self._mutex:
                self._state.changes = changes
                self._state.expire(self._clock.now())
                yield self._state
        finally:
            for watch in list(self._watches) if changes else []:
                watch.tell(changes)

    def _created(self, state: State, key: str, value: bytes, session: Session) -> Record | None:
        self._check_alive(session)
        if key in state.records:
            return None
        index = state.next_index()
        state.put(Record(key, value, index, index, session.id))
        return self._shown(key)

    def _shown(self, key: str) -> Record:
        return self._state.shown(self._state.records[key], self._clock.now())

    def _check_alive(self, session: Session) -> None:
        if session.id not in self._state.sessions:
            raise SessionLost("the session is dead")

    def _check_size(self, value: bytes) -> None:
        largest = self.capabilities.largest_value
        if len(value) > largest:
            raise ValueTooLarge(f"a value may have {largest} bytes; this one has {len(value)}")
