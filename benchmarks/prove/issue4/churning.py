"""A program whose threads acquire and release, thousands of times; it looks at itself meanwhile."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coordination import Lock, connect

WARM = 5
"""Pairs of each thread beforehand."""

UNDER_WAY = 2.0
"""Seconds after which all of them are, and have their connections; then nothing changes until one is done."""

LOOK = 0.25
TASKS, DESCRIPTORS = Path("/proc/self/task"), Path("/proc/self/fd")


def churn(url: str, threads: str, times: str, names: str) -> None:
    """The program; with fewer names than threads, some wait for others."""
    with connect(url) as manager, ThreadPoolExecutor(int(threads)) as pool:
        locks = [manager.lock(f"churned-{number % int(names)}") for number in range(int(threads))]
        list(pool.map(lambda lock: _pairs(lock, WARM), locks))
        print("ready", flush=True)
        sys.stdin.readline()
        looks: list[list[int]] = []
        began = time.monotonic()
        done = [pool.submit(_pairs, lock, int(times)) for lock in locks]
        time.sleep(UNDER_WAY)
        while not any(one.done() for one in done):
            looks.append([threading.active_count(), _count(TASKS), _count(DESCRIPTORS)])
            time.sleep(LOOK)
        pairs = sum(one.result() for one in done)
        print(json.dumps({"pairs": pairs, "seconds": time.monotonic() - began, "looks": looks}), flush=True)
        sys.stdin.readline()


def _pairs(lock: Lock, times: int) -> int:
    return sum(lock.acquire(timeout=60.0).release() for _ in range(times))


def _count(folder: Path) -> int:
    return len(os.listdir(folder)) if folder.exists() else 0
