"""The steps of the scenes: what is done with a lease while one of its calls meets a fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from coordination import Lease, Manager, OutcomeUnknown, StoreUnavailable
from integration.faults.measuring import measured
from integration.servers.fault import Fault

PERIOD = 3.0
LONGER = 4.0
"""Seconds: the period that one step changes it to."""

PATIENCE = 30.0
"""Seconds that preparing a scene may take, of which many are prepared at once."""

KEPT = 9.0
"""Seconds: the period of what the heartbeat keeps. One lost answer takes some 4 s of it; in what is left a
busy machine finds time for a renewal."""


class Way(Protocol):
    """A proxy before a server, on which a fault can lie in wait for a call."""

    @property
    def endpoint(self) -> str:
        """Where to connect."""
        ...

    def next(self, match: Any, *faults: Fault) -> None:
        """These befall the next calls that match, one each."""
        ...

    def pending(self, match: Any) -> int:
        """How many of them have not befallen anybody yet."""
        ...


@dataclass(frozen=True)
class Stage:
    """A manager whose calls go through a proxy, one whose calls do not, and a name for both."""

    a: Manager
    b: Manager
    way: Way
    name: str
    writing: Any
    """What matches, on this way, a write of the record."""

    def held(self, period: float = PERIOD) -> Lease:
        """A lease of `a`, renewed once, so that what it keeps open is open and an answer can be lost.

        On a machine so busy that its period passes meanwhile another one is taken.
        """
        give_up = time.monotonic() + PATIENCE
        while True:
            lease = self.a.wait_lease(self.name, period=period, timeout=PATIENCE)
            while lease.held:
                if measured(lease.renew).error is None:
                    return lease
            assert time.monotonic() < give_up, "no lease could be renewed while it was held"


Act = Callable[[], Any]
Step = Callable[[Stage], tuple[Act, Lease | None]]
"""Prepares; what to do once the fault lies in wait, and the lease it is about if there is one by then."""


def acquire(stage: Stage) -> tuple[Act, Lease | None]:
    """A free name."""
    return lambda: stage.a.acquire_lease(stage.name, period=PERIOD), None


def steal(stage: Stage) -> tuple[Act, Lease | None]:
    """From a holder that does not renew."""
    victim = stage.b.wait_lease(stage.name, period=PERIOD, timeout=PATIENCE)
    return lambda: stage.a.steal_lease(stage.name, None, 0, PERIOD, victim.index), None


def renew(stage: Stage) -> tuple[Act, Lease | None]:
    """By hand."""
    lease = stage.held()
    return lease.renew, lease


def lengthen(stage: Stage) -> tuple[Act, Lease | None]:
    """To another period, which moves the record to another session."""
    lease = stage.held()
    return lambda: lease.renew(LONGER), lease


def commit(stage: Stage) -> tuple[Act, Lease | None]:
    """Write under it."""
    lease = stage.held()
    return lambda: lease.commit({stage.name: b"written"}), lease


def release(stage: Stage) -> tuple[Act, Lease | None]:
    """Give it up."""
    lease = stage.held()
    return lease.release, lease


def release_unsure(stage: Stage) -> tuple[Act, Lease | None]:
    """It has to compare before it removes: an earlier write of its own may have moved the index."""
    lease = stage.held()
    stage.way.next(stage.writing, Fault(swallow=True))
    with suppress(OutcomeUnknown, StoreUnavailable):
        lease.renew()
    return lease.release, lease


def keep(stage: Stage) -> tuple[Act, Lease | None]:
    """The heartbeat meets it, and has two periods to get over it."""
    lease = stage.held(KEPT).keep_alive()
    return lambda: time.sleep(2 * KEPT), lease
