"""Who is to be told of what happens to a memory store's records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from coordination.store import Notify
from coordination.stores.memory.state import Change


@dataclass(eq=False)
class Watch:
    """A subscription: the prefix it covers and whom to tell."""

    prefix: str
    notify: Notify
    watches: set[Watch] = field(repr=False)

    def tell(self, changes: Sequence[Change]) -> None:
        """Tell of those under the prefix, unless it was closed meanwhile."""
        for key, index in changes:
            if key.startswith(self.prefix) and self in self.watches:
                self.notify(key, index)

    def close(self) -> None:
        """Stop telling."""
        self.watches.discard(self)
