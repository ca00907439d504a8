"""The latest changes, found by comparing each look with the one before."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from coordination.recipes.overview.comparing import Change, changes
from coordination.recipes.overview.model import Overview

KEPT = 200
"""Changes that are remembered."""


class History:
    """What was seen since it began."""

    def __init__(self) -> None:
        self._before: Overview | None = None
        self._changes: deque[Change] = deque(maxlen=KEPT)

    @property
    def changes(self) -> Sequence[Change]:
        """The oldest first."""
        return tuple(self._changes)

    def add(self, look: Overview) -> None:
        """Another look; the first one changes nothing."""
        if self._before is not None:
            self._changes.extend(changes(self._before, look))
        self._before = look
