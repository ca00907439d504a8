"""What shared sessions need of the manager they belong to; the simulator has one without threads."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from coordination.clock import Clock
from coordination.process import Home
from coordination.runtime import Runtime
from coordination.store import Store

Job = Callable[[Runtime], Coroutine[Any, Any, float | None]]
"""Something in the background; answers when to do it again, as a point on the clock, or None."""


class Watched(Protocol):
    """Something that can be lost by the clock alone."""

    @property
    def name(self) -> str:
        """What to call it in an event."""
        ...

    @property
    def overdue_at(self) -> float:
        """The point on the clock at which it is lost unless something happens before."""
        ...

    @property
    def lost(self) -> str | None:
        """Why it is lost; asking makes it so if it is overdue."""
        ...

    def lose(self, reason: str) -> None:
        """It is lost, once."""
        ...


class Keeping(Protocol):
    """The clock, the store and the threads of one manager."""

    clock: Clock
    home: Home
    namespace: str
    timeout: float
    closed: bool

    @property
    def store(self) -> Store:
        """Where the records are."""
        ...

    def demand(self) -> None:
        """Raise `ConfigurationError` in a child of fork, or after the end."""
        ...

    def patience(self, ttl: float) -> float:
        """Seconds that one request of a beat may take: far below the ttl, and below others'."""
        ...

    def beat_at(self, due: float, job: Job) -> None:
        """Run it then, where renewals run; never raises."""
        ...

    def clean_at(self, due: float, job: Job) -> None:
        """Run it then, where it holds up no renewal; never raises."""
        ...

    def work_at(self, due: float, job: Job) -> None:
        """Run it then, where it may take its time; never raises."""
        ...

    def guard(self, watched: Watched) -> None:
        """Lose it when it is overdue. `StoreUnavailable`, and nothing done, without a thread for that."""
        ...

    def unguard(self, watched: Watched) -> None:
        """It is over."""
        ...

    def tell(self, call: Callable[[], object]) -> None:
        """Run a callback of the user soon, on a thread of its own; never raises."""
        ...

    def note(self, event: str, **fields: Any) -> None:
        """Have an event logged for who looks closely; never raises."""
        ...

    def warn(self, event: str, **fields: Any) -> None:
        """Have an event logged soon; never raises."""
        ...
