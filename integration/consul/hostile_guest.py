"""A program that asks a hostile server for everything: `python -m integration.consul.hostile_guest ENDPOINT`.

In a process of its own, since what one call needs of memory could not be told from what the server
in the test's process needs, nor from what the call before it had left. Prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coordination import CoordinationError, connect
from coordination.record import Session
from coordination.stores.consul.opening import open_store
from integration.faults.calls import contending_calls, manager_calls, store_calls
from integration.faults.measuring import measured

TIMEOUT = 1.0
"""Seconds each call is given."""
WATCHED = 0.3
"""Seconds that a watch is left to the server's mercy, if it begins at all; they count as the call's."""

SESSION = Session("7fffffff-0000-4000-8000-000000000000", 10.0)


@dataclass(frozen=True)
class Told:
    """What is kept of a call: neither its answer nor its error, which would keep memory."""

    took: float
    believed: bool
    untyped: str


def main(endpoint: str) -> None:
    """Try it on somebody who refuses, for what the first call loads; then measure."""
    _everything("127.0.0.1:1")
    before = _peak()
    told = _everything(endpoint)
    print(
        json.dumps(
            {
                "grown": _peak() - before,
                "took": {name: it.took for name, it in told.items()},
                "untyped": {name: it.untyped for name, it in told.items() if it.untyped},
                "believed": [name for name, it in told.items() if it.believed],
            }
        )
    )


def _everything(endpoint: str) -> dict[str, Told]:
    store = open_store(f"consul://{endpoint}", token="t0psecret")
    manager = connect(f"consul://{endpoint}", timeout=TIMEOUT, token="t0psecret")
    calls: dict[str, Callable[[], object]] = {
        **store_calls(store, SESSION, TIMEOUT),
        **contending_calls(store, SESSION, TIMEOUT),
        **{f"manager's {name}": call for name, call in manager_calls(manager, TIMEOUT).items()},
        "store's watch": lambda: _watched(store),
        "store's close": store.close,
        "manager's close": manager.close,
    }
    return {name: _told(call) for name, call in calls.items()}


def _told(call: Callable[[], object]) -> Told:
    outcome = measured(call)
    ours = outcome.error is None or isinstance(outcome.error, CoordinationError)
    return Told(outcome.took, outcome.error is None, "" if ours else repr(outcome.error))


def _watched(store: Any) -> None:
    """A watch is told to begin at once; what it meets afterwards is its own affair."""
    subscription = store.watch("/leases/job", 0, lambda _key, _index: None, timeout=TIMEOUT)
    time.sleep(WATCHED)
    subscription.close()


def _peak() -> int:
    """The most memory this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what the parent had into `ru_maxrss`
        high_water = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(high_water.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(sys.argv[1])
