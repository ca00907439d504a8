"""A memory store that is like Consul in what makes losses hard: it keeps what it granted for longer."""

from __future__ import annotations

from dataclasses import replace

from coordination.errors import ConfigurationError
from coordination.record import Session
from coordination.stores.memory import MemoryStore
from coordination.stores.memory.state import State
from coordination.testing import FakeClock
from tests.leases.world import World

TWICE = 2.0
"""How much later than granted a session may expire."""


class Lingering(MemoryStore):
    """Sessions die after twice their ttl; strangers may write over a record, which stays on its session."""

    def __init__(self, clock: FakeClock, shortest: float = 0.0) -> None:
        super().__init__(clock)
        self.clock = clock
        self.shortest = shortest
        """Seconds below which it grants no ttl."""

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        if ttl < self.shortest:
            raise ConfigurationError(f"the period must be between {self.shortest} s and a day")
        made = super().open_session(TWICE * ttl, timeout=timeout)
        return Session(made.id, ttl)

    def overwrite(self, key: str, value: bytes) -> None:
        """A stranger's plain write: the session stays on the record."""
        with self._step() as state:
            state.put(replace(state.records[key], value=value, index=state.next_index()))

    def _renewed(self, state: State, session: Session) -> Session | None:
        renewed = super()._renewed(state, session)
        return None if renewed is None else Session(session.id, renewed.ttl / TWICE)


def lingering(store: Lingering) -> World:
    """A world on such a store."""

    def stored() -> list[str]:
        store.list("", timeout=5.0)  # Expiry is judged at each call.
        return [*store._state.records, *store._state.sessions]

    return World(store.clock, lambda: store, stored)
