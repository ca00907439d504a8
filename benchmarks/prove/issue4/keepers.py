"""Programs that hold many locks, or wait for many, and do nothing else; see benchmarks/prove/keepers.py."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import coordination.aio
from benchmarks.prove.keepers import OPENERS, wait_for_go
from coordination import Hold, Manager, connect

SETTLING = 1.0
"""Seconds for what the first lock of a manager sets going; the first beat comes after a third of the ttl."""

FEW = 20


def locks(url: str, count: str, ttl: str, seconds: str) -> None:
    """Hold so many; say what holding them cost, and how many were lost."""
    manager = connect(url)
    holds = held(manager, "few", range(FEW), float(ttl))
    time.sleep(float(ttl) / 3 + SETTLING)
    few, before = names_of_threads(), resident()
    holds += held(manager, "many", range(int(count)), float(ttl))
    time.sleep(float(ttl) * 2 / 3)  # Two beats.
    grown = resident() - before
    lost: list[str] = []
    for hold in holds:
        hold.on_lost(lambda gone, reason: lost.append(f"{gone.name} {reason}"))
    wait_for_go()
    began = time.process_time()
    time.sleep(float(seconds))
    cpu = time.process_time() - began
    report = {
        "cpu": cpu,
        "more": more_threads(few),
        "lost": len(lost) + sum(not hold.held for hold in holds),
        "resident": grown / int(count),
    }
    print(json.dumps(report), flush=True)
    sys.stdin.readline()
    os._exit(0)  # Ten thousand releases are not what is measured.


def weights(url: str, count: str) -> None:
    """Hold so many; say what Python allocated for each."""
    manager = connect(url)
    holds = held(manager, "few", range(FEW), 60.0)
    time.sleep(SETTLING)
    tracemalloc.start()
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    holds += held(manager, "weighed", range(int(count)), 60.0)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    print(json.dumps({"allocated": (after - before) / len(holds)}), flush=True)
    os._exit(0)


def held(manager: Manager, kind: str, numbers: Iterable[int], ttl: float) -> list[Hold]:
    """A lock each."""
    with ThreadPoolExecutor(OPENERS) as pool:
        return list(pool.map(lambda it: manager.lock(f"{kind}-{it}", ttl=ttl).acquire(30.0), numbers))


def names_of_threads() -> list[str]:
    """Of all that Python knows."""
    return [thread.name for thread in threading.enumerate()]


def more_threads(before: Iterable[str]) -> list[str]:
    """Those that are there now beyond those that were."""
    return sorted((Counter(names_of_threads()) - Counter(before)).elements())


def resident() -> int:
    """Bytes of memory that this process has; Linux says."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def tasks(url: str, count: str) -> None:
    """Wait for so many locks that another has, in a task each; say how many threads that takes."""
    asyncio.run(_tasks(url, int(count)))


async def _tasks(url: str, count: int) -> None:
    loop = asyncio.get_running_loop()
    # One thread reads what the parent says: asyncio's own pool would grow by one now and then.
    with ThreadPoolExecutor(1) as reader:
        async with coordination.aio.connect(url) as manager:
            await _wait_for_all(manager, count, lambda read: loop.run_in_executor(reader, read))


async def _wait_for_all(
    manager: coordination.aio.Manager,
    count: int,
    heard: Callable[[Callable[[], object]], Awaitable[object]],
) -> None:
    async def wait(number: int) -> bool:
        async with await manager.lock(f"awaited-{number}").acquire() as hold:
            return hold.held

    waiting = [asyncio.create_task(wait(number)) for number in range(FEW)]
    await heard(wait_for_go)
    few = names_of_threads()
    waiting += [asyncio.create_task(wait(number)) for number in range(FEW, count)]
    await heard(sys.stdin.readline)
    print(json.dumps({"more": more_threads(few)}), flush=True)
    got = await asyncio.gather(*waiting)
    print(json.dumps({"got": sum(got)}), flush=True)
