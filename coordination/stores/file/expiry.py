"""When a session is dead, judged by clocks that do not trust each other.

- Same boot: the wall clock and the boot clock must both say that it expired.
- An earlier boot of this host (and a folder no other machine shares): dead at once.
- Anything else, or the two clocks disagree: unknown. It is dead once it stayed unchanged for a whole
  period on the observer's own boot clock; a holder that renews changes it. (The rule of client-go's
  leader election and of the DynamoDB lock client.) The observation is kept in the counter file, so
  that programs that look once continue each other's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from coordination.clock import Clock
from coordination.stores.file.origin import Origin


class Verdict(Enum):
    """What the clocks say."""

    ALIVE = "alive"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A point in time on both clocks, and where they were read. Seconds."""

    wall: float
    boot: float
    origin: Origin

    def fields(self) -> dict[str, Any]:
        """For a JSON file."""
        return {
            "wall": self.wall,
            "boot": self.boot,
            "host": self.origin.host,
            "boot_id": self.origin.boot,
            "time_namespace": self.origin.time_namespace,
        }

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Stamp:
        """From a JSON file; KeyError or ValueError if it is not one."""
        origin = Origin(str(fields["host"]), str(fields["boot_id"]), str(fields["time_namespace"]))
        return cls(float(fields["wall"]), float(fields["boot"]), origin)


class Judge:
    """Judges stamps from where this process stands. `shared`: other machines may use the folder."""

    def __init__(self, clock: Clock, origin: Origin, *, shared: bool) -> None:
        self.clock = clock
        self.origin = origin
        self.shared = shared

    def now(self) -> Stamp:
        """A stamp of this instant."""
        return Stamp(self.clock.wall(), self.clock.now(), self.origin)

    def verdict(self, stamp: Stamp, ttl: float) -> tuple[Verdict, float]:
        """What the clocks say of something stamped and good for `ttl`, and when to look again, in seconds."""
        if self.origin.rebooted_since(stamp.origin) and not self.shared:
            return Verdict.EXPIRED, 0.0
        if not self.origin.same_boot(stamp.origin):
            return Verdict.UNKNOWN, ttl
        wall_left = stamp.wall + ttl - self.clock.wall()
        boot_left = stamp.boot + ttl - self.clock.now()
        if not self.origin.boot and boot_left > ttl:
            boot_left = -1.0  # The boot clock is behind the stamp: the machine was restarted since.
        if (wall_left < 0) != (boot_left < 0):
            return Verdict.UNKNOWN, min(ttl, max(wall_left, boot_left))
        if boot_left < 0:
            return Verdict.EXPIRED, 0.0
        return Verdict.ALIVE, boot_left

    def own_verdict(self, stamp: Stamp, ttl: float) -> Verdict:
        """For the holder itself: its boot clock alone decides; steps of the wall clock are no loss."""
        if not self.origin.same_boot(stamp.origin):
            return self.verdict(stamp, ttl)[0]
        expired = stamp.boot + ttl < self.clock.now()
        return Verdict.EXPIRED if expired else Verdict.ALIVE

    def elapsed(self, since: float) -> float | None:
        """Seconds since a point on our boot clock; None if it cannot be one of this boot."""
        elapsed = self.clock.now() - since
        return elapsed if elapsed >= 0 else None
