"""What anybody may see of a pool: every unit, who has it, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from coordination import payloads
from coordination.pooling.view import View
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.values import contender_of
from coordination.store import Records, TimesLeft


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """One unit as of the moment of the look; `machine_id` and what follows are None if nobody owns it.

    `until`: the Unix time, by the clock of whoever looks, at which it will be free unless its owner lives
    on; None also where the store does not say. `since`: by the owner's clock. For people, not for deciding.
    """

    name: str
    payload: Any
    weight: float
    machine_id: str | None = None
    token: int | None = None
    since: float | None = None
    until: float | None = None


async def listed(runtime: Runtime, keeping: Keeping, view: View) -> list[UnitInfo]:
    """All units, by name."""
    seen = await view.glance(runtime, keeping.timeout)
    store, now = keeping.store, runtime.clock.wall()
    records: Records = list(seen.records.values())
    if isinstance(store, TimesLeft):
        records = await runtime.call(partial(store.timed, records, timeout=keeping.timeout))
    by_key = {record.key: record for record in records}
    found = []
    for unit, definition in seen.units.items():
        info = UnitInfo(unit, payloads.decode(definition.payload), definition.weight)
        record = seen.records.get(unit)
        owned = by_key.get(record.key) if record is not None else None
        found.append(info if owned is None else _owned(info, owned, now))
    return found


def _owned(info: UnitInfo, record: Record, now: float) -> UnitInfo:
    value = contender_of(record.value)
    until = None if record.time_left is None else now + record.time_left
    return UnitInfo(
        info.name, info.payload, info.weight, value.machine_id, record.created, value.acquired_at, until
    )
