"""A holder is killed with SIGKILL; how long until a waiting process has the lease."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.prove.children import line, running
from benchmarks.prove.figure import Figure, at_most
from coordination import connect

PERIOD = 2.0
LIMIT = 3.0
TIMES = 6

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
lease = manager.wait_lease(sys.argv[2], period=30, timeout=30)
print(time.time(), lease.token, flush=True)
"""


def takeover(url: str, name: str) -> float:
    """Seconds from the killed holder's last renewal to the next holder's acquisition."""
    with ExitStack() as ends:
        holder = ends.enter_context(running(HOLDER, url, name, str(PERIOD)))
        token = int(line(holder))
        waiter = ends.enter_context(running(WAITER, url, name))
        line(waiter)
        time.sleep(random.uniform(1.0, 2.0))
        holder.kill()
        with connect(url) as manager:
            left_behind = manager.get_lease(name)
        assert left_behind is not None
        assert left_behind.token == token
        acquired, next_token = line(waiter).split()
        assert int(next_token) > token
        return float(acquired) - left_behind.renewed_at


def figures() -> Iterator[Figure]:
    """The slowest of some takeovers, two at a time."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        url = Path(folder).as_uri()
        took = sorted(pool.map(lambda number: takeover(url, f"unit-{number}"), range(TIMES)))
    every = " ".join(f"{seconds:.2f}" for seconds in took)
    name = f"kill -9 of a holder (period {PERIOD:g} s): next holder after its last renewal"
    yield at_most(name, LIMIT, took[-1], "s", all=every)
