"""One blocking query, asked again and again by a thread of its own.

The rules of the field: an index that went back counts for nothing any more, none below 1 is ever
sent, the socket waits a little longer than the server, and no wait is longer than half a minute.
After a failure the query goes on from its old index, so that nothing is missed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from coordination.clock import Clock
from coordination.errors import CoordinationError, StoreUnavailable
from coordination.stores.consul.message import Answer, Failed
from coordination.stores.consul.pace import Pace
from coordination.threads import started

if TYPE_CHECKING:
    from coordination.stores.consul.lines import Line

THREAD = "coordination-consul-watch"

SHORTEST_WAIT, LONGEST_WAIT = 26.0, 30.0
"""Seconds that the server may wait, different each time so that clients do not come back together."""

OVERTIME = 5.0
"""Seconds that an answer may be late; Consul itself adds up to a sixteenth of the wait."""

Asking = tuple[str, str]
"""An escaped path, and what to ask for besides index and wait."""

Taking = Callable[[Answer], None]
"""Takes in an answer; what it raises counts as a failure, and the same index is asked for again."""


def following(last: int, index: int) -> int:
    """The index to ask with next; 0 stands for none, and for an answer without waiting."""
    index = max(index, 1)
    return 0 if index < last else index


class Query:
    """`asking` tells what to ask for besides index and wait. `close` it from any thread."""

    def __init__(
        self, clock: Clock, line: Line, asking: Callable[[], Asking], pace: Pace, take: Taking
    ) -> None:
        self._clock = clock
        self._asking = asking
        self._pace = pace
        self._take = take
        self._line = line
        self._index = 0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def started(self) -> bool:
        """Whether its thread runs, or has run."""
        return self._thread is not None

    def start(self, index: int) -> None:
        """Ask for what comes after `index`; 0 for what is there now and what comes after."""
        self._index = index
        self._pace.begin(index)
        self._thread = started(self._run, THREAD)

    def pause(self, seconds: float) -> bool:
        """On its own thread: wait; True if it is over."""
        return self._clock.wait(self._over, seconds) if seconds > 0 else self._over.is_set()

    def close(self) -> None:
        """End it, also while it waits for an answer. May be called twice."""
        self._over.set()
        self._line.close()

    def join(self, seconds: float) -> None:
        """Wait in real time until its thread has let go of the connection."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while not self.pause(self._pace.wait(self._clock.now())) and not self.pause(self._once()):
                pass
        finally:
            self._line.close()

    def _once(self) -> float:
        """One request; the seconds to pause after it."""
        wait = random.uniform(SHORTEST_WAIT, LONGEST_WAIT)  # noqa: S311 - jitter
        began = self._clock.now()
        self._pace.spend(began)
        try:
            path, query = self._asking()
            answer = self._line.get(path, self._limited(query, wait), wait + wait / 16 + OVERTIME)
            took = self._clock.now() - began
            self._take(answer)
        except (CoordinationError, Failed) as error:
            return self._pace.failed(refused=not isinstance(error, StoreUnavailable | Failed))
        self._index = following(self._index, answer.index)
        return self._pace.answered(answer.index, took)

    def _limited(self, query: str, wait: float) -> str:
        parts = [query] if query else []
        if self._index:
            parts += [f"index={self._index}", f"wait={wait * 1000:.0f}ms"]
        return "&".join(parts)
