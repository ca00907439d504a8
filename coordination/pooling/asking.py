"""Asking the owners of units for them, through the sentinels of their sessions."""

from __future__ import annotations

from collections.abc import Iterable

from coordination.recipes.telling import tell
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.notes import ASKED, entry_of
from coordination.sharing.values import INCARNATION, contender_of
from coordination.timing import Deadline


async def ask(runtime: Runtime, keeping: Keeping, records: Iterable[Record]) -> None:
    """Ask the owner of each of these records for it: one note for each of their sessions."""
    notes: dict[str, list[str]] = {}
    for record in records:
        incarnation = contender_of(record.value).metadata.get(INCARNATION)
        if incarnation:
            notes.setdefault(incarnation, []).append(entry_of(record.key, record.created))
    for incarnation, entries in notes.items():
        await tell(runtime, keeping, incarnation, entries, ASKED, Deadline(runtime.clock, keeping.timeout))
