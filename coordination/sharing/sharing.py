"""The shared sessions of one manager, one for each ttl, and the lines of those who wait on them."""

from __future__ import annotations

import threading
from functools import partial

from coordination.errors import StoreError, StoreUnavailable
from coordination.runtime import Runtime
from coordination.sharing.asking import Asking, folder_of
from coordination.sharing.keeping import Keeping
from coordination.sharing.line import Line, Waiter
from coordination.sharing.lookout import Lookouts
from coordination.sharing.session import Shared
from coordination.sharing.turns import Turns
from coordination.sharing.values import incarnation_of
from coordination.timing import Deadline

ONE_TRY = 0.25
"""Seconds that opening a session may take even when no time is left for waiting."""

LINGER = 2.0
"""Seconds for which a line goes on listening when nobody waits in it any more."""


class Sharing:
    """What the recipes of one manager stand on. Threads and tasks may share it; it belongs to one process."""

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self.mutex = threading.RLock()  # A signal handler may come back here.
        self.asking = Asking(keeping.store, keeping.clock)
        self.lookout = Lookouts(keeping.store)
        self._sessions: dict[float, Shared] = {}
        self._opening: dict[float, Turns] = {}
        self._lines: dict[str, Line] = {}
        self._first: dict[str, Waiter] = {}
        """By queue: who is entering it although nobody else here waits, and so without a line."""

    # Sessions.

    async def session(self, runtime: Runtime, ttl: float, bound: Deadline, timeout: float) -> Shared:
        """The living one for this ttl; one caller opens it, and the others wait for that."""
        found = self.alive(ttl)
        if found is not None:
            return found
        turns, owner = self._opening.setdefault(ttl, Turns()), object()
        if not await turns.take(runtime, max(ONE_TRY, bound.left(timeout)), owner):
            raise StoreUnavailable("another call was still opening the session; nothing was done")
        try:
            found = self.alive(ttl)
            if found is not None:
                return found
            return await runtime.call(lambda: self._open(ttl, max(ONE_TRY, bound.left(timeout))))
        finally:
            turns.give_back(owner)

    def sessions(self) -> list[Shared]:
        """All that were opened last, alive or not."""
        with self.mutex:
            return list(self._sessions.values())

    def conditions(self) -> list[str]:
        """What an operator should know of them."""
        return [
            f"{len(shared.places)} locks cannot be proven since {shared.beating.failures} tries: "
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
        keeping.beat_at(keeping.clock.now(), shared.sentinel.begin)
        keeping.beat_at(shared.beating.first(asked_at), shared.beating.run)
        return shared

    def close(self, timeout: float) -> None:
        """End every session, and with it what is on it, within about `timeout` seconds."""
        bound = Deadline(self.keeping.clock, timeout)
        for shared in self.sessions():
            alive = shared.dead is None
            shared.lose("closed")
            try:
                if alive and bound.left(timeout) > 0:
                    self.keeping.store.close_session(shared.session, timeout=bound.left(timeout))
                    shared.ended()
            except StoreError as error:
                self.keeping.warn("close-left-behind", session=shared.incarnation, error=str(error))
        with self.mutex:
            lines = list(self._lines.values())
        for line in lines:
            line.wake_all()
            line.lookout.close()

    # Lines.

    def join(self, folder: str, waiter: Waiter) -> Line | None:
        """The line of everybody here who wants to be first in this queue; it waits there from now on.

        None for the first one: it enters at once, and has to quit, or to line up, when it knows more.
        """
        with self.mutex:
            first = self._first.setdefault(folder, waiter) if folder not in self._lines else None
            if first is waiter:
                return None
            line = self._line(folder)
            if first is not None:
                line.entering.try_take(first)  # As if it had come by the line.
            line.join(waiter)
            return line

    def line_up(self, folder: str, waiter: Waiter) -> Line:
        """The first one has to wait; the turn of entering may be its own still."""
        with self.mutex:
            self._not_first(folder, waiter)
            line = self._line(folder)
            line.join(waiter)
            return line

    def quit(self, folder: str, waiter: Waiter, line: Line | None) -> None:
        """It waits no more."""
        if line is not None:
            line.quit(waiter)
        with self.mutex:
            self._not_first(folder, waiter)
            others = self._lines.get(folder)
            if others is not None and others is not line:
                others.entering.give_back(waiter)

    def _line(self, folder: str) -> Line:
        line = self._lines.get(folder)
        if line is None:
            line = self._lines[folder] = Line(self, folder)
        return line

    def _not_first(self, folder: str, waiter: Waiter) -> None:
        if self._first.get(folder) is waiter:
            del self._first[folder]

    def quiet(self, line: Line) -> None:
        """Nobody waits in it: let it go, in a while if it listens for the whole queue."""
        if not (line.lookout.whole and line.lookout.covers("")):
            self._lines.pop(line.folder, None)
            line.lookout.close()
            return
        line.quiet_until = self.keeping.clock.now() + LINGER
        if not line.closing:
            line.closing = True
            self.keeping.clean_at(line.quiet_until, partial(self._dissolve, line))

    async def _dissolve(self, line: Line, runtime: Runtime) -> float | None:
        with self.mutex:
            if line.empty and runtime.clock.now() < line.quiet_until:
                return line.quiet_until
            line.closing = False
            if not line.empty or self._lines.get(line.folder) is not line:
                return None
            del self._lines[line.folder]
            line.lookout.close()
        return None

    def departed(self, key: str, *, certainly: bool) -> None:
        """A place of ours is gone, or we cannot tell any more when it goes: whoever waits for that looks."""
        line = self._lines.get(folder_of(key)) if self._lines else None
        if line is not None:
            line.gone(key, certainly=certainly)

    def is_ours(self, key: str) -> bool:
        """Whether it is a place of a living session of ours: then its end is told by us."""
        incarnation = incarnation_of(key)
        return any(
            shared.incarnation == incarnation and shared.dead is None and key in shared.places
            for shared in list(self._sessions.values())
        )
