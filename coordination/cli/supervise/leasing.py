"""Getting a lease to run a command under; `Lease` itself is all that the supervisor needs then."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.cli.supervise.patience import Waiting, wait_patiently
from coordination.lease import Lease
from coordination.manager import Manager


@dataclass(frozen=True, slots=True)
class Leasing:
    """The lease `name`; `period` in seconds."""

    name: str
    version: int
    period: float

    def obtain(self, manager: Manager, waiting: Waiting) -> Lease:
        """Wait for it, and have it kept alive."""

        def attempt(seconds: float) -> Lease:
            return manager.wait_lease(self.name, None, self.version, self.period, timeout=seconds)

        return wait_patiently(attempt, waiting).keep_alive()
