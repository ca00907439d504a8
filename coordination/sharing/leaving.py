"""Removing what nobody wants any more, in the background: places given up, sessions that were lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import LeaseCorrupt, OutcomeUnknown, StoreError, StoreRefused, StoreReplaced
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.timing import Deadline

if TYPE_CHECKING:
    from coordination.sharing.place import Place
    from coordination.sharing.session import Shared

SHORTEST, LONGEST, REFUSED = 0.05, 1.0, 5.0
"""Seconds between two tries, doubled each time, and after a refusal, which is no outage."""

REQUEST = 1.0
"""Seconds that one request in the background may take."""


class Removal:
    """Tries until the record of a place is certainly gone, or its session is."""

    def __init__(self, shared: Shared, place: Place) -> None:
        self._shared = shared
        self._place = place
        self._pause = SHORTEST

    async def run(self, runtime: Runtime) -> float | None:
        """One try."""
        shared, place = self._shared, self._place
        if shared.dead is not None:
            return None  # It is settled when the session is.
        try:
            await removed(runtime, shared, place, min(REQUEST, shared.keeping.timeout))
        except StoreError as error:
            pause, self._pause = self._pause, min(LONGEST, 2 * self._pause)
            return runtime.clock.now() + (REFUSED if isinstance(error, StoreRefused) else pause)
        settle(shared, place)
        return None


async def removed(runtime: Runtime, shared: Shared, place: Place, timeout: float) -> bool:
    """Remove its record; False if it was not there any more. Raises `StoreError` while nobody can say."""
    store, bound = shared.keeping.store, Deadline(runtime.clock, timeout)
    for _ in range(3):
        if place.index:
            step = partial(store.delete, place.key, place.index, timeout=bound.left(timeout))
            if await runtime.call(step, leaving=True):
                return True
        look = partial(_read, shared, place.key, bound.left(timeout))
        record = await runtime.call(look, leaving=True)
        if record is None or not _is_its(record, place):
            return False
        place.created, place.index = record.created, record.index  # A stranger wrote over it, or we doubted.
    raise OutcomeUnknown("somebody keeps writing over the record")


def _is_its(record: Record, place: Place) -> bool:
    """Whether it is the record of this place: others may have one at its key, and we another one by now."""
    if place.created:
        return record.created == place.created
    ours = record.session == place.shared.session.id
    return ours and place.shared.places.get(place.key) is place


def settle(shared: Shared, place: Place) -> None:
    """Its record is gone: that is a release if it was held, and whoever waits for either is told."""
    if place.fate.ending and place.fate.lost is None and not place.fate.released:
        place.released_at = shared.keeping.clock.wall()
        place.fate.release()
    shared.drop(place)
    place.over()


async def closing(shared: Shared, runtime: Runtime) -> float | None:
    """End a session that was lost, so that nothing of it stays behind."""
    store, clock = shared.keeping.store, shared.keeping.clock
    try:
        await runtime.call(
            lambda: store.close_session(shared.session, timeout=min(REQUEST, shared.keeping.timeout)),
            leaving=True,
        )
    except StoreReplaced:
        pass  # What is there now was never ours.
    except StoreError:
        if clock.now() < shared.believed_until + 2 * shared.session.ttl:
            return clock.now() + LONGEST
    shared.ended()
    return None


def _read(shared: Shared, key: str, timeout: float) -> Record | None:
    try:
        return shared.keeping.store.read(key, timeout=timeout)
    except LeaseCorrupt:
        return None
