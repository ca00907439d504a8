"""Watching a folder by looking at it: one thread per store, only while somebody watches.

Every write of a record is a new file put in its place, so a changed identity, time or size is a
change. Portable, and cheap for the number of leases one machine has.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coordination.errors import StoreError, StoreUnavailable
from coordination.store import Notify
from coordination.threads import started

INTERVAL = 0.1
"""Real seconds between looks, also under a fake clock: files are changed by other processes."""

Signature = tuple[int, int, int]
Scan = Callable[[str], dict[str, Path]]
Listing = tuple[list[str], dict[str, Path]]


@dataclass(eq=False)
class Watching:
    """One subscription."""

    prefix: str
    notify: Notify
    end: Callable[[Watching], None]
    counted: Signature | None = None
    """Of the name's counter, when its records were looked at last."""
    doubted: Signature | None = None
    """Of the counter at the last look, if that was another one and has not been told."""

    def close(self) -> None:
        """Stop telling."""
        self.end(self)


class Poller:
    """Compares what lies under the watched prefixes with what lay there before."""

    def __init__(
        self,
        scan: Scan,
        index_at: Callable[[str], int],
        within: Callable[[str], Path | None],
        counter: Callable[[str], Path | None],
    ) -> None:
        self._scan = scan
        self._within = within
        self._counter = counter
        self._index_at = index_at
        # Reentrant: a signal handler, or a generator that the garbage collector ends, may close a watch
        # on the very thread that is just beginning one.
        self._mutex = threading.RLock()
        self._watches: dict[Watching, dict[str, Signature]] = {}
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def watch(self, prefix: str, after: int, notify: Notify) -> Watching:
        """Tell of changes under `prefix` from here on, and of what is past `after` already."""
        watching = Watching(prefix, notify, self._forget, self._counted(prefix))
        before = self._look(prefix, {})
        with self._mutex:
            self._watches[watching] = before
            if self._thread is None or not self._thread.is_alive():
                self._stop = threading.Event()
                loop = functools.partial(self._loop, self._stop)
                try:
                    self._thread = started(loop, "coordination-file-watch")
                except StoreUnavailable:
                    del self._watches[watching]
                    raise
        for key in before:
            index = self._index_at(key)
            if index > after:
                notify(key, index)
        if after > 0 and prefix not in before:
            notify(prefix, 0)  # What the caller saw at `after` may be gone by now.
        return watching

    def close(self) -> None:
        """End the thread and all watches."""
        with self._mutex:
            self._watches.clear()
            self._stop.set()

    def _forget(self, watching: Watching) -> None:
        with self._mutex:
            self._watches.pop(watching, None)
            if not self._watches:
                self._stop.set()
                self._thread = None

    def _loop(self, stop: threading.Event) -> None:
        while not stop.wait(INTERVAL):
            with self._mutex:
                watches = list(self._watches.copy().items())
            listings: dict[str, Listing] = {}
            for watching, before in watches:
                try:
                    now = self._look(watching.prefix, listings)
                except StoreError:
                    continue  # The folder cannot be looked at right now; the next round may.
                if now != before:
                    self._tell(watching, before, now)
                else:
                    self._doubt(watching)

    def _tell(self, watching: Watching, before: dict[str, Signature], now: dict[str, Signature]) -> None:
        prefix = watching.prefix
        if prefix.endswith("/") or (prefix in now and before.get(prefix) != now.get(prefix)):
            watching.counted, watching.doubted = self._counted(prefix), None
        else:  # Others begin like this name; or it went, and the next one may have counted already.
            self._doubt(watching)
        with self._mutex:
            if watching in self._watches:
                self._watches[watching] = now
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) != now.get(key):
                index = self._index_at(key) if key in now else 0
                if watching in self._watches:
                    watching.notify(key, index)

    def _doubt(self, watching: Watching) -> None:
        """What came and went between two looks has left its number: tell that something may have moved.

        Not at once: the number is written before the record, which the next look may find. And only of
        the number seen then: a newer one may be that of a record still to come.
        """
        counted = self._counted(watching.prefix)
        if counted == watching.counted:
            watching.doubted = None
        elif watching.doubted is None:
            watching.doubted = counted
        else:
            watching.counted, told = watching.doubted, watching.doubted
            watching.doubted = None if counted == told else counted
            watching.notify(watching.prefix, 0)

    def _counted(self, prefix: str) -> Signature | None:
        path = self._counter(prefix)
        return None if path is None else _signature(path)

    def _look(self, prefix: str, listings: dict[str, Listing]) -> dict[str, Signature]:
        """The signatures under a prefix; `listings` remembers what was listed within one round.

        What is kept `within` one file changes all at once, under the name of the prefix.
        """
        if (path := self._within(prefix)) is not None:
            signature = _signature(path)
            return {} if signature is None else {prefix: signature}
        branch = "/".join(prefix.split("/")[:2]) + "/"
        if branch not in listings:
            paths = self._scan(branch)
            listings[branch] = sorted(paths), paths
        keys, paths = listings[branch]
        found = {}
        for key in itertools.islice(keys, bisect.bisect_left(keys, prefix), None):
            if not key.startswith(prefix):
                break
            if (signature := _signature(paths[key])) is not None:
                found[key] = signature
        return found


def _signature(path: Path) -> Signature | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
