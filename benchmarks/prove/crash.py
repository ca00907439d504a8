"""A holder is killed with SIGKILL; how long until a waiting process has the lease."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.prove.children import line, running
from benchmarks.prove.figure import Figure, at_most
from coordination import connect

PATIENCE = 50.0
"""Seconds: the holder lives for up to a period, and some stores keep what it held for two more."""

HOLDER = """
import sys, time
from coordination import connect
lease = connect(sys.argv[1]).acquire_lease(sys.argv[2], period=float(sys.argv[3]))
lease.keep_alive()
print(lease.token, flush=True)
time.sleep(60)
"""
WAITER = """
import sys, time
from coordination import connect
manager = connect(sys.argv[1])
print("waiting", flush=True)
lease = manager.wait_lease(sys.argv[2], period=30, timeout=float(sys.argv[3]))
print(time.time(), lease.token, flush=True)
"""


def takeover(url: str, name: str, period: float) -> float:
    """Seconds from the killed holder's last renewal to the next holder's acquisition."""
    with ExitStack() as ends:
        holder = ends.enter_context(running(HOLDER, url, name, str(period)))
        token = int(line(holder))
        waiter = ends.enter_context(running(WAITER, url, name, str(PATIENCE)))
        line(waiter)
        time.sleep(random.uniform(0.5, 1.0) * period)
        holder.kill()
        with connect(url) as manager:
            left_behind = manager.get_lease(name)
        assert left_behind is not None
        assert left_behind.token == token
        acquired, next_token = line(waiter).split()
        assert int(next_token) > token
        return float(acquired) - left_behind.renewed_at


def slowest(url: str, period: float, limit: float, *, times: int, at_once: int) -> Figure:
    """The slowest of some takeovers, several at a time."""
    with ThreadPoolExecutor(at_once) as pool:
        took = sorted(pool.map(lambda number: takeover(url, f"unit-{number}", period), range(times)))
    every = " ".join(f"{seconds:.2f}" for seconds in took)
    name = f"kill -9 of a holder (period {period:g} s): next holder after its last renewal"
    return at_most(name, limit, took[-1], "s", all=every)
