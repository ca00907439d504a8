"""A hold: one acquisition of a lock, as its owner sees it. What needs no I/O is the same for both faces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from coordination import arguments
from coordination.errors import ConfigurationError
from coordination.interrupts import deferred
from coordination.recipes.holding import lost, release_traced, wait_over, written
from coordination.runtime import Runtime, run
from coordination.scoped import Held, Scoped
from coordination.sharing.place import Place
from coordination.timing import Seconds, waiting


class HeldFacts(Held):
    """What can be said of a hold without I/O."""

    __slots__ = ("__weakref__", "_metadata", "_name", "_place", "_runtime", "_tracer")

    def __init__(
        self, runtime: Runtime, place: Place, name: str, metadata: Mapping[str, str] | None, tracer: Any
    ) -> None:
        self._runtime = runtime
        self._place = place
        self._name = name
        self._metadata = metadata
        self._tracer = tracer

    @property
    def name(self) -> str:
        """The name that is held."""
        return self._name

    @property
    def token(self) -> int:
        """The fencing token: rises with every acquisition of the name, stays while it is held."""
        return self._place.created

    @property
    def held(self) -> bool:
        """Whether we may still believe that it is ours. No I/O, never raises."""
        return self._place.held

    @property
    def remaining(self) -> float:
        """Seconds until we must stop believing unless it is proven again; 0 when not held."""
        return self._place.shared.remaining if self._place.held else 0.0

    @property
    def lost(self) -> str | None:
        """None, or why it was lost: expired stolen broken deleted revoked forked closed."""
        return self._place.lost

    @property
    def released(self) -> float | None:
        """None, or the Unix time at which its release was done, which may be after `release` returned."""
        return self._place.released_at

    @property
    def metadata(self) -> dict[str, str]:
        """What the lock was made with. A copy."""
        return dict(self._metadata or {})

    def check(self) -> None:
        """Raise `LeaseLost` unless it is held. No I/O."""
        if not self.held:
            gone = "deleted" if self._place.missing else "released"
            raise lost(self._place, self._place.lost or gone)

    def on_lost(self, callback: Callable[[Any, str], object]) -> None:
        """Call `callback(hold, reason)` once, when it is lost; at once if it was."""
        self._demand(callback, "on_lost")
        place, told = self._place, self._told

        def call(_place: object, reason: str) -> object:
            return told(callback, self, reason)

        reason = place.fate.listen(call)
        if reason is not None:
            place.shared.keeping.tell(lambda: call(place, reason))

    def on_release_requested(self, callback: Callable[[Any], object]) -> None:
        """Call `callback(hold)` whenever somebody asks for its release; at once if somebody has."""
        self._demand(callback, "on_release_requested")
        self._place.on_asked(lambda: self._told(callback, self))

    @property
    def _here(self) -> bool:
        return self._place.shared.here

    def _abandon(self) -> None:
        self._place.shared.abandon(self._place)

    def _demand(self, callback: object, what: str) -> None:
        if not callable(callback):
            raise ConfigurationError(f"{what} takes a callable, not {callback!r}")
        if not self._here:  # Its mutexes may be locked for ever here.
            raise lost(self._place, "forked")

    def _told(self, callback: Callable[..., object], *arguments: object) -> None:
        """Run a callback; asyncio runs it elsewhere."""
        callback(*arguments)

    def __repr__(self) -> str:
        state = "held" if self.held else self._place.lost or "over"
        return f"<{type(self).__name__} {self._name!r} token={self.token} {state}>"


class Hold(HeldFacts, Scoped):
    """One acquisition of a lock. Thread-safe; belongs to the process that got it."""

    __slots__ = ()

    def release(self, timeout: Seconds | None = None) -> bool:
        """Give it back: True if it was ours, False if it was given back before.

        Raises `LeaseLost` if it was lost. Takes `timeout` seconds at most (None: 1; 0: none at all);
        what could not be done by then is finished in the background, or ends with the session, and
        `released` says when. It is not held from the moment of the call on.
        """
        within = waiting(timeout)
        with deferred():
            return run(release_traced(self._runtime, self._place, self._name, self._tracer, within))

    def wait(self, timeout: Seconds | None = None) -> str | None:
        """Wait until it is over: 'released', or the reason of its loss; None if not within `timeout` s."""
        return run(wait_over(self._runtime, self._place, waiting(timeout)))

    def commit(self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()) -> int:
        """Write data of the namespace in one transaction, only while it is ours; the index of it.

        Raises `LeaseLost` if it is not, `OutcomeUnknown` if the answer got lost.
        """
        self.check()
        return run(written(self._runtime, self._place, *data(self._place, puts, deletes)))


def data(
    place: Place, puts: Mapping[str, bytes | str] | None, deletes: Iterable[str]
) -> tuple[dict[str, bytes], list[str]]:
    """The writes of a commit, by store key."""
    return arguments.data(place.shared.keeping.namespace, puts or {}, deletes)
