"""Stores that break a promise about writing; see `broken_stores.py`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from coordination.record import Guard, Record, Session
from coordination.stores.memory import MemoryStore


class Overwrites(MemoryStore):
    """Creates with a plain put."""

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        with self._step() as state:
            state.records.pop(key, None)
        return super().create(key, value, session, timeout=timeout)


class LooksThenWrites(MemoryStore):
    """Checks that the key is free, and then writes: two steps, two winners."""

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        if self.read(key, timeout=timeout) is not None:
            return None
        time.sleep(0.005)
        with self._step() as state:
            state.records.pop(key, None)
        return super().create(key, value, session, timeout=timeout)


class ReplacesAnyIndex(MemoryStore):
    """Replaces whatever is there."""

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        seen = self.read(key, timeout=timeout)
        return super().replace(key, value, session, seen.index if seen else index, timeout=timeout)


class DeletesAnyIndex(MemoryStore):
    """Deletes whatever is there, like a release that does not look whose lock it is."""

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        seen = self.read(key, timeout=timeout)
        return super().delete(key, seen.index if seen else index, timeout=timeout)


class SkipsEqualWrites(MemoryStore):
    """Leaves the index alone when the bytes are the same, like Consul's ModifyIndex."""

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        seen = self.read(key, timeout=timeout)
        if seen and (seen.value, seen.index, seen.session) == (value, index, session.id):
            return seen
        return super().replace(key, value, session, index, timeout=timeout)


class CreatesAnew(MemoryStore):
    """Replaces by deleting and creating: the record goes to the end of the queue."""

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        record = super().replace(key, value, session, index, timeout=timeout)
        if record is None:
            return None
        with self._step() as state:
            state.records[key] = replace(state.records[key], created=record.index)
        return replace(record, created=record.index)


class IgnoresTheGuard(MemoryStore):
    """Writes data for whoever once had the lease."""

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        held = self.read(guard.key, timeout=timeout)
        anybody = guard if held is None else Guard(guard.key, held.session or "")
        return super().commit(anybody, puts, deletes, timeout=timeout)


class CommitsOneByOne(MemoryStore):
    """Writes one datum after the other, and stops in the middle."""

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        index = None
        for key, value in puts.items():
            index = super().commit(guard, {key: value}, deletes, timeout=timeout)
        return index
