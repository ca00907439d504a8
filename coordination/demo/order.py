"""Rules for the log of one name, unit or leader, whatever the story: one owner at a time, tokens in order.

Pure, like the rest of the judge: it knows no store and no scheduler.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from coordination.demo.log import Entry
from coordination.demo.scheduler.writer import START, STOP
from coordination.demo.tenures import accepted, tenures


def owned_twice(entries: Sequence[Entry]) -> Iterator[str]:
    """Why two owned it at one moment."""
    yield from _believed(entries)
    yield from _shared(entries)
    yield from _overlapping(entries)


def out_of_order(entries: Sequence[Entry]) -> Iterator[str]:
    """Why its tokens did not rise from owner to owner."""
    yield from _falling(entries)
    yield from _reused(entries)


def _believed(entries: Sequence[Entry]) -> Iterator[str]:
    """Refused, and yet within the time until which it might act: another one owned it in that time."""
    for entry in entries:
        if entry.refused and entry.believed:
            yield f"{entry.who} believed it held token {entry.token}, and was refused at {entry.at:.3f}"


def _shared(entries: Sequence[Entry]) -> Iterator[str]:
    """A token was used by two processes."""
    owner: dict[int, Entry] = {}
    for entry in accepted(entries):
        first = owner.setdefault(entry.token, entry)
        if first.pid != entry.pid:
            yield f"{first.who} and {entry.who} both wrote with token {entry.token}"


def _overlapping(entries: Sequence[Entry]) -> Iterator[str]:
    """Two tenures share a moment."""
    for one, other in itertools.pairwise(tenures(entries)):
        if other.first <= one.last:
            yield (
                f"token {other.token} was in use from {other.first:.3f}, "
                f"token {one.token} until {one.last:.3f}"
            )


def _falling(entries: Sequence[Entry]) -> Iterator[str]:
    """A lower token was accepted after a higher one."""
    highest = 0
    for entry in accepted(entries):
        if entry.token < highest:
            yield f"{entry.who} wrote with token {entry.token} after token {highest}"
        highest = max(highest, entry.token)


def _reused(entries: Sequence[Entry]) -> Iterator[str]:
    """A token starts once, before anything else is written with it, and nothing follows its stop."""
    state: dict[int, str] = {}
    for entry in accepted(entries):
        before = state.get(entry.token)
        if (entry.kind == START) != (before is None):
            yield f"{entry.kind} with token {entry.token} after {before or 'nothing'}"
        elif before == STOP:
            yield f"{entry.kind} with token {entry.token} after its stop"
        state[entry.token] = entry.kind
