"""A machine that shares a pool's units, and a judge who sees every unit that any of them is given."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from coordination.pool import Pool
from coordination.unit import Unit


class Judge:
    """Notices when two hold one unit at once. Thread-safe."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._units: dict[str, dict[int, Unit]] = defaultdict(dict)
        self._faults: list[str] = []

    def given(self, unit: Unit) -> None:
        """Somebody was given this unit, or has it still."""
        with self._mutex:
            known = self._units[unit.name]
            known[unit.token] = unit
            held = [token for token, it in known.items() if it.held]
        if len(held) > 1:
            self._faults.append(f"{unit.name!r} is held under the tokens {sorted(held)} at once")

    @property
    def grants(self) -> int:
        """How often a unit was given to anybody so far."""
        with self._mutex:
            return sum(map(len, self._units.values()))

    def satisfied(self) -> None:
        """Fail if two held one unit at once at any look."""
        with self._mutex:
            units = [it for known in self._units.values() for it in known.values()]
        for unit in units:
            self.given(unit)
        assert not self._faults, self._faults


class Machine:
    """One machine's pool, with every unit it was given."""

    def __init__(self, judge: Judge, name: str, pool: Pool) -> None:
        self.name = name
        self.pool = pool
        self._judge = judge
        self.told: list[str] = []
        """The units it was given in the background, by name."""
        self._asking: Any = None
        self._asked: list[Unit] = []
        self._mutex = threading.Lock()
        self._seen: set[int] = set()
        pool.on_obtained(self._obtained)

    def balance(self, **options: Any) -> list[str]:
        """One round of balancing; what it owns then."""
        return self._noted(self.pool.balance(**options))

    def owned(self) -> list[str]:
        """What it owns, by name."""
        return self._noted(self.pool.owned())

    def ask_me(self, answer: Any = None) -> None:
        """Be asked for units from now on: call `answer(unit)`; without one, the units are kept."""
        self._asking = answer or (lambda _unit: None)
        self.owned()

    @property
    def asked(self) -> list[Unit]:
        """The units it was asked for, in that order."""
        with self._mutex:
            return list(self._asked)

    def _noted(self, units: list[Unit]) -> list[str]:
        for unit in units:
            self._judge.given(unit)
            if self._asking is not None:
                self._listen(unit)
        return [unit.name for unit in units]

    def _obtained(self, unit: Unit) -> None:
        self.told.append(unit.name)
        self._judge.given(unit)
        if self._asking is not None:
            self._listen(unit)

    def _listen(self, unit: Unit) -> None:
        with self._mutex:
            if unit.token in self._seen:
                return
            self._seen.add(unit.token)
        unit.on_release_requested(self._asked_for)

    def _asked_for(self, unit: Unit) -> None:
        with self._mutex:
            self._asked.append(unit)
        self._asking(unit)
