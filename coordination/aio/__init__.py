"""`coordination` for asyncio: the same names and calls, of which those that do I/O are awaited.

    async with coordination.aio.connect("etcd://localhost:2379") as manager:
        async with await manager.wait_lease("nightly-report") as lease:
            ...

Renewal is a thread, and no waiting task takes one. Errors are those of `coordination`.
"""

from __future__ import annotations

from typing import Any

import coordination
from coordination.aio.hold import Hold
from coordination.aio.leader import Leader
from coordination.aio.lease import Lease
from coordination.aio.lock import Lock
from coordination.aio.manager import Manager
from coordination.aio.membership import Membership
from coordination.aio.pool import Pool
from coordination.aio.reconciler import Reconciler
from coordination.aio.scheduler import LockScheduler, Once
from coordination.aio.term import Term
from coordination.aio.unit import Unit
from coordination.clock import Clock
from coordination.connect import TIMEOUT
from coordination.store import Store
from coordination.timing import Seconds

__all__ = [
    "Hold",
    "Leader",
    "Lease",
    "Lock",
    "LockScheduler",
    "Manager",
    "Membership",
    "Once",
    "Pool",
    "Reconciler",
    "Term",
    "Unit",
    "connect",
]


def connect(
    target: str | Store | None = None,
    *,
    machine_id: str | None = None,
    namespace: str = "",
    timeout: Seconds = TIMEOUT,
    clock: Clock | None = None,
    logger: Any = None,
    stall_after: Seconds | None = None,
    **options: Any,
) -> Manager:
    """A manager on the store that `target` names; all arguments as of `coordination.connect`.

    It is no coroutine, because it does no I/O; close what it answers, or use it with `async with`.
    """
    manager = coordination.connect(
        target,
        machine_id=machine_id,
        namespace=namespace,
        timeout=timeout,
        clock=clock,
        logger=logger,
        stall_after=stall_after,
        **options,
    )
    return Manager(manager)
