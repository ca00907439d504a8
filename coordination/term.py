"""A term: one acquisition of a leadership, as its holder sees it. What needs no I/O serves both faces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from coordination.arguments import RESERVED
from coordination.errors import ConfigurationError
from coordination.interrupts import deferred
from coordination.recipes.leading.ending import end
from coordination.recipes.leading.observing import proclaimed
from coordination.recipes.leading.tenure import Tenure
from coordination.runtime import Runtime, run
from coordination.scoped import Held, Scoped
from coordination.timing import Deadline, Seconds, waiting

SLICE = 60.0
"""Seconds after which somebody who waits for the end of a term looks for himself."""


class TermFacts(Held):
    """What can be said of a term without I/O."""

    __slots__ = ("__weakref__", "_runtime", "_tenure")

    def __init__(self, runtime: Runtime, tenure: Tenure) -> None:
        self._runtime = runtime
        self._tenure = tenure

    @property
    def name(self) -> str:
        """What it leads."""
        return self._tenure.name

    @property
    def token(self) -> int:
        """The fencing token: rises with every term of the name, stays while it is held."""
        return self._tenure.token

    @property
    def version(self) -> int:
        """The version of whoever leads."""
        return self._tenure.version

    @property
    def machine_id(self) -> str:
        """Who leads, as people read it."""
        return self._tenure.machine_id

    @property
    def value(self) -> Any:
        """What was proclaimed in this term; None if nothing was."""
        return proclaimed(self._tenure.grant.value)

    @property
    def metadata(self) -> dict[str, str]:
        """What else the record says. A copy."""
        entries = self._tenure.grant.value.metadata
        return {key: text for key, text in entries.items() if not key.startswith(RESERVED)}

    @property
    def held(self) -> bool:
        """Whether we may still believe that we lead. No I/O, never raises."""
        return self._tenure.held

    @property
    def remaining(self) -> float:
        """Seconds until we must stop believing unless it is renewed again; 0 when not held."""
        return self._tenure.remaining

    @property
    def lost(self) -> str | None:
        """None, or why it was lost: expired stolen broken deleted revoked stalled forked closed."""
        return self._tenure.lost

    @property
    def released(self) -> float | None:
        """None, or the Unix time at which it was released, or that was left to the background."""
        return self._tenure.released_at

    def check(self) -> None:
        """Raise `LeaseLost` unless it is held. No I/O."""
        with self._tenure.telling():
            self._tenure.check()

    def on_lost(self, callback: Callable[[Any, str], object]) -> None:
        """Call `callback(term, reason)` once, when it is lost; at once if it was."""
        if not callable(callback):
            raise ConfigurationError(f"on_lost takes a callable, not {callback!r}")
        with self._tenure.telling():
            self._tenure.on_lost(lambda _tenure, reason: self._told(callback, self, reason))

    @property
    def _here(self) -> bool:
        return self._tenure.keeper.home.here

    def _abandon(self) -> None:
        self._tenure.retire()

    @property
    def tenure(self) -> Tenure:
        """What it stands for; not for users."""
        return self._tenure

    def _told(self, callback: Callable[..., object], *arguments: object) -> None:
        """Run a callback; asyncio runs it elsewhere."""
        callback(*arguments)

    async def _over(self, timeout: float | None) -> str | None:
        """`released`, or the reason of the loss; None if neither happened within `timeout` seconds."""
        tenure, bound, signal = self._tenure, Deadline(self._runtime.clock, timeout), self._runtime.signal()
        tenure.listen(signal.set)
        try:
            while not bound.passed:
                signal.clear()
                outcome = tenure.outcome
                if outcome is not None:
                    return outcome
                await self._runtime.wait(signal, bound.left(SLICE))
            return tenure.outcome
        finally:
            tenure.unlisten(signal.set)

    def __repr__(self) -> str:
        state = "held" if self.held else self.lost or "over"
        return f"<{type(self).__name__} of {self.name!r} version={self.version} token={self.token} {state}>"


class Term(TermFacts, Scoped):
    """One term. Thread-safe; belongs to the process that got it.

    `stop` is set when it is lost or over, or `Leader.run` is to end: whatever works under it has to stop.
    """

    __slots__ = ("_on_stop", "stop")

    def __init__(self, runtime: Runtime, tenure: Tenure) -> None:
        super().__init__(runtime, tenure)
        self.stop = threading.Event()
        self._on_stop: list[Callable[[], object]] = []
        tenure.listen(self.halt)

    def halt(self) -> None:
        """Set `stop`; not for users."""
        self.stop.set()
        for told in list(self._on_stop):
            told()

    def on_stop(self, told: Callable[[], object]) -> None:
        """Call it when `stop` is set by us, perhaps twice; it must not block or raise. Not for users."""
        self._on_stop.append(told)
        if self.stop.is_set():
            told()

    def release(self) -> bool:
        """Give it up, when all work under it has stopped: True if it was ours, False if it was over.

        Raises `LeaseLost` if it was lost; a newer version that took it over and waits for us is told
        that our work has stopped. Takes about a second at most; what could not be done by then is
        finished in the background. It is not held from the moment of the call on.
        """
        with deferred():
            return run(end(self._runtime, self._tenure))

    def wait(self, timeout: Seconds | None = None) -> str | None:
        """Wait until it is over: 'released', or the reason of its loss; None if not within `timeout` s."""
        return run(self._over(waiting(timeout)))

    def commit(self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()) -> int:
        """Write data of the namespace in one transaction, only while we lead; the index of it.

        Raises `LeaseLost` if we do not, `OutcomeUnknown` if the answer got lost.
        """
        with self._tenure.telling():
            return self._tenure.commit(puts, deletes)
