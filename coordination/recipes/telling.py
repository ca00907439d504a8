"""Telling the owner of a session something of its records: by the note in its sentinel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from coordination.clock import SystemClock
from coordination.errors import LeaseCorrupt, SessionLost
from coordination.record import Session
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.notes import MOST, Note, decoded, encoded
from coordination.sharing.values import sentinel_key
from coordination.timing import Deadline

TRIES = 8
"""At adding to a note that others add to as well."""

YOUNG = 0.1
"""Seconds between two looks for a sentinel that is not there yet."""


async def tell(
    runtime: Runtime, keeping: Keeping, incarnation: str, entries: Sequence[str], what: str, bound: Deadline
) -> bool:
    """Add entries to the note of a session; False if it has none: its next proof tells it then."""
    sentinel = sentinel_key(keeping.namespace, incarnation)
    store = keeping.store
    for _ in range(TRIES):
        left = bound.left(keeping.timeout)
        try:
            record = await runtime.call(partial(store.read, sentinel, timeout=left))
        except LeaseCorrupt:
            return False
        if record is None and not isinstance(runtime.clock, SystemClock):
            return False  # Nobody may be there to move the clock.
        if record is None:
            # A session's first lock may be a moment older than its sentinel.
            await runtime.wait(runtime.signal(), YOUNG)
            continue
        if record.session is None:
            return False
        session = Session(record.session, record.ttl or 1.0)
        value = encoded(_with(decoded(record.value), what, entries))
        try:
            step = partial(store.replace, sentinel, value, session, record.index, timeout=left)
            written = await runtime.call(step)
        except SessionLost:
            return False
        if written is not None:
            return True
    return False


def _with(note: Note, what: str, entries: Sequence[str]) -> Note:
    keys = [*(known for known in note.get(what, []) if known not in entries), *entries]
    return {**note, what: keys[-MOST:]}
