"""One manager's shared sessions without its threads: a test runs the jobs itself, on a fake clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination._blocking import BlockingRuntime
from coordination.clock import Clock
from coordination.errors import ConfigurationError
from coordination.process import Home
from coordination.recipes.lock import Acquisition
from coordination.record import Record
from coordination.runtime import run
from coordination.sharing.keeping import Job, Watched
from coordination.sharing.place import Place
from coordination.sharing.session import Shared
from coordination.sharing.sharing import Sharing
from coordination.store import Capabilities, Store
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from coordination.timing import Deadline
from tests.leases.late import LateStore
from tests.sharing.stepping import Stepping, Task

TTL = 12.0
"""Seconds, of most sessions here."""

FAST_PATHS = ("enter", "standing", "departures", "prove")


class Remembering(MemoryStore):
    """Wants its keys to be used again, as etcd does."""

    capabilities = Capabilities(remembers_keys=True)


class Bench:
    """A `Keeping`, and what lives on it. `plain`: the store has none of the fast paths."""

    def __init__(
        self, inner: Store | None = None, clock: FakeClock | None = None, *, plain: bool = False
    ) -> None:
        self.fake = clock or FakeClock()
        self.clock: Clock = self.fake
        self.inner = inner or MemoryStore(self.clock)
        self.connection = LateStore(self.inner, self.clock)
        for name in FAST_PATHS if plain else ():
            delattr(self.connection, name)
        self.home = Home()
        self.namespace = ""
        self.timeout = 5.0
        self.closed = False
        self.beats: list[tuple[float, Job]] = []
        self.cleaning: list[tuple[float, Job]] = []
        self.working: list[tuple[float, Job]] = []
        self.told: list[Callable[[], object]] = []
        self.events: list[str] = []
        self.notes: list[str] = []
        self.guarded: list[Watched] = []
        self.runtime = Stepping(self.clock)
        self.blocking = BlockingRuntime(self.clock)
        self.sharing = Sharing(self)

    def beside(self) -> Bench:
        """Another process on the same storage."""
        return Bench(self.inner, self.fake)

    # `Keeping`.

    @property
    def store(self) -> Store:
        return self.connection

    def demand(self) -> None:
        if self.closed:
            raise ConfigurationError("closed")

    def patience(self, ttl: float) -> float:
        return ttl / 4

    def beat_at(self, due: float, job: Job) -> None:
        self.beats.append((due, job))

    def clean_at(self, due: float, job: Job) -> None:
        self.cleaning.append((due, job))

    def work_at(self, due: float, job: Job) -> None:
        self.working.append((due, job))

    def guard(self, watched: Watched) -> None:
        self.guarded.append(watched)

    def unguard(self, watched: Watched) -> None:
        if watched in self.guarded:
            self.guarded.remove(watched)

    def tell(self, call: Callable[[], object]) -> None:
        self.told.append(call)

    def note(self, event: str, **fields: Any) -> None:
        self.notes.append(event)

    def warn(self, event: str, **fields: Any) -> None:
        self.events.append(event)

    # What a test does with it.

    def let_pass(self, seconds: float) -> None:
        """Time passes, for everybody on this storage."""
        self.fake.advance(seconds)

    def beat(self) -> int:
        """Do what is due on the heartbeat; how many jobs that were."""
        return self._do(self.beats)

    def clean(self) -> int:
        """Do what is due on the janitor."""
        return self._do(self.cleaning)

    def _do(self, jobs: list[tuple[float, Job]]) -> int:
        due = [entry for entry in jobs if entry[0] <= self.clock.now()]
        for entry in due:
            jobs.remove(entry)
            again = run(entry[1](self.blocking))
            if again is not None:
                jobs.append((again, entry[1]))
        return len(due)

    def shared(self, ttl: float = TTL) -> Shared:
        """The shared session, opened now if it is not there."""
        bound = Deadline(self.clock, None)
        return run(self.sharing.session(self.blocking, ttl, bound, self.timeout))

    def prove(self, shared: Shared | None = None) -> float | None:
        """One beat, now."""
        return run((shared or self.shared()).beating.run(self.blocking))

    def acquisition(self, name: str = "a", timeout: float | None = None, ttl: float = TTL) -> Acquisition:
        """A call that acquires, not begun."""
        return Acquisition(self.runtime, self.sharing, folder(name), ttl, lambda: b"{}", timeout)

    def acquiring(self, name: str = "a", timeout: float | None = None, ttl: float = TTL) -> Task[Place]:
        """A call that acquires, and waits if it has to."""
        return Task(self.acquisition(name, timeout, ttl).wait())

    def held(self, name: str = "a", ttl: float = TTL) -> Place:
        """A lock that is free, acquired."""
        return self.acquiring(name, ttl=ttl).to_the_end()

    def stored(self, name: str = "a") -> list[str]:
        """The keys in a queue, in its order, seen by a healthy connection."""
        found = self.inner.list(folder(name), timeout=5.0)
        return [record.key for record in sorted(found, key=lambda it: it.created)]

    def record(self, key: str) -> Record | None:
        """What is stored, seen by a healthy connection."""
        return self.inner.read(key, timeout=5.0)

    def remove(self, key: str) -> None:
        """A stranger deletes it."""
        record = self.record(key)
        assert record is not None
        assert self.inner.delete(key, record.index, timeout=5.0)


def folder(name: str) -> str:
    """The queue of a lock."""
    return f"/locks/{name}/"
