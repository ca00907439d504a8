"""Records as the recipes write them, without a store: for tests of what is made of them."""

from __future__ import annotations

from itertools import count

from coordination.pooling.definitions import Definition
from coordination.pooling.keys import keys_of
from coordination.recipes.overview.model import Holder
from coordination.record import Record, key_of
from coordination.sharing.values import owner_value
from coordination.value import LeaseValue

_indexes = count(100)


def record(key: str, value: bytes, session: str | None = "s", left: float | None = None) -> Record:
    """A live record; each is younger than the one before."""
    index = next(_indexes)
    return Record(key, value, index, index, session, time_left=left)


def lease(kind: str, name: str, machine: str, *, left: float | None = None, **fields: object) -> Record:
    """A lease's record, or a leader's."""
    value = LeaseValue(machine, name=name, **fields)  # type: ignore[arg-type]
    return record(key_of("", kind, name), value.encode(), left=left)


def owner(folder: str, place: str, machine: str) -> Record:
    """A record of `machine` on a shared session: a contender, a member, an owner."""
    return record(f"{folder}{place}", owner_value(machine, place, 50.0, {"k": "v"}, "incarnation"))


def contender(name: str, place: str, machine: str) -> Record:
    """One who holds or waits."""
    return owner(f"{key_of('', 'locks', name)}/", place, machine)


def unit(pool: str, name: str, weight: float = 1.0) -> Record:
    """A unit's definition."""
    return record(keys_of("", pool).definition(name), Definition(weight=weight).encode(), None)


def owned(pool: str, name: str, machine: str) -> Record:
    """A unit that `machine` has."""
    return owner(keys_of("", pool).owners, name, machine)


def shares(pool: str, machine: str) -> Record:
    """A machine that takes its share of a pool."""
    return owner(keys_of("", pool).machines, machine, machine)


def holder(name: str, machine: str, token: int = 1, **fields: object) -> Holder:
    """Somebody has something."""
    return Holder(name, machine, token, **fields)  # type: ignore[arg-type]
