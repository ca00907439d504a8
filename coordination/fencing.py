"""The resource's side of a token: remember the highest one seen, refuse whoever comes with an older one.

A holder may be paused between asking whether it still holds and acting, for longer than its ttl. Only
what it acts upon can refuse it then. `Fence` is for a resource that is a program of its own; where the
data lie in a database or an object store, keep the token beside them instead (docs/fencing.md).

The rule is Kleppmann's ("How to do distributed locking", 2016), with one addition: reads count. A fence
that looks at writes alone loses updates, because an old holder may write between the read and the
write of the new one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from coordination.arguments import LARGEST
from coordination.errors import ConfigurationError, StaleToken, StoreError
from coordination.forking import NO_FORK
from coordination.process import Home
from coordination.record import encode_segment

Seen = tuple[int, int]
"""The highest token of an exclusive grant, and of a shared one."""


class Fence:
    """The highest token seen for each name, in memory, or kept in the file `path` as well.

    In memory the marks end with the process: after a restart an old holder that comes first is let in. A
    file keeps them; one process at a time can have it open. Names are never forgotten. Tokens are believed:
    a made-up high one would lock everybody out, so take them from your own programs only.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._home = Home()
        self._closed = False
        self._file = None if path is None else _File(os.path.abspath(path))
        seen = {} if self._file is None else self._file.load()
        self._marks = {name: _Mark(tokens) for name, tokens in seen.items()}

    def check(self, name: str, token: int, *, shared: bool = False) -> None:
        """Raise `StaleToken` if a newer grant has been here; for reads as well as for writes.

        Enough where nothing can come between this and the act, as on a single thread; otherwise `admit`.
        `shared`: the token is of a grant that several hold at once, such as a reader's. It passes if it is
        above every exclusive one seen; an exclusive one if it is above every shared one, and no exclusive
        one is above it.
        """
        with self.admit(name, token, shared=shared):
            pass

    @contextmanager
    def admit(self, name: str, token: int, *, shared: bool = False) -> Iterator[None]:
        """`check`, and nobody else is admitted to the same name until the block ends.

        Waits its turn without a bound, and is not re-entrant: keep blocks short, and do not await in them.
        Raises `StoreError` if the file could not be written; then nobody was admitted.
        """
        encode_segment(name)
        self._demand_open()
        mark = self._marks.get(name) or self._marks.setdefault(name, _Mark())
        with mark.turn:  # Over the caller's I/O on purpose: another one's act must not come in between.
            seen = mark.after(name, _token(token), shared)
            if seen != mark.seen:
                self._keep(name, seen)
                mark.seen = seen
            yield

    def close(self) -> None:
        """Let go of the file; nobody is admitted from now on. May be called twice."""
        self._closed = True
        if self._file is not None and self._home.here:
            self._file.close()

    def _demand_open(self) -> None:
        if not self._home.here:  # Each process would keep marks of its own, and believe them.
            raise ConfigurationError("a fence belongs to the process that made it: make one after forking")
        if self._closed:
            raise ConfigurationError("this fence is closed")

    def _keep(self, name: str, seen: Seen) -> None:
        if self._file is not None:
            self._file.save(name, seen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def __repr__(self) -> str:
        where = "in memory" if self._file is None else f"in {self._file.path}"
        return f"<Fence of {len(self._marks)} names {where}{', closed' if self._closed else ''}>"


@dataclass(slots=True)
class _Mark:
    """What has been seen of one name, and whose turn it is to act on it."""

    seen: Seen = (0, 0)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def after(self, name: str, token: int, shared: bool) -> Seen:
        """What has been seen once this token was admitted; `StaleToken` if it is not."""
        exclusive, common = self.seen
        lowest = exclusive + 1 if shared else max(exclusive, common + 1)
        if token < lowest:
            highest = exclusive if shared else max(exclusive, common)
            raise StaleToken(f"token {token} for {name!r} is stale: {highest} was here", highest=highest)
        return (exclusive, max(common, token)) if shared else (token, common)


_OPENING = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA synchronous = EXTRA",  # The folder as well: a mark must not go back.
    "BEGIN EXCLUSIVE",  # Taken now, so that a second process fails at its start.
    "CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, exclusive_token INTEGER, shared_token INTEGER)",
    "COMMIT",
)


class _File:
    """The marks on disk. SQLite, because it survives power cuts and keeps other processes out, portably."""

    def __init__(self, path: str) -> None:
        with NO_FORK:
            import sqlite3

        self.path = path
        self._error = sqlite3.Error
        self._lock = threading.Lock()
        with self._told():
            self._rows = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            try:
                for step in _OPENING:
                    self._rows.execute(step)
            except BaseException:
                self._rows.close()
                raise

    def load(self) -> dict[str, Seen]:
        """All of them."""
        with self._told():
            rows = self._rows.execute("SELECT name, exclusive_token, shared_token FROM mark")
            return {name: (exclusive, common) for name, exclusive, common in rows}

    def save(self, name: str, seen: Seen) -> None:
        """On disk when this returns."""
        with self._lock, self._told():
            self._rows.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", (name, *seen))

    def close(self) -> None:
        """Let other processes in."""
        with self._lock:
            self._rows.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise StoreError(f"the fence's file {self.path}: {error}") from error


def _token(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST:
        raise ConfigurationError("a token is an int above 0 and below 2**63, as a hold or lease shows it")
    return value
