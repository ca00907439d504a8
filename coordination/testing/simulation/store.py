"""The simulated store.

It is the memory store on true time, with sessions that are numbered, so that a schedule runs
the same way twice, and which tells watchers of expired records at the moment they expire.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from coordination.record import Record, Session
from coordination.store import Capabilities
from coordination.stores.memory import MemoryStore
from coordination.stores.memory.state import Live, State
from coordination.stores.memory.watch import Watch

if TYPE_CHECKING:
    from coordination.testing.simulation.world import World


class Crashed(BaseException):
    """Raised in what is left of a client that crashed, wherever it tries to go on."""


class Watches(dict[Watch, None]):
    """A set of watches that are always told in the same order."""

    add = dict.setdefault

    def discard(self, watch: Watch) -> None:
        """Take it out, if it is there."""
        self.pop(watch, None)


class Step:
    """One atomic step of a world without threads: what has expired goes first, who watches is told last."""

    __slots__ = ("_state", "_watches", "_world")

    def __init__(self, state: State, watches: Watches, world: World) -> None:
        self._state = state
        self._watches = watches
        self._world = world

    def __enter__(self) -> State:
        state, now = self._state, self._world.now
        state.changes = []
        for live in state.sessions.values():
            if live.expires_at <= now:
                state.expire(now)
                break
        return state

    def __exit__(self, *error: object) -> None:
        changes = self._state.changes
        if changes:
            for watch in tuple(self._watches):
                watch.tell(changes)


class SimulatedStore(MemoryStore):
    """A memory store in a simulated world."""

    capabilities = Capabilities(notices_expiry=True)
    hidden: frozenset[str] = frozenset()
    """Calls that it has and does not offer."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        watches = Watches()
        self._watches = cast("set[Watch]", watches)
        self._one_step = Step(self._state, watches, world)
        self._world = world
        self._opened = 0

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """Start a numbered session, and look at it when it would expire."""
        self._opened += 1
        session = Session(f"{self._opened:016x}", ttl)
        expires_at = self._clock.now() + ttl
        with self._step() as state:
            state.sessions[session.id] = Live(ttl, expires_at)
        self._world.at(expires_at, partial(self._look, session.id))
        return session

    def _step(self) -> Step:  # type: ignore[override]  # as good, and a good deal faster
        return self._one_step

    # For invariants: what is there at this moment. These are no requests.

    @property
    def index(self) -> int:
        """The number of the last change."""
        return self._state._last_index

    def there(self, key: str, created: int) -> bool:
        """Whether this very record is alive."""
        record = self._state.records.get(key)
        return record is not None and record.created == created and self._lives(record)

    def found(self, key: str) -> Record | None:
        """The record of this key, if it is alive."""
        record = self._state.records.get(key)
        return record if record is not None and self._lives(record) else None

    def alive(self) -> list[str]:
        """The ids of the sessions that live."""
        now = self._clock.now()
        return [session for session, live in self._state.sessions.items() if now < live.expires_at]

    def put(self, key: str, value: bytes) -> None:
        """Have this datum there from the beginning."""
        state = self._state
        index = state.next_index()
        state.put(Record(key, value, index, index, None))

    def under(self, prefix: str) -> list[Record]:
        """The living records whose keys start so, in the order of their creation."""
        found = [it for it in self._state.records.values() if it.key.startswith(prefix) and self._lives(it)]
        return sorted(found, key=_created) if len(found) > 1 else found

    def _lives(self, record: Record) -> bool:
        live = self._state.sessions.get(record.session or "")
        return record.session is None or (live is not None and self._clock.now() < live.expires_at)

    def _look(self, session: str) -> None:
        """Come back when it expires, again and again as long as it is renewed; then it is gone."""
        with self._step() as state:
            live = state.sessions.get(session)
        if live is not None:
            self._world.at(live.expires_at, partial(self._look, session))


def _created(record: Record) -> int:
    return record.created


class PlainStore(SimulatedStore):
    """A simulated store with the contract's calls and nothing else, and that tells of no expiry."""

    capabilities = Capabilities()
    hidden = frozenset(
        {"enter", "standing", "departures", "prove", "replace_all", "renew_sessions", "commit"}
    )

    def _look(self, session: str) -> None:
        """Nobody looks when it would expire: that is noticed by the next request."""


class GuardedStore(PlainStore):
    """A plain store with guarded writes, which all real ones have."""

    hidden = PlainStore.hidden - {"commit"}
