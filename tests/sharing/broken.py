"""What goes wrong at a step: as an action for `FaultyStore.before`."""

from __future__ import annotations

from coordination.errors import LeaseCorrupt, StoreRefused, StoreReplaced


class Refusing:
    """The store refuses: waiting will not help."""

    def __call__(self) -> None:
        raise StoreRefused("quota")


class Replaced:
    """The store is another one than it was."""

    def __call__(self) -> None:
        raise StoreReplaced("another cluster")


class Corrupt:
    """What is stored makes no sense."""

    def __call__(self) -> None:
        raise LeaseCorrupt("rubbish")
