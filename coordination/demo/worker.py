"""What a machine of the demo does: it owns up to its share of the units and writes to their logs."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from coordination.demo.log import START, STOP, WORK, FencedLog, Outcome
from coordination.errors import LeaseLost, StoreError

if TYPE_CHECKING:
    from coordination.lease import Lease
    from coordination.manager import Manager

PRESENCE = "machine-"
"""Prefix of the leases that tell machines of each other."""


class Worker:
    """Owns up to its fair share of the units. One thread calls it; the leases renew on their own."""

    def __init__(
        self, manager: Manager, name: str, logs: dict[str, FencedLog], machines: int, period: float
    ) -> None:
        self._manager = manager
        self._name = name
        self._logs = logs
        self._machines = machines
        self._period = period
        self._presence: Lease | None = None
        self._owned: dict[str, Lease] = {}
        self._awaited_until = manager.clock.now() + 3 * period

    def tick(self) -> None:
        """Do one round: work on what is ours, then claim what is missing from our share."""
        for unit in list(self._owned):
            self._write(WORK, unit)
        with suppress(StoreError, LeaseLost):
            self._announce()
            self._claim(self._share() - len(self._owned))

    def stop(self) -> None:
        """Say so in the logs, then give every unit back."""
        for unit, lease in list(self._owned.items()):
            self._write(STOP, unit)
            _give_back(lease)
        self._owned.clear()

    def _announce(self) -> None:
        if self._presence is None or not self._presence.held:
            self._presence = self._acquire(PRESENCE + self._name)

    def _share(self) -> int:
        """Units per living machine; those still starting up count as living for three periods."""
        living = len(self._manager.list_leases(PRESENCE))
        if living >= self._machines:
            self._awaited_until = 0.0
        if self._manager.clock.now() < self._awaited_until:
            living = self._machines
        return math.ceil(len(self._logs) / max(1, living))

    def _claim(self, wanted: int) -> None:
        for unit in self._logs:
            if wanted <= 0:
                return
            if unit not in self._owned and self._take(unit):
                wanted -= 1

    def _take(self, unit: str) -> bool:
        lease = self._acquire(unit)
        if lease is None:
            return False
        self._owned[unit] = lease
        self._write(START, unit)
        return unit in self._owned

    def _acquire(self, name: str) -> Lease | None:
        lease = self._manager.acquire_lease(name, self._name, 0, self._period)
        return None if lease is None else lease.keep_alive()

    def _write(self, kind: str, unit: str) -> None:
        """One entry; what is lost, or refused by the log, is not ours to work on any more."""
        lease = self._owned[unit]
        outcome = self._logs[unit].write(kind, lease.token, self._name, lambda: lease.held)
        if outcome is not Outcome.WRITTEN:
            del self._owned[unit]
            _give_back(lease)


def _give_back(lease: Lease) -> None:
    with suppress(LeaseLost, StoreError):
        lease.release()
