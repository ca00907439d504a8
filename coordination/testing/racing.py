"""Threads let loose at the same moment, for tests of "exactly one wins"."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_BOUND = 60.0
"""Real seconds after which a race counts as hung; far above what any store needs."""


def race(actions: Sequence[Callable[[], T]]) -> list[T]:
    """Run all actions at once, a thread each; their answers in order, or the first exception."""
    start = threading.Barrier(len(actions), timeout=_BOUND)

    def run(action: Callable[[], T]) -> T:
        start.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        futures = [pool.submit(run, action) for action in actions]
        return [future.result(timeout=_BOUND) for future in futures]
