"""The shared sessions of one manager, one for each ttl, and the lines of those who wait on them."""

from __future__ import annotations

from collections.abc import Callable

from coordination.errors import StoreError, StoreUnavailable
from coordination.runtime import Runtime
from coordination.sharing.asking import Asking
from coordination.sharing.keeping import Keeping
from coordination.sharing.lines import Lines
from coordination.sharing.place import ENTERING, NEW, WAITING
from coordination.sharing.session import Shared
from coordination.sharing.turns import Turns
from coordination.sharing.values import incarnation_of
from coordination.timing import Deadline


class Sharing(Lines):
    """What the recipes of one manager stand on. Threads and tasks may share it; it belongs to one process."""

    def __init__(self, keeping: Keeping) -> None:
        super().__init__(keeping)
        self.asking = Asking(keeping.store, keeping.clock)
        self._sessions: dict[float, Shared] = {}
        self._opening: dict[float, Turns] = {}
        self._closing: dict[Callable[[], object], None] = {}

    # Sessions.

    async def session(self, runtime: Runtime, ttl: float, bound: Deadline, timeout: float) -> Shared:
        """The living one for this ttl; one caller opens it, and the others wait for that."""
        found = self.alive(ttl)
        if found is not None:
            return found
        turns, owner = self._opening.setdefault(ttl, Turns()), object()
        if not await turns.take(runtime, bound.one_try(timeout), owner):
            raise StoreUnavailable("another call was still opening the session; nothing was done")
        try:
            found = self.alive(ttl)
            if found is not None:
                return found
            return await runtime.call(lambda: self._open(ttl, bound.one_try(timeout)))
        finally:
            turns.give_back(owner)

    def sessions(self) -> list[Shared]:
        """All that were opened last, alive or not."""
        with self.mutex:
            return list(self._sessions.values())

    def conditions(self) -> list[str]:
        """What an operator should know of them."""
        return [
            f"{len(shared.places)} records cannot be proven since {shared.beating.failures} tries: "
            f"they are lost in {shared.remaining:.1f} s"
            for shared in self.sessions()
            if shared.dead is None and shared.beating.failures
        ]

    def alive(self, ttl: float) -> Shared | None:
        """The one for this ttl, if there is one."""
        shared = self._sessions.get(ttl)
        return shared if shared is not None and shared.look() is None else None

    def _open(self, ttl: float, timeout: float) -> Shared:
        keeping = self.keeping
        asked_at = keeping.clock.now()
        session = keeping.store.open_session(ttl, timeout=timeout)
        shared = Shared(self, ttl, session, asked_at)
        with self.mutex:
            found = self.alive(ttl)
            if found is None:
                self._sessions[ttl] = shared
        try:
            if found is not None:  # Another one was opened for somebody who was cancelled meanwhile.
                shared.lose("revoked")
                return found
            keeping.demand()  # Who closed the manager before this was registered has not found it.
            keeping.guard(shared)
        except BaseException:
            shared.discard()
            raise
        keeping.clean_at(keeping.clock.now(), shared.sentinel.begin)
        keeping.beat_at(shared.beating.first(asked_at), shared.beating.run)
        return shared

    def close(self, timeout: float) -> None:
        """End every session, and with it what is on it, within about `timeout` seconds."""
        bound = Deadline(self.keeping.clock, timeout)
        for end in tuple(self._closing):
            end()
        for shared in self.sessions():
            alive = shared.dead is None
            shared.lose("closed")
            try:
                if alive and bound.left(timeout) > 0:
                    self.keeping.store.close_session(shared.session, timeout=bound.left(timeout))
                    shared.ended()
            except StoreError as error:
                self.keeping.warn("close-left-behind", session=shared.incarnation, error=str(error))
        self.dismiss()

    def at_close(self, end: Callable[[], object]) -> None:
        """Call `end` when the manager is closed, before the sessions are; it asks the store nothing."""
        self._closing[end] = None

    def forsake(self) -> None:
        """Nobody who waits will ever go on, because their event loop was closed: give up all their places."""
        with self.mutex:
            self._opening.clear()
            places = [place for shared in self.sessions() for place in shared.places.values()]
            for place in places:
                if place.state in (NEW, ENTERING, WAITING):
                    place.shared.abandon(place)
            self.forget()

    def is_ours(self, key: str) -> bool:
        """Whether it is a place of a living session of ours: then its end is told by us."""
        incarnation = incarnation_of(key)
        return any(
            shared.incarnation == incarnation and shared.dead is None and key in shared.places
            for shared in list(self._sessions.values())
        )
