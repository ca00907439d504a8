"""What leases need of a manager besides: the real `Keeper`, with stand-ins for its threads."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, cast

from coordination.beat import Beat
from coordination.belief import Belief
from coordination.heartbeat import Heartbeat
from coordination.hooks import Events
from coordination.keeper import Keeper
from coordination.noticing import Subscribing
from coordination.notifier import Notifier
from coordination.registry import Registry
from coordination.rounds import Rounds
from coordination.runtime import Runtime
from coordination.sharing.keeping import Watched
from coordination.testing.simulation.keeping import SimulatedKeeping, Thread
from coordination.watchdog import Watchdog

if TYPE_CHECKING:
    from coordination._blocking import BlockingRuntime
    from coordination.heartbeat import Job
    from coordination.testing.simulation.client import Client


async def _as_step(job: Job, runtime: Runtime) -> float | None:
    """A job of a real heartbeat blocks, so it is one step, of as many requests as it makes."""
    return await runtime.call(job)


class Jobs:
    """Stands for a `Heartbeat`."""

    def __init__(self, thread: Thread) -> None:
        self._thread = thread

    def start(self) -> None:
        """It runs."""

    def at(self, due: float, job: Job, *, spare: bool = False) -> None:
        """Run it then, after what was due before."""
        self._thread.at(due, partial(_as_step, job))

    def close(self) -> None:
        """Run nothing more."""
        self._thread.closed = True


class Dog:
    """Stands for the `Watchdog`: every lease is looked at when it would be overdue."""

    def __init__(self, keeping: SimulatedKeeping) -> None:
        self.add = keeping.guard
        self.remove = keeping.unguard
        self._keeping = keeping

    def start(self) -> None:
        """It runs."""

    def watched(self) -> list[Watched]:
        """What is under watch."""
        return self._keeping.guarded

    def close(self) -> None:
        """It tells of nothing any more: what was watched is lost."""


class Telling:
    """Stands for `Events` and for the `Notifier`: events go into the story of a schedule that is replayed."""

    def __init__(self, keeping: SimulatedKeeping) -> None:
        self.run = keeping.tell
        self.debug = self.info = self.warning = keeping.warn

    def finish(self, timeout: float) -> None:
        """Everything is told already."""


class SimulatedKeeper(SimulatedKeeping, Keeper):
    """One client's manager with all its parts, none of which has a thread."""

    def __init__(self, client: Client, *, namespace: str = "", timeout: float = 5.0) -> None:
        # Not the keeper's own: that would start threads when they are needed, and close at exit.
        SimulatedKeeping.__init__(self, client, namespace=namespace, timeout=timeout)
        self.stall_after = None
        self.runtime = cast("BlockingRuntime", client.runtime)
        telling = Telling(self)
        self.events, self.notifier = cast(Events, telling), cast(Notifier, telling)
        self.heartbeat, self.janitor, self.worker = (
            cast(Heartbeat, Jobs(thread)) for thread in (self._heartbeat, self._janitor, self._worker)
        )
        self.watchdog = cast(Watchdog, Dog(self))
        self._mutex = threading.RLock()
        self._beats: dict[Belief, Beat] = {}
        self.registry = Registry(client.store, client.clock, self.later)
        self.rounds = Rounds(self)
        self.subscribing = Subscribing(self)

    def close(self) -> None:
        """As the manager does."""
        Keeper.close(self)
