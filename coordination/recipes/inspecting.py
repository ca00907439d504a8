"""Who holds and who waits; breaking the holder seen, and asking it politely. Anybody may."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.recipes.telling import tell
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.asking import contenders
from coordination.sharing.keeping import Keeping
from coordination.sharing.notes import ASKED, BROKEN, entry_of
from coordination.sharing.values import contender_of, incarnation_of
from coordination.timing import Deadline


@dataclass(frozen=True, slots=True)
class Contender:
    """One who holds, or waits for, a name, as of the moment of the look.

    `since` is the Unix time at which it came, by its own wall clock; `age` the seconds since then, by
    the clocks of both machines: for people, not for deciding. `token` is what it has, or will have.
    """

    name: str
    token: int
    waiting: bool
    machine_id: str
    host: str
    pid: int
    since: float
    age: float
    metadata: dict[str, str]


async def look(runtime: Runtime, keeping: Keeping, folder: str) -> list[Record]:
    """The records of a queue, in its order."""
    records = await runtime.call(lambda: keeping.store.list(folder, timeout=keeping.timeout))
    return contenders(records, folder)


async def holders(runtime: Runtime, keeping: Keeping, name: str, folder: str) -> list[Contender]:
    """The holder, then those who wait, in their order."""
    now = runtime.clock.wall()
    found = await look(runtime, keeping, folder)
    return [_contender(name, record, now, waiting=place > 0) for place, record in enumerate(found)]


async def break_lock(runtime: Runtime, keeping: Keeping, folder: str, token: int) -> bool:
    """Remove the holder's record if its token is `token`, and tell the holder; False if it is another."""
    bound = Deadline(runtime.clock, keeping.timeout)
    found = await look(runtime, keeping, folder)
    if not found or found[0].created != token:
        return False
    holder = found[0]
    # First, so that whoever finds its record gone can know why; once more, so that it looks at once.
    heard = await _told(runtime, keeping, holder, BROKEN, bound)
    left = bound.left(keeping.timeout)
    broken = await runtime.call(lambda: keeping.store.delete(holder.key, holder.index, timeout=left))
    if broken:
        keeping.warn("lock-broken", key=holder.key, token=token)
        if heard:
            await _told(runtime, keeping, holder, BROKEN, bound)
    return broken


async def request_release(runtime: Runtime, keeping: Keeping, folder: str) -> bool:
    """Ask the holder to release; False if there is none, or none that could be asked."""
    bound = Deadline(runtime.clock, keeping.timeout)
    found = await look(runtime, keeping, folder)
    return bool(found) and await _told(runtime, keeping, found[0], ASKED, bound)


async def _told(runtime: Runtime, keeping: Keeping, contender: Record, what: str, bound: Deadline) -> bool:
    entry = entry_of(contender.key, contender.created)
    return await tell(runtime, keeping, incarnation_of(contender.key), [entry], what, bound)


def _contender(name: str, record: Record, now: float, *, waiting: bool) -> Contender:
    value = contender_of(record.value)
    age = max(0.0, now - value.acquired_at) if value.acquired_at else 0.0
    return Contender(
        name=name,
        token=record.created,
        waiting=waiting,
        machine_id=value.machine_id,
        host=value.host,
        pid=value.pid,
        since=value.acquired_at,
        age=age,
        metadata=value.metadata,
    )
