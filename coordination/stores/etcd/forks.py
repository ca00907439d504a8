"""Forking while gRPC is loaded: its threads do not survive it, its locks might.

Before a fork every connection of this process holds new calls back, lets those under way finish for
a while, and closes its channel; then gRPC's own threads get a moment to end. Afterwards the parent
opens new channels on demand. In the child nothing is touched: what was connected belongs to the
parent. Without the moment's pause a few children in a hundred hang at their first call.
"""

from __future__ import annotations

import os
import threading
import weakref

from coordination.clock import SystemClock
from coordination.stores.etcd.pool import Pool
from coordination.timing import Deadline

FINISHING = 1.0
"""Seconds that calls under way may take to finish before a fork."""

SETTLING = 0.02
"""Seconds for gRPC's own threads to end."""

_CLOCK = SystemClock()
_pools: weakref.WeakSet[Pool] = weakref.WeakSet()
_here = threading.local()
"""What the thread that forks is holding back; two threads may fork at the same time."""


def mind(pool: Pool) -> None:
    """From now on a fork waits for it."""
    _pools.add(pool)


def _before() -> None:
    _here.held = [pool for pool in list(_pools) if pool.home.here]
    for pool in _here.held:
        pool.hold()
    bound = Deadline(_CLOCK, FINISHING)
    drained = [pool.drain(bound) for pool in _here.held]
    if any(drained):
        _CLOCK.sleep(SETTLING)


def _in_parent() -> None:
    held, _here.held = getattr(_here, "held", []), []
    for pool in held:
        pool.resume()


def _in_child() -> None:
    """Forget them without a look: their locks may be held by threads that do not exist here."""
    global _pools, _here
    _pools, _here = weakref.WeakSet(), threading.local()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
