"""From the records of each kind to the model. Pure; what makes no sense is left out, as anybody may write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter, itemgetter

from coordination.arguments import RESERVED
from coordination.pooling.definitions import decoded
from coordination.recipes.leading.candidate import FOLLOWS, SUCCESSOR
from coordination.recipes.leading.observing import proclaimed
from coordination.recipes.overview.model import Holder, Leadership, Queue, Stock
from coordination.record import Record, decode_segment, encode_segment
from coordination.value import LeaseValue, decode

Parts = tuple[str, ...]
"""The decoded names in a key, behind its namespace and kind."""


def leases(records: Iterable[Record], now: float) -> tuple[Holder, ...]:
    """Leases, by name; `now` in Unix seconds."""
    found = [_lease(name, record, decode(record.value), now) for (name,), record in _named(records, 1)]
    return tuple(sorted(found, key=attrgetter("name")))


def leaders(records: Iterable[Record], now: float) -> tuple[Leadership, ...]:
    """Leaders, by name of what they lead."""
    found = [_leadership(name, record, now) for (name,), record in _named(records, 1)]
    return tuple(sorted(found, key=lambda leader: leader.holder.name))


def locks(records: Iterable[Record]) -> tuple[Queue, ...]:
    """Locks that somebody holds, by name: the oldest record of a queue holds it."""
    contenders = [(name, record) for (name, _), record in _living(records)]
    contenders.sort(key=lambda each: (each[0], each[1].created))
    queues = []
    for name, group in groupby(contenders, key=itemgetter(0)):
        (_, first), *waiting = group
        queues.append(Queue(_owner(name, first), len(waiting)))
    return tuple(queues)


def groups(records: Iterable[Record]) -> dict[str, tuple[Holder, ...]]:
    """The members of each group, by machine id."""
    members = [
        (group, _owner(name, record)) for (group, name), record in _named(records, 2) if record.session
    ]
    members.sort(key=lambda each: (each[0], each[1].name))
    return {
        group: tuple(member for _, member in found) for group, found in groupby(members, key=itemgetter(0))
    }


def pools(
    definitions: Iterable[Record], owners: Iterable[Record], machines: Iterable[Record]
) -> tuple[Stock, ...]:
    """Pools, by name: those that have units, owners, or machines that share them."""
    units: dict[str, dict[str, float]] = {}
    for (_, pool, unit), record in _named(definitions, 3):
        units.setdefault(pool, {})[unit] = decoded(record.value).weight
    owned: dict[str, dict[str, Holder]] = {}
    for (pool, unit), record in _living(owners):
        owned.setdefault(pool, {})[unit] = _owner(unit, record)
    sharing: dict[str, set[str]] = {}
    for (pool, machine), _ in _living(machines):
        sharing.setdefault(pool, set()).add(machine)
    return tuple(
        Stock(
            pool,
            dict(sorted(units.get(pool, {}).items())),
            dict(sorted(owned.get(pool, {}).items())),
            frozenset(sharing.get(pool, ())),
        )
        for pool in sorted({*units, *owned, *sharing})
    )


# Single records.


def _named(records: Iterable[Record], depth: int) -> Iterator[tuple[Parts, Record]]:
    """Records whose keys have so many names behind namespace and kind; others are strangers'."""
    for record in records:
        _, _, *segments = record.key.split("/")
        try:
            names = tuple(map(decode_segment, segments))
            if len(names) == depth and [*map(encode_segment, names)] == segments and all(names):
                yield names, record
        except ValueError:  # Of no name: a `ConfigurationError` is a ValueError.
            continue


def _living(records: Iterable[Record]) -> Iterator[tuple[Parts, Record]]:
    """Records in folders, on a session; one without would never go, so it is nobody's."""
    return ((names, record) for names, record in _named(records, 2) if record.session)


def _lease(name: str, record: Record, value: LeaseValue, now: float) -> Holder:
    return _holder(name, value, value.token or record.index, _left(record, value, now))


def _leadership(name: str, record: Record, now: float) -> Leadership:
    value = decode(record.value)
    return Leadership(
        _lease(name, record, value, now),
        proclaimed(value),
        FOLLOWS in value.metadata,
        value.metadata.get(SUCCESSOR, ""),
    )


def _owner(name: str, record: Record) -> Holder:
    """Whoever has a record on a shared session: its token is `created`."""
    return _holder(name, decode(record.value), record.created, record.time_left)


def _holder(name: str, value: LeaseValue, token: int, left: float | None) -> Holder:
    return Holder(
        name=name,
        machine_id=value.machine_id,
        token=token,
        version=value.version,
        host=value.host,
        pid=value.pid,
        since=value.acquired_at,
        left=left,
        metadata={key: text for key, text in value.metadata.items() if not key.startswith(RESERVED)},
    )


def _left(record: Record, value: LeaseValue, now: float) -> float | None:
    """Seconds it has left; None for what never expires, and where nobody knows."""
    if record.time_left is not None or record.session is None or not value.renewed_at:
        return record.time_left
    ttl = record.ttl or value.period
    return min(ttl, max(0.0, value.renewed_at + ttl - now))
