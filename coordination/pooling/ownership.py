"""One unit that this machine owns, as the pool sees it; its user has a `Unit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination.pooling.definitions import Definition
from coordination.sharing.place import Place


class Ownership:
    """The record of one ownership, and whether its user wants to let go himself."""

    __slots__ = ("_removed", "calls", "definition", "place", "shown", "unit")

    def __init__(self, unit: str, definition: Definition, place: Place) -> None:
        self.unit = unit
        self.definition = definition
        self.place = place
        self.calls: list[Callable[[], object]] = []
        self._removed = False
        self.shown: Any = None
        """What its user has of it; the same however often he asks."""

    @property
    def held(self) -> bool:
        """Whether it is ours, as far as we may believe."""
        return self.place.held

    def on_asked(self, call: Callable[[], object]) -> None:
        """Ask its user by this; at once if he is to let go already."""
        self.calls.append(call)
        if self.place.was_asked or self._removed:
            self.place.shared.keeping.tell(call)

    def define(self, definition: Definition) -> None:
        """The unit is there, and like this."""
        self.definition = definition
        self._removed = False

    def remove(self) -> bool:
        """The unit is no more: ask its user to let go, once; False if he never said how."""
        if self._removed:  # Each look says so again, for as long as he takes.
            return bool(self.calls)
        self._removed = True
        return self.ask()

    def ask(self) -> bool:
        """Ask its user to let go; False if he never said how."""
        calls = tuple(self.calls)
        for call in calls:
            self.place.shared.keeping.tell(call)
        return bool(calls)
