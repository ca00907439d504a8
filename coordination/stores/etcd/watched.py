"""One watch: which keys, from which revision on, whom to tell, and whether it is over."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coordination.errors import CoordinationError
from coordination.stores.etcd.schema import DELETE

Tell = Callable[[bytes, int], None]
"""Called with a key and its revision, 0 when it is gone; with an empty key when nobody can say."""


@dataclass(frozen=True, slots=True)
class Place:
    """One key, or all keys from `key` up to `end`; watched without what `filters` leaves out."""

    key: bytes
    end: bytes = b""
    filters: tuple[int, ...] = ()


class Watched:
    """A subscription: `close` it. The rest is for the thread that reads the stream."""

    def __init__(self, number: int, place: Place, tell: Tell, forget: Callable[[Watched], None]) -> None:
        self.id = number
        self.revision = 0
        self.settled = threading.Event()
        self.error: CoordinationError | None = None
        self.doubted = False
        """Whether its refusal has been put down to an old token, since it was last confirmed."""
        self._place = place
        self._tell = tell
        self._forget = forget
        self._open = True
        self._lapsed = False
        # Held while telling, so that nothing is told after close(); a callback may close.
        self._telling = threading.RLock()

    def request(self) -> dict[str, Any]:
        """What to ask etcd for: changes after those already told, or from now on."""
        start = self.revision + 1 if self.revision else 0
        place = self._place
        return {
            "key": place.key,
            "range_end": place.end,
            "start_revision": start,
            "filters": place.filters,
            "watch_id": self.id,
        }

    def confirmed(self, revision: int) -> None:
        """It is under way; the first time, from after `revision`."""
        self.doubted = False
        if not self.revision:
            self.revision = revision
        self.settled.set()
        if self._lapsed or revision < self.revision:
            # Something may have happened since it was told, or the cluster is not what it was.
            self._lapsed = False
            self._told(b"", 0)

    def refuse(self, error: CoordinationError) -> None:
        """It will never be told anything; who began it may be waiting, who goes by it had better look."""
        self.error = error
        if self.settled.is_set():
            self.lapsed()
        self.settled.set()

    def lapsed(self) -> None:
        """What happened since the last event cannot be had any more."""
        self.revision = 0
        self._lapsed = True
        self._told(b"", 0)

    def happened(self, events: Any) -> None:
        """Tell of them."""
        for event in events:
            self.revision = max(self.revision, event.kv.mod_revision)
            self._told(event.kv.key, 0 if event.type == DELETE else event.kv.mod_revision)

    def close(self) -> None:
        """Nothing is told after this; may be called twice, and by a callback."""
        with self._telling:
            self._open = False
        self._forget(self)

    def _told(self, key: bytes, revision: int) -> None:
        with self._telling:
            if self._open:
                self._tell(key, revision)


class Unconfirmed:
    """The watches asked for on one stream and not answered yet."""

    def __init__(self) -> None:
        self._numbers: deque[int] = deque()

    def asked(self, number: int) -> None:
        """After those before it."""
        self._numbers.append(number)

    def meant(self, answer: Any) -> int:
        """Which one: etcd refuses a watch under the number -1, but answers in the order of the requests."""
        number = int(answer.watch_id)
        if not answer.created or not self._numbers:
            return number
        if number < 0:
            return self._numbers.popleft()
        with contextlib.suppress(ValueError):
            self._numbers.remove(number)
        return number
