"""Forking while gRPC is loaded: its threads do not survive it, its locks might.

Before a fork every connection of this process holds new calls back and lets those under way finish
for a while; then all channels are closed and gRPC comes to rest. Afterwards the parent opens new
channels on demand. In the child nothing is touched: what was connected belongs to the parent.
"""

from __future__ import annotations

import os
import threading
import weakref

from coordination.clock import SystemClock
from coordination.stores.etcd import channels
from coordination.stores.etcd.pool import Pool
from coordination.timing import Deadline

FINISHING = 1.0
"""Seconds that calls under way may take to finish before a fork."""

_CLOCK = SystemClock()
_pools: dict[int, weakref.ref[Pool]] = {}
_here = threading.local()
"""What the thread that forks is holding back; two threads may fork at the same time."""

_inherited: list[object] = []
"""Channels of the parent, should one be left open: taking them apart in the child could hang."""


def mind(pool: Pool) -> None:
    """From now on a fork waits for it."""
    number = id(pool)
    _pools[number] = weakref.ref(pool, lambda _: _pools.pop(number, None))


def _before() -> None:
    channels.here().hold()
    # list() of a dict's values is one step, whatever other threads add or drop meanwhile.
    pools = [pool for pool in (known() for known in list(_pools.values())) if pool is not None]
    _here.held = [pool for pool in pools if pool.home.here]
    for pool in _here.held:
        pool.hold()
    bound = Deadline(_CLOCK, FINISHING)
    for pool in _here.held:
        pool.drain(bound)
    channels.here().settle()


def _in_parent() -> None:
    channels.here().resume()
    held, _here.held = getattr(_here, "held", []), []
    for pool in held:
        pool.resume()


def _in_child() -> None:
    """Forget them without a look: their locks may be held by threads that do not exist here."""
    global _pools, _here
    _inherited.append(channels.renew())
    _pools, _here = {}, threading.local()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
