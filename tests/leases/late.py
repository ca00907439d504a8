"""A connection on which a write can be given up as unknown and still land later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from coordination.errors import OutcomeUnknown, SessionLost
from coordination.testing import FaultyStore

T = TypeVar("T")


class LateStore(FaultyStore):
    """A `FaultyStore` with a slow post: what was posted late lands at `deliver`, in order."""

    _late: str = ""
    _times: int = 0

    def post_late(self, call: str, times: int = 1) -> None:
        """The next `times` calls of this name are `OutcomeUnknown`, and not applied before `deliver`."""
        self._late, self._times = call, times
        self._letters: list[Callable[[], object]] = []

    def deliver(self) -> list[object]:
        """Apply what was posted; the answers, which nobody waits for any more."""
        letters, self._letters = self._letters, []
        return [_applied(letter) for letter in letters]

    def _run(self, call: str, timeout: float, apply: Callable[[float], T]) -> T:
        if call != self._late or self._times == 0:
            return super()._run(call, timeout, apply)
        self._times -= 1
        self.calls.append(call)
        self._letters.append(lambda: apply(timeout))
        raise OutcomeUnknown(f"{call} is still on its way")


def _applied(letter: Callable[[], object]) -> object:
    try:
        return letter()
    except SessionLost as lost:
        return lost
