"""The counter file of a name: the highest index given out, and what was last seen of strangers.

It only helps: a deleted or damaged one is replaced by a new one, and indexes go on from the wall
clock in microseconds, so that tokens rise all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coordination.stores.file import disk, in_place
from coordination.stores.file.expiry import Judge

OBSERVERS = 32
"""So many containers or machines may observe one record side by side, each by a clock of its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that another program wrote or changed, by fingerprint, and the numbers it was given."""

    fingerprint: str = ""
    session: str = ""
    index: int = 0
    created: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """The content. `session` and `ttl` are those of our last write, for when the record gets torn."""

    last: int = 0
    session: str = ""
    ttl: float = 0.0
    seen: Seen = field(default_factory=Seen)
    watched: str = ""
    since: dict[str, Any] = field(default_factory=dict)

    def next_index(self, wall: float, at_least: int = 0) -> int:
        """Higher than any before, also when the file was deleted meanwhile."""
        return max(self.last + 1, at_least + 1, int(wall * 1e6))

    def unchanged_for(self, what: str, judge: Judge) -> float | None:
        """Seconds for which `what` has been observed unchanged; None if it has not been observed."""
        since = self.since.get(judge.origin.label) if self.watched == what else None
        return judge.elapsed(since) if isinstance(since, float) else None

    def observing(self, what: str, judge: Judge) -> Counter:
        """The same, with an observation of `what` that begins now; those of other origins go on."""
        others = list(self.since.items())[-OBSERVERS:] if self.watched == what else []
        since = {**dict(others), judge.origin.label: judge.clock.now()}
        return replace(self, watched=what, since=since)


_FIELDS = ("last", "session", "ttl", "watched", "since")


def load(path: Path) -> Counter:
    """The counter in a file; an empty one if it is missing or makes no sense."""
    try:
        raw = disk.read(path) or b"{}"
        fields = json.loads(raw.split(b"\n", 1)[0])  # behind it may be the end of a longer, older one
        last, ttl = fields.get("last", 0), fields.get("ttl", 0.0)
        if type(last) is not int or isinstance(ttl, bool) or not isinstance(ttl, (int, float)):
            return Counter()
        seen = fields.get("seen") or {}
        return Counter(
            last,
            str(fields.get("session", "")),
            float(ttl),
            Seen(
                str(seen.get("fingerprint", "")),
                str(seen.get("session", "")),
                int(seen.get("index", 0)),
                int(seen.get("created", 0)),
            ),
            str(fields.get("watched", "")),
            dict(fields.get("since") or {}),
        )
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return Counter()


def save(path: Path, counter: Counter, *, durable: bool) -> None:
    """Write it, over the old one: a torn counter does no harm. The caller holds the name."""
    fields = {name: getattr(counter, name) for name in _FIELDS}
    fields["seen"] = {
        name: getattr(counter.seen, name) for name in ("fingerprint", "session", "index", "created")
    }
    raw = json.dumps(fields, separators=(",", ":")).encode() + b"\n"
    in_place.overwrite(path, raw, durable=durable)
