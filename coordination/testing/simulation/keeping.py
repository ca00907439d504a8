"""What shared sessions need of a manager, without its threads: the simulator's `sharing.keeping.Keeping`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from coordination.clock import Clock
from coordination.errors import ConfigurationError, StoreError
from coordination.process import Home
from coordination.sharing.keeping import Job, Watched
from coordination.sharing.sharing import Sharing
from coordination.store import Store

if TYPE_CHECKING:
    from coordination.testing.simulation.client import Client


class Here(Home):
    """A process that never forks."""

    __slots__ = ()

    @property
    def here(self) -> bool:
        """Always."""
        return True


HOME = Here()


class Thread:
    """Stands for a thread of the manager: does its jobs one after the other."""

    __slots__ = ("_busy", "_client", "_due", "closed")

    def __init__(self, client: Client) -> None:
        self._client = client
        self._due: deque[Job] = deque()
        self._busy = False
        self.closed = False

    def at(self, due: float, job: Job) -> None:
        """Do it then, or when what was due before is done."""
        client = self._client
        if due > client.clock.now():
            client.world.at(client.clock.true(due), partial(self._add, job))
        else:
            self._add(job)

    def _add(self, job: Job) -> None:
        if self.closed:
            return
        self._due.append(job)
        if not self._busy and not self._client.crashed:
            self._busy = True
            self._client.background(self._work())

    async def _work(self) -> None:
        while self._due and not self.closed:
            again = await self._done(self._due[0])
            job = self._due.popleft()
            if again is not None:
                self.at(again, job)
        self._busy = False

    async def _done(self, job: Job) -> float | None:
        runtime = self._client.runtime
        try:
            return await job(runtime)
        except StoreError:  # As the manager's threads do it: its own errors never end them.
            return runtime.clock.now() + 1.0


class SimulatedKeeping:
    """The clock, the store and the stand-ins for the threads of one client's manager."""

    def __init__(self, client: Client, *, namespace: str = "", timeout: float = 5.0) -> None:
        self.clock: Clock = client.clock
        self.home: Home = HOME
        self.namespace = namespace
        self.timeout = timeout
        self.closing = False
        self.closed = False
        self._client = client
        self._heartbeat = Thread(client)
        self._janitor = Thread(client)
        self._worker = Thread(client)
        self._guarded: dict[Watched, None] = {}
        self.sharing = Sharing(self)

    @property
    def store(self) -> Store:
        """The client's line to it."""
        return self._client.store

    def demand(self) -> None:
        """Refuse to work after the end."""
        if self.closing:
            raise ConfigurationError("this manager is closed")

    def close(self) -> None:
        """End the sessions and what is on them, as the manager does; one request for each."""
        self.closing = True
        self.sharing.close(self.timeout)
        self.closed = True
        for thread in (self._heartbeat, self._janitor, self._worker):
            thread.closed = True

    def patience(self, ttl: float) -> float:
        """Seconds that one request of a beat may take."""
        return min(self.timeout, ttl / 4)

    def beat_at(self, due: float, job: Job) -> None:
        """Run it on the heartbeat."""
        self._heartbeat.at(due, job)

    def clean_at(self, due: float, job: Job) -> None:
        """Run it on the janitor."""
        self._janitor.at(due, job)

    def work_at(self, due: float, job: Job) -> None:
        """Run it on the worker."""
        self._worker.at(due, job)

    def guard(self, watched: Watched) -> None:
        """Lose it when it is overdue."""
        self._guarded[watched] = None
        self._client.at(watched.overdue_at, partial(self._look, watched))

    def unguard(self, watched: Watched) -> None:
        """It is over."""
        self._guarded.pop(watched, None)

    @property
    def guarded(self) -> list[Watched]:
        """What would be lost when it is overdue."""
        return list(self._guarded)

    def tell(self, call: Callable[[], object]) -> None:
        """Run a callback as a turn of its own."""
        self._client.soon(call)

    def note(self, event: str, **fields: Any) -> None:
        """Tell of it in the story of a schedule that is replayed."""
        self.warn(event, **fields)

    def warn(self, event: str, **fields: Any) -> None:
        """Tell of it in the story of a schedule that is replayed."""
        world = self._client.world
        if world.story is not None:
            world.tell(f"{self._client}: {event} {fields}")

    def _look(self, watched: Watched) -> None:
        if watched in self._guarded and watched.lost is None:
            self._client.at(watched.overdue_at, partial(self._look, watched))
