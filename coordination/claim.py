"""What a request wins for a caller who was cancelled meanwhile: somebody has to give it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

Won = TypeVar("Won")
Arguments = ParamSpec("Arguments")


class Claim(Generic[Won]):
    """Hands what a step wins either to its caller or, once he is gone, to `undo`; never to both.

    Step and caller are on two threads. Each first writes what it knows and then looks for what the
    other wrote, and only one of them can take the prize out.
    """

    def __init__(self, undo: Callable[[Won], object]) -> None:
        self._undo = undo
        self._prize: deque[Won] = deque()
        self._abandoned = False

    def of(self, step: Callable[Arguments, Won | None]) -> Callable[Arguments, Won | None]:
        """The step, watched over; what it wins is never None."""

        def watched(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Won | None:
            won = step(*args, **kwargs)
            if won is not None:
                self._prize.append(won)
                if self._abandoned:
                    self._give_back()
            return won

        return watched

    def abandon(self) -> None:
        """The caller is gone, with nothing in his hands."""
        self._abandoned = True
        self._give_back()

    def _give_back(self) -> None:
        try:
            won = self._prize.pop()
        except IndexError:
            return
        self._undo(won)
