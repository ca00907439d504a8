"""The lines of one manager: made when somebody has to wait, and let go when nobody does any more."""

from __future__ import annotations

import threading
from functools import partial

from coordination.runtime import Runtime
from coordination.sharing.asking import folder_of
from coordination.sharing.keeping import Keeping
from coordination.sharing.line import Line
from coordination.sharing.lookout import Lookouts
from coordination.sharing.place import Place
from coordination.sharing.waiter import Waiter

LINGER = 2.0
"""Seconds for which a line goes on listening when nobody waits in it any more."""


class Lines:
    """By queue. Guarded by `mutex`, which guards the places of the manager's sessions as well."""

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self.mutex = threading.RLock()  # A signal handler may come back here.
        self.lookout = Lookouts(keeping.store)
        self._lines: dict[str, Line] = {}
        self._first: dict[str, Waiter] = {}
        """By queue: who is entering it although nobody else here waits, and so without a line."""

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
        ours = self._lines.get(line.folder) is line  # Else it was forgotten, and there may be another one.
        if not ours or not (line.lookout.whole and line.lookout.covers("")):
            if ours:
                del self._lines[line.folder]
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

    def displaced(self, place: Place) -> None:
        """It was lost: if somebody waited in it, he begins anew."""
        line = self._lines.get(folder_of(place.key))
        waiter = place.waiter
        # He may have another place by now, or never have had this one.
        if line is not None and waiter is not None and place.created and waiter.created == place.created:
            line.displaced(waiter)

    def forget(self) -> None:
        """Nobody waits in any line any more."""
        with self.mutex:
            lines = list(self._lines.values())
            self._lines.clear()
            self._first.clear()
        for line in lines:
            line.lookout.close()

    def dismiss(self) -> None:
        """Wake everybody: the manager is closed."""
        with self.mutex:
            lines = list(self._lines.values())
        for line in lines:
            line.wake_all()
            line.lookout.close()
