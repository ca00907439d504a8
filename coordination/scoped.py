"""What is held, by a hold or a term, and given back at the end of a block; here, of threads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from coordination.errors import LeaseLost
from coordination.interrupts import deferred


class Held(ABC):
    """What both faces know of it."""

    __slots__ = ()

    @property
    @abstractmethod
    def _here(self) -> bool:
        """Whether this is the process that got it."""

    @abstractmethod
    def check(self) -> None:
        """Raise `LeaseLost` unless it is held. No I/O."""

    @abstractmethod
    def _abandon(self) -> None:
        """Nobody has it: given back in the background."""


class Scoped(Held):
    """Something held by threads, given back at the end of a `with` block."""

    __slots__ = ()

    @abstractmethod
    def release(self) -> bool:
        """Give it back: True if it was ours, False if it was over; `LeaseLost` if it was lost."""

    def __enter__(self) -> Self:
        """Itself, given back at the end of the block; `LeaseLost` rather than enter it unheld."""
        self.check()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Give it back; `LeaseLost` if it was lost and the block itself did not raise."""
        if not self._here:
            return
        begun = False
        try:
            with deferred():
                begun = True
                self.release()
        except LeaseLost as loss:
            if error is None:
                raise
            error.add_note(str(loss))
        except BaseException:
            if not begun:  # Interrupted at the very door.
                self._abandon()
            raise
