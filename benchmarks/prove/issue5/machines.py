"""A program that is several machines of a pool: each has its own manager, session and share of the units."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.prove.issue5.talk import say
from coordination import CoordinationError, Manager, connect

POOL = "work"
TRIES = 30


class Machine:
    """One of them."""

    def __init__(self, url: str, name: str, ttl: float) -> None:
        self._manager: Manager = connect(url, machine_id=name)
        self._pool = self._manager.pool(POOL, ttl=ttl)
        self._lock = threading.Lock()
        self._seen: set[tuple[str, int]] = set()
        self.errors: list[str] = []
        self.lost: Counter[str] = Counter()
        self._pool.on_obtained(self._own)

    def balance(self) -> None:
        """Take part from here on; a store that is too busy is asked again."""
        for _ in range(TRIES):
            try:
                for unit in self._pool.balance():
                    self._own(unit)
            except CoordinationError as error:
                self.errors.append(repr(error))
                time.sleep(0.5)
            else:
                return

    @property
    def owned(self) -> list[str]:
        """The units that it believes in."""
        return [unit.name for unit in self._pool.owned()]

    def _own(self, unit: Any) -> None:
        with self._lock:
            known = (unit.name, unit.token) in self._seen
            self._seen.add((unit.name, unit.token))
        if not known:
            unit.on_lost(lambda _unit, reason: self.lost.update([reason]))


def machines(url: str, names: str, ttl: str) -> None:
    """The program: ready; balance; then, whenever it is sent a line, say what they own and have lost."""
    own = [Machine(url, name, float(ttl)) for name in names.split(",")]
    say(ready=True)
    sys.stdin.readline()
    began = time.monotonic()
    with ThreadPoolExecutor(len(own)) as pool:
        list(pool.map(Machine.balance, own))
    say(seconds=time.monotonic() - began)
    while sys.stdin.readline():
        lost = sum((machine.lost for machine in own), Counter[str]())
        errors = [error for machine in own for error in machine.errors]
        owned = [unit for machine in own for unit in machine.owned]
        say(owned=owned, lost=lost, errors=errors, cpu=time.process_time())
    os._exit(0)  # Two thousand releases are not what is measured.
