"""Watching who holds a name, written once for both faces.

Level-triggered, like waiting: a notification only says "look again", and without one it looks again
by itself when the record should have expired and every few seconds besides.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Protocol, TypeVar

from coordination.bell import Bell
from coordination.runtime import Runtime
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN


class Seen(Protocol):
    """What a view of a lease says of its state."""

    @property
    def token(self) -> int:
        """Which acquisition it is."""
        ...

    @property
    def index(self) -> int:
        """Which of its renewals was the last."""
        ...

    @property
    def time_remaining(self) -> float:
        """Seconds the store would keep it, as of the look."""
        ...


View = TypeVar("View", bound=Seen)


async def changes(
    runtime: Runtime, bell: Bell, look: Callable[[], View | None], bound: Deadline, request: float
) -> AsyncGenerator[View | None, None]:
    """The state now, then each new state, until the bound has passed; a request takes so long at most."""
    seen: tuple[int, int] | None = None
    first = True
    try:
        await runtime.call(partial(bell.listen, request))
        while True:
            lease = await runtime.call(look)
            state = None if lease is None else (lease.token, lease.index)
            if first or state != seen:
                yield lease
            first, seen = False, state
            if bound.passed:
                return
            await bell.wait(bound.left(LOOK_AGAIN if lease is None else _until_expired(lease)))
    finally:
        bell.close()


def _until_expired(lease: Seen) -> float:
    """Seconds until it is worth looking again; a store may keep a lease for longer than it need."""
    return min(LOOK_AGAIN, lease.time_remaining + 0.01) if lease.time_remaining > 0 else LOOK_AGAIN / 8
