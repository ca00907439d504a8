"""The threads of a manager: heartbeat, janitor, worker, watchdog, notifier; and giving them work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from coordination._blocking import BlockingRuntime
from coordination.clock import Clock
from coordination.heartbeat import Heartbeat
from coordination.hooks import Events
from coordination.notifier import Notifier
from coordination.process import Home
from coordination.runtime import run
from coordination.sharing.keeping import Job, Watched
from coordination.watchdog import Watchdog


class Background:
    """Each thread is started when it is first needed. What of it shared sessions use is `sharing.Keeping`."""

    def __init__(self, clock: Clock, events: Events) -> None:
        self.home = Home()
        self.clock = clock
        self.events = events
        self.runtime = BlockingRuntime(clock)
        self.notifier = Notifier(events)
        self.heartbeat = Heartbeat(clock, events)
        self.janitor = Heartbeat(clock, events, "coordination-janitor")
        self.worker = Heartbeat(clock, events, "coordination-worker")
        self.watchdog = Watchdog(clock, self.notifier)

    def beat_at(self, due: float, job: Job) -> None:
        """Run it on the heartbeat."""
        self.heartbeat.at(due, partial(self._run, job))

    def clean_at(self, due: float, job: Job) -> None:
        """Run it on the janitor."""
        self.janitor.at(due, partial(self._run, job))

    def work_at(self, due: float, job: Job) -> None:
        """Run it on the worker: what looks at much, or waits for others."""
        self.worker.at(due, partial(self._run, job))

    def guard(self, watched: Watched) -> None:
        """Have the watchdog look at it; the heartbeat has to run as well."""
        self.heartbeat.start()
        self.watchdog.add(watched)

    def unguard(self, watched: Watched) -> None:
        """The watchdog need not look any more."""
        self.watchdog.remove(watched)

    def tell(self, call: Callable[[], object]) -> None:
        """Run a callback of the user."""
        self.notifier.run(call)

    def note(self, event: str, **fields: Any) -> None:
        """Have an event logged, at the level for debugging."""
        self.events.debug(event, **fields)

    def warn(self, event: str, **fields: Any) -> None:
        """Have an event logged."""
        self.notifier.warning(event, **fields)

    def _run(self, job: Job) -> float | None:
        return run(job(self.runtime))
