"""What the supervisor needs to know of what is held: of a lease, of a lock, of a test's fake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Kept(Protocol):
    """Something that somebody else keeps alive. Reading a property must never wait for the store."""

    @property
    def name(self) -> str:
        """What is held."""
        ...

    @property
    def token(self) -> int:
        """The fencing token of this grant."""
        ...

    @property
    def time_remaining(self) -> float:
        """Seconds that the last confirmed renewal was good for, as granted; does not count down."""
        ...

    @property
    def deadline(self) -> float:
        """When that ends, as granted last, on the clock the supervisor reads."""
        ...

    @property
    def held(self) -> bool:
        """True only while it is certainly ours."""
        ...

    @property
    def lost(self) -> str | None:
        """None, or why it is not ours any more."""
        ...

    def on_lost(self, callback: Callable[[Any, str], object], /) -> Any:
        """Have `callback` called once with what was lost and the reason, from some other thread."""
        ...

    def release(self) -> bool:
        """Give it back; raises `LeaseLost`, or `StoreError` if the store could not say."""
        ...
