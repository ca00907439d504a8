"""Where a pool keeps what: units and checkpoints as data, owners and machines as records of sessions."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.arguments import short
from coordination.record import DATA, decode_segment, encode_segment, key_of

OWNERS, MACHINES, EDITS = "owners", "machines", "edits"


@dataclass(frozen=True, slots=True)
class Keys:
    """The folders of one pool, and the keys in them."""

    owners: str
    machines: str
    edits: str
    """The queue of those who edit definitions."""
    definitions: str
    checkpoints: str

    def owner(self, unit: str) -> str:
        """Where it says who has the unit."""
        return f"{self.owners}{short(unit, 'unit')}"

    def definition(self, unit: str) -> str:
        """Where the unit is defined."""
        return f"{self.definitions}{short(unit, 'unit')}"

    def checkpoint(self, unit: str) -> str:
        """Where its last checkpoint is."""
        return f"{self.checkpoints}{short(unit, 'unit')}"


def keys_of(namespace: str, pool: str) -> Keys:
    """The keys of the pool of that name; `ConfigurationError` for a bad name."""
    owners, machines, edits = (f"{key_of(namespace, kind, pool)}/" for kind in (OWNERS, MACHINES, EDITS))
    start, name = f"{encode_segment(namespace, 'namespace')}/{DATA}", encode_segment(pool)
    return Keys(owners, machines, edits, f"{start}/units/{name}/", f"{start}/checkpoints/{name}/")


def name_in(folder: str, key: str) -> str | None:
    """The name of this key in that folder; None for a stranger's, which no name is kept under."""
    segment = key[len(folder) :]
    try:
        name = decode_segment(segment)
        return name if name and encode_segment(name) == segment else None
    except ValueError:  # A `ConfigurationError` is one.
        return None
