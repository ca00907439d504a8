"""Contenders in memory: each question of `coordination.contention` is one step."""

from __future__ import annotations

from collections.abc import Mapping

from coordination.contention import Proof, Removed, Standing
from coordination.record import Session
from coordination.store import Subscription
from coordination.stores.memory.steps import Steps
from coordination.stores.memory.watch import Watch


class Contending(Steps):
    """`Queues`, `Departures` and `Proofs`; of those ahead only the nearest one is named."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        """Write it behind everybody; with `alone` not at all if there is anybody."""
        self._check_size(value)
        with self._step() as state:
            last = state.last_of(key)
            if alone and last:
                return None
            record = self._created(state, key, value, session)
            return None if record is None else Standing(record, last, self._left(last))

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        """Look for it, and for the one before it."""
        key = before.record.key
        with self._step() as state:
            kept = state.records.get(key)
            if kept is None or kept.created != before.record.created:
                return None
            ahead = state.before(key)
            return Standing(self._shown(key), ahead, self._left(ahead))

    def _left(self, ahead: tuple[str, ...]) -> float | None:
        """Nobody is told when something merely expires."""
        return self._shown(ahead[0]).time_left if ahead else None

    def departures(self, folder: str, removed: Removed, *, timeout: float) -> Subscription:
        """Tell of what goes; what has merely expired is told when the next call comes upon it."""

        def notify(key: str, index: int) -> None:
            if not index:
                removed(key)

        watch = Watch(folder, notify, self._watches)
        with self._step():
            self._watches.add(watch)
        return watch

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        """Go through all records once."""
        with self._step() as state:
            hanging = {key: it for key, it in state.records.items() if it.session == session.id}
        gone = {
            key for key, created in expected.items() if key not in hanging or hanging[key].created != created
        }
        strays = {key: record.index for key, record in hanging.items() if key not in expected}
        return Proof(frozenset(gone), strays)
