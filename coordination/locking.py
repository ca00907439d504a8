"""The part of a manager that locks: locks by name, who holds and waits, breaking and asking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coordination import arguments
from coordination.errors import ConfigurationError
from coordination.lock import Lock
from coordination.looking import Looking
from coordination.recipes.inspecting import Contender, break_lock, holders, request_release
from coordination.record import key_of
from coordination.runtime import run
from coordination.sharing.values import LOCKS
from coordination.timing import Seconds

TTL = 15.0
"""The default ttl of a lock, in seconds: above the floor of every store, and what the field uses."""


class Locking(Looking):
    """Locks in one namespace of one store."""

    def lock(
        self,
        name: str,
        *,
        ttl: Seconds = TTL,
        metadata: Mapping[str, str] | None = None,
        tracer: Any = None,
    ) -> Lock:
        """A lock by that name; no I/O. All locks of a manager with one `ttl` share one session.

        `ttl`: seconds after which others may have it when this process is gone. `metadata` is for who
        looks at the holders. `tracer`: of OpenTelemetry, for spans around acquire and release.
        """
        return Lock(*self.lock_parts(name, ttl, metadata, tracer))

    def lock_parts(
        self, name: str, ttl: Seconds, metadata: Mapping[str, str] | None, tracer: Any
    ) -> tuple[Any, ...]:
        """What a lock is made of, checked; for the faces of it."""
        folder = self.folder(name)
        entries = arguments.metadata(metadata)
        if tracer is not None and not callable(getattr(tracer, "start_as_current_span", None)):
            raise ConfigurationError(f"a tracer must have start_as_current_span; {tracer!r} has not")
        keeper = self._keeper
        period = arguments.period(ttl, keeper.store.capabilities, "ttl")
        return keeper.runtime, keeper.sharing, self._machine_id, name, folder, period, entries or None, tracer

    def holders(self, name: str) -> list[Contender]:
        """The holder of the lock, then those who wait for it, in their order; empty if it is free."""
        return run(holders(self._keeper.runtime, self._keeper, name, self.folder(name)))

    def break_lock(self, name: str, token: int) -> bool:
        """Take the lock away from the holder you saw under `token`; False if that is not the holder any more.

        The next one who waits has it then. The holder is told, but may go on for a moment, or for
        longer if it is paused: fence what it writes.
        """
        folder, seen = self.folder(name), arguments.token(token)
        return run(break_lock(self._keeper.runtime, self._keeper, folder, seen))

    def request_release(self, name: str) -> bool:
        """Ask the holder to release: it hears by `Hold.on_release_requested`, and decides.

        False if nobody holds it, or its holder has just begun and cannot hear yet.
        """
        return run(request_release(self._keeper.runtime, self._keeper, self.folder(name)))

    def folder(self, name: str) -> str:
        """The queue of a lock; not for users."""
        folder = f"{key_of(self._keeper.namespace, LOCKS, name)}/"
        self._keeper.demand()
        return folder
