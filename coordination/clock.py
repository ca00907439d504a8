"""The only module that reads clocks.

Deadlines are kept on `now()`: CLOCK_BOOTTIME where the system has it, because it goes on counting
while the machine is suspended and CLOCK_MONOTONIC does not (PEP 418); else the monotonic clock.
Wall time is for people, for records that programs in other languages read, and, together with the
boot clock, for judging records of other processes; it never decides alone whether *we* hold.
"""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable


class Waitable(Protocol):
    """What a clock can wait for; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether it has happened."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait in real time; whether it has happened."""
        ...


@runtime_checkable
class Clock(Protocol):
    """What the library needs of time; `coordination.testing.FakeClock` is the other one."""

    def now(self) -> float:
        """Seconds on a clock that never steps and counts suspend; only differences mean anything."""
        ...

    def wall(self) -> float:
        """Unix seconds; may step."""
        ...

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Wait until `event` is set or `timeout` seconds passed on this clock; True if it is set."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass on this clock."""
        ...


def _boottime() -> int | None:
    """The clock's number where the kernel answers for it, which a constant alone does not promise."""
    number: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    if number is None:
        return None
    try:
        time.clock_gettime(number)
    except OSError:
        return None
    return number


_BOOTTIME = _boottime()


class SystemClock:
    """The real clocks of this machine."""

    def now(self) -> float:
        """Seconds since boot, suspend included; monotonic seconds for want of such a clock."""
        return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)

    def wall(self) -> float:
        """Unix seconds."""
        return time.time()

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Wait in real time."""
        return event.wait(timeout)

    def sleep(self, seconds: float) -> None:
        """Sleep in real time."""
        time.sleep(seconds)

    def __repr__(self) -> str:
        return "SystemClock()"


def default_clock() -> Clock:
    """The clock a manager uses when it is given none."""
    return SystemClock()
