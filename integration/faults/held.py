"""A lease that is kept, and what its holder hears: for tests and proofs of how a loss is told."""

from __future__ import annotations

import queue
import time
from contextlib import suppress

from coordination import Lease, Manager, OutcomeUnknown


def let_go(lease: Lease) -> None:
    """Give it up; what a busy machine does not confirm within a second is finished in the background."""
    with suppress(OutcomeUnknown):
        lease.release()


class Held:
    """A lease kept alive, and what its holder is told of it."""

    def __init__(self, manager: Manager, name: str, period: float) -> None:
        self.told: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        self.lease: Lease = manager.wait_lease(name, period=period, timeout=10.0)
        self.lease.keep_alive(lambda _lease, reason: self.told.put((time.time(), reason)))

    @property
    def held(self) -> bool:
        """Whether its holder still believes in it."""
        return self.lease.held

    @property
    def session(self) -> str:
        """The server's id of it, as its own tools take it."""
        return self.lease.grant.session.id

    @property
    def key(self) -> str:
        """Where it is stored."""
        return self.lease.grant.key
