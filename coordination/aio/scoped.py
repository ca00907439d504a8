"""What is held, by a hold or a term, and given back at the end of an `async with` block."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from coordination.errors import LeaseLost
from coordination.scoped import Held


class Scoped(Held):
    """Something held by tasks, given back at the end of an `async with` block."""

    __slots__ = ()

    @abstractmethod
    async def release(self) -> bool:
        """Give it back: True if it was ours, False if it was over; `LeaseLost` if it was lost."""

    async def __aenter__(self) -> Self:
        """Itself, given back at the end of the block; `LeaseLost` rather than enter it unheld."""
        self.check()
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Give it back; `LeaseLost` if it was lost and the block itself did not raise."""
        if not self._here:
            return
        try:
            await self.release()
        except LeaseLost as loss:
            if error is None:
                raise
            error.add_note(str(loss))
