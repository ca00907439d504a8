"""The memory store: the contract in its most readable form, for tests and for reading.

Everything happens under one mutex, so every call is atomic. Expiry is judged lazily, against the
clock the store was given, at the beginning of every call. It belongs to one process: after a fork
the child has a copy that nobody else sees, which is why managers refuse to work there.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from coordination.errors import SessionLost, StoreError
from coordination.record import Guard, Record, Session
from coordination.store import Conditions, Notify, Subscription, Swap, Swapped
from coordination.stores.memory.contending import Contending
from coordination.stores.memory.state import Live, State
from coordination.stores.memory.watch import Watch


class MemoryStore(Contending):
    """A `Store` in this process's memory. Safe for any number of threads and managers."""

    # Sessions.

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """Start a session of exactly `ttl` seconds."""
        session = Session(secrets.token_hex(16), ttl)
        with self._step() as state:
            state.sessions[session.id] = Live(ttl, self._clock.now() + ttl)
        return session

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        """Start its ttl again; None if it is dead."""
        with self._step() as state:
            return self._renewed(state, session)

    def renew_sessions(
        self, sessions: Sequence[Session], *, timeout: float
    ) -> list[Session | StoreError | None]:
        """All of them in one step."""
        with self._step() as state:
            return [self._renewed(state, session) for session in sessions]

    def close_session(self, session: Session, *, timeout: float) -> None:
        """End it and remove its records."""
        with self._step() as state:
            state.kill(session.id)

    # Records.

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        """Write it if it is not there."""
        self._check_size(value)
        with self._step() as state:
            return self._created(state, key, value, session)

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """Write over it if it is still at `index`."""
        with self._step() as state:
            return self._replaced(state, Swap(key, value, session, index))

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        """All of them in one step."""
        with self._step() as state:
            return [self._answer(state, swap) for swap in swaps]

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """Remove it if it is still at `index`."""
        with self._step() as state:
            kept = state.records.get(key)
            if kept is None or kept.index != index:
                return False
            state.remove(key)
            return True

    def read(self, key: str, *, timeout: float) -> Record | None:
        """The live record."""
        with self._step() as state:
            return self._shown(key) if key in state.records else None

    def list(self, prefix: str, *, timeout: float) -> list[Record]:
        """The live records under `prefix`."""
        with self._step() as state:
            return [self._shown(key) for key in sorted(state.records) if key.startswith(prefix)]

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        """Apply the writes if the guard holds."""
        for value in puts.values():
            self._check_size(value)
        with self._step() as state:
            held = state.records.get(guard.key)
            if not guard.holds(held):
                return None
            index = state.next_index()
            for key, value in puts.items():
                before = state.records.get(key)
                created = index if before is None else before.created
                state.put(Record(key, value, created, index, None))
            for key in state.records.keys() & deletes:
                state.remove(key)
            return index

    # Watching, health, the end.

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        """Tell of changes under `prefix`; expiry is told when the next call comes upon it.

        Which keys were removed before the watch began is not kept: if any were, the prefix itself
        is told, since something under it may be gone.
        """
        watch = Watch(prefix, notify, self._watches)
        with self._step() as state:
            missed = [(key, record.index) for key, record in state.records.items() if record.index > after]
            if state.last_removal > after:
                missed.append((prefix, 0))
            self._watches.add(watch)
        watch.tell(missed)
        return watch

    def health(self, *, timeout: float) -> Conditions:
        """Nothing can be wrong with a dictionary."""
        return []

    def close(self) -> None:
        """Nothing to let go of: other managers may be using the same store."""

    def _renewed(self, state: State, session: Session) -> Session | None:
        live = state.sessions.get(session.id)
        if live is None:
            return None
        live.expires_at = self._clock.now() + live.ttl
        return Session(session.id, live.ttl)

    def _replaced(self, state: State, swap: Swap) -> Record | None:
        self._check_size(swap.value)
        self._check_alive(swap.session)
        kept = state.records.get(swap.key)
        if kept is None or kept.index != swap.index:
            return None
        state.put(Record(swap.key, swap.value, kept.created, state.next_index(), swap.session.id))
        return self._shown(swap.key)

    def _answer(self, state: State, swap: Swap) -> Swapped:
        try:
            return self._replaced(state, swap)
        except (StoreError, SessionLost) as error:
            return error
