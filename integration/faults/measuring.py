"""Measuring calls that may fail, one by one and side by side: what tests of faults share, on every store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from coordination import OutcomeUnknown, StoreUnavailable

AT_ONCE = 12
"""Calls side by side: more of them would wait for the processor, and not for what they are about."""

Recorded = Callable[[str, object], None]
"""pytest's `record_property`: what was measured, which `make prove` tells."""

_BEAT = 0.02

_HICCUP = 0.1
"""Seconds for which nobody ran, from which on it is the machine that is late, and not who runs on it."""

T = TypeVar("T")
Key = TypeVar("Key")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """How one call went: what it answered or raised, and after how many seconds."""

    took: float
    value: T | None = None
    error: Exception | None = None


def measured(call: Callable[[], T]) -> Outcome[T]:
    """Call it."""
    began = time.monotonic()
    try:
        value = call()
    except Exception as error:  # noqa: BLE001 - which one it may be is for the test to say
        return Outcome(time.monotonic() - began, error=error)
    return Outcome(time.monotonic() - began, value)


def all_at_once(calls: Mapping[Key, Callable[[], T]], at_once: int = AT_ONCE) -> dict[Key, Outcome[T]]:
    """Call them side by side, so that many slow ones take hardly longer than one."""
    with ThreadPoolExecutor(min(len(calls), at_once)) as pool:
        futures = {name: pool.submit(measured, call) for name, call in calls.items()}
        return {name: future.result() for name, future in futures.items()}


def eventually(look: Callable[[], bool], within: float) -> float:
    """Seconds until `look` was true; fails if that takes longer than `within`."""
    began = time.monotonic()
    while not look():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.01)
    return time.monotonic() - began


class _Beating:
    """A thread that wants to run every 20 ms, and notes how many seconds too late it came each time."""

    def __init__(self) -> None:
        self.late = [0.0]
        self._due = time.monotonic() + _BEAT
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def hiccups(self) -> float:
        """Seconds of standstill so far; one that it has not woken up from itself is among them."""
        overdue = time.monotonic() - self._due
        return sum(late for late in [*self.late, overdue] if late >= _HICCUP)

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_BEAT):
            now = time.monotonic()
            self.late.append(now - self._due)
            self._due = now + _BEAT


@contextmanager
def standstills() -> Iterator[Sequence[float]]:
    """How many seconds too late a thread came that wanted to run every 20 ms, each time."""
    beating = _Beating()
    try:
        yield beating.late
    finally:
        beating.end()


@contextmanager
def hiccups() -> Iterator[Callable[[], float]]:
    """For how many seconds of the block, so far, this machine let nobody run: a bound does not count them.

    Only standstills of a tenth of a second or more are any: on a quiet machine every bound is as it stands.
    """
    beating = _Beating()
    try:
        yield beating.hiccups
    finally:
        beating.end()


def slowest(outcomes: Mapping[str, Outcome[Any]]) -> float:
    """Seconds that the slowest of them took."""
    return max(outcome.took for outcome in outcomes.values())


def late(outcomes: Mapping[str, Outcome[Any]], bound: float) -> dict[str, Outcome[Any]]:
    """Those that took longer than `bound` seconds."""
    return {name: outcome for name, outcome in outcomes.items() if outcome.took > bound}


def untyped(outcomes: Mapping[str, Outcome[Any]]) -> dict[str, Outcome[Any]]:
    """Those that did not raise one of the two errors that say: the store could not be reached."""
    known = (StoreUnavailable, OutcomeUnknown)
    return {name: outcome for name, outcome in outcomes.items() if not isinstance(outcome.error, known)}
