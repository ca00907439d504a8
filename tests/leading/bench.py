"""Managers beside each other on one memory store and one fake clock, each by a connection that can fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from coordination import Manager, connect
from coordination.leader import Leader
from coordination.recipes.leading.candidate import LEADERS
from coordination.record import Record, key_of
from coordination.stores.memory import MemoryStore
from coordination.term import Term
from coordination.testing import FakeClock, FaultyStore
from coordination.value import LeaseValue, decode

NAME = "scheduler"
KEY = key_of("", LEADERS, NAME)
TTL = 12.0
PATIENCE = 20.0
"""Real seconds to wait for what comes soon."""

LATE = 1.0
"""Seconds that pass after the last moment, no faster than real ones, for threads that had to stand still."""


def eventually(condition: Callable[[], object], what: str) -> None:
    """Fail unless it comes true soon, in real time."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"it never comes true: {what}"
        time.sleep(0.003)


class Bench:
    """The storage, and who leads there."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.memory = MemoryStore(self.clock)
        self._managers: list[Manager] = []

    def store(self) -> FaultyStore:
        """A connection of its own."""
        return FaultyStore(self.memory, self.clock)

    def manager(self, store: FaultyStore | None = None, machine_id: str = "m1") -> Manager:
        """Another process, closed with the bench."""
        manager = connect(store or self.store(), clock=self.clock, machine_id=machine_id)
        self._managers.append(manager)
        return manager

    def leader(self, store: FaultyStore | None = None, machine_id: str = "m1", **options: Any) -> Leader:
        """A candidate in a process of its own."""
        return self.manager(store, machine_id).leader(NAME, ttl=TTL, **options)

    def record(self) -> Record | None:
        """Who leads, as it is stored."""
        return self.memory.read(KEY, timeout=1.0)

    def value(self) -> LeaseValue:
        """What the record of whoever leads says."""
        record = self.record()
        assert record is not None, "nobody leads"
        return decode(record.value)

    def acknowledgements(self) -> list[Record]:
        """What victims have told."""
        return self.memory.list("/acks/", timeout=1.0)

    def sessions(self) -> int:
        """How many are alive."""
        self.memory.list("", timeout=1.0)
        return len(self.memory._state.sessions)

    def pass_time(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass, in steps in which beats come in time."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            time.sleep(0.004)

    def outlast(self, seconds: float) -> None:
        """Let time pass for whoever leads and renews: no further than its beats have come."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.clock.advance(0.5)
            eventually(self._renewed, "it is renewed")

    def _renewed(self) -> bool:
        record = self.record()
        return record is None or record.time_left is None or record.time_left > TTL / 2

    def until(self, condition: Callable[[], object], what: str, within: float) -> None:
        """Let time pass until it comes true, so many seconds of the clock at most.

        Threads that are late by then have as long as patience lasts, but hardly any more time.
        """
        end = self.clock.now() + within
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up, f"not within {within} s, or never: {what}"
            if self.clock.now() < end + LATE:
                self.clock.advance(0.1 if self.clock.now() < end else 0.003)
            time.sleep(0.003)

    def close(self) -> None:
        """End them all."""
        for manager in self._managers:
            manager.close()


class Background:
    """A call on a thread of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._future: Future[Any] = Future()
        self._call = call
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._future.done()

    def answer(self) -> Any:
        """What it answers, or raises."""
        answer = self._future.result(PATIENCE)
        self._thread.join(PATIENCE)
        return answer

    def error(self) -> BaseException | None:
        """What it raised."""
        return self._future.exception(PATIENCE)

    def _run(self) -> None:
        try:
            self._future.set_result(self._call())
        except BaseException as error:  # noqa: BLE001 - handed to whoever asks
            self._future.set_exception(error)


class Job:
    """Work for `run` that ends when it is told to, or to stop."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.term: Term | None = None
        self.finish = threading.Event()
        self._stubborn = stubborn

    def __call__(self, term: Term) -> str:
        """Work."""
        self.term = term
        until = time.monotonic() + PATIENCE
        while not self.finish.is_set() and (self._stubborn or not term.stop.is_set()):
            assert time.monotonic() < until, "nobody ends the work"
            time.sleep(0.002)
        return "finished" if self.finish.is_set() else "stopped"

    def begun(self) -> Term:
        """The term, once it works."""
        eventually(lambda: self.term, "the work begins")
        assert self.term is not None
        return self.term
