"""Whether the datacenter is still the one it was: its raft index, which our tokens are, only rises.

A Consul restored from a snapshot answers as if nothing had happened, and gives out indexes a second
time. Nothing can be trusted then, so nothing more is written.
"""

from __future__ import annotations

from coordination.errors import StoreReplaced


class History:
    """The highest index that a write of this store was given."""

    def __init__(self) -> None:
        self._highest = 0
        self._condemned = False

    def floor(self) -> int:
        """What the next write must exceed; raises `StoreReplaced` once one did not."""
        if self._condemned:
            raise StoreReplaced(
                "Consul's index went back: it was restored or replaced, and tokens may repeat. Let nobody go "
                "on with an old lease, raise what the tokens guard, and connect again"
            )
        return self._highest

    def wrote(self, index: int, floor: int) -> None:
        """A write that began when `floor` was the highest has this index."""
        if index <= floor:
            self._condemned = True
            self.floor()
        self._highest = max(self._highest, index)
