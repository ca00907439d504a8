"""`coordination run` or `lock` on a store whose every thread hangs: nobody ever tells of anything.

`python dead_store.py CONFIRMED_AFTER run|lock …arguments…`: the lease is confirmed once more after so
many seconds ("never": not at all), as if a heartbeat had got through; then never again. "broken":
once the command is ready the lease raises what it should not.

The last argument is the command's folder: there FOLDER/granted says since when the grant counts.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any, Self

from coordination.clock import SystemClock
from coordination.timing import margin

FOLDER = Path(sys.argv[-1])


def _granted() -> float:
    """The time now, noted for the test."""
    at = SystemClock().now()
    (FOLDER / "granted").write_text(repr(at), encoding="utf-8")
    return at


class HangingLease:
    """Granted once; the only thing that moves is the clock."""

    name = "hanging"
    token = 41
    lost = None

    def __init__(self, period: float) -> None:
        self._clock = SystemClock()
        self.time_remaining = period
        self._confirmed_at = _granted()

    @property
    def deadline(self) -> float:
        if sys.argv[1] == "broken" and (FOLDER / "leader").exists():
            raise RuntimeError("a bug")
        return self._confirmed_at + self.time_remaining

    @property
    def held(self) -> bool:
        return self._clock.now() < self.deadline - margin(self.time_remaining)

    def on_lost(self, callback: object) -> None:
        """Never called: that thread hangs, too."""

    def keep_alive(self) -> Self:
        if sys.argv[1] not in ("never", "broken"):
            confirmation = threading.Timer(float(sys.argv[1]), self._confirm)
            confirmation.daemon = True
            confirmation.start()
        return self

    def _confirm(self) -> None:
        self._confirmed_at = self._clock.now()
        print(f"confirmed at {self._confirmed_at}", file=sys.stderr, flush=True)

    def release(self) -> bool:
        print("released", file=sys.stderr, flush=True)
        return True


class HangingHold:
    """The same of a lock: it only knows for how long it may believe."""

    name = "hanging"
    token = 41
    lost = None

    def __init__(self, ttl: float) -> None:
        self._clock = SystemClock()
        self._believed_until = _granted() + ttl - margin(ttl)

    @property
    def remaining(self) -> float:
        return max(0.0, self._believed_until - self._clock.now())

    @property
    def held(self) -> bool:
        return self.remaining > 0

    def on_lost(self, callback: object) -> None:
        """Never called: that thread hangs, too."""

    on_release_requested = on_lost


class HangingLock:
    """Got at the first try."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl

    def try_acquire(self) -> HangingHold:
        return HangingHold(self._ttl)


class HangingManager:
    """What `connect` answers here."""

    def __init__(self, *_: object, **__: Any) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Closing releases what is kept alive, so it matters when that is."""
        if sys.argv[1] == "broken":
            print(f"closed at {SystemClock().now()}", file=sys.stderr, flush=True)

    def wait_lease(
        self, name: str, machine_id: None, version: int, period: float, *, timeout: float
    ) -> HangingLease:
        return HangingLease(period)

    def lock(self, name: str, *, ttl: float, metadata: object) -> HangingLock:
        return HangingLock(ttl)


if __name__ == "__main__":
    from coordination.cli import options
    from coordination.cli.app import coordination

    options.connect = HangingManager  # type: ignore[attr-defined, assignment]
    coordination(sys.argv[2:])
