"""One unit that this machine owns, as the pool sees it; its user has a `Unit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination.pooling.definitions import Definition
from coordination.sharing.place import Place


class Tenure:
    """The record of one ownership, and whether its user wants to let go himself."""

    __slots__ = ("calls", "definition", "place", "shown", "unit")

    def __init__(self, unit: str, definition: Definition, place: Place) -> None:
        self.unit = unit
        self.definition = definition
        self.place = place
        self.calls: list[Callable[[], object]] = []
        self.shown: Any = None
        """What its user has of it; the same however often he asks."""

    @property
    def held(self) -> bool:
        """Whether it is ours, as far as we may believe."""
        return self.place.held

    def ask(self) -> bool:
        """Ask its user to let go; False if he never said how."""
        calls = tuple(self.calls)
        for call in calls:
            self.place.shared.keeping.tell(call)
        return bool(calls)
