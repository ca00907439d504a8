"""The work of a leader, under the test's control: what `run` is handed, on both faces.

It goes on until it is told to end, or is cut off; then it does what its manner is. Whoever is cut off
on threads has the term's `stop` set, on asyncio its task is cancelled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from coordination.testing.bridge import Bridged
from coordination.testing.leading.floor import Floor
from coordination.testing.recipes.calls import BOUND

if TYPE_CHECKING:
    from coordination.term import Term

OBEYS = "obeys"
"""Ends as soon as it is cut off, as careful work does: `term.check()` on threads, not caught on asyncio."""

SWALLOWS = "swallows"
"""Ends as if nothing had happened, and answers this word."""

IGNORES = "ignores"
"""Goes on until it is told to end."""

FAILS = "fails"
"""Raises an error of its own."""


class WorkError(Exception):
    """What the work itself raises."""


@dataclass
class Order:
    """Something to do inside the work; the last one ends it."""

    do: Callable[[], Any]
    last: bool = False
    answer: Future[Any] = field(default_factory=Future)


class Work(ABC):
    """One callback. It may be run again and again; each time it begins with a new term."""

    def __init__(self, manner: str = OBEYS, floor: Floor | None = None) -> None:
        self.manner = manner
        self.terms: list[Term] = []
        self.cuts: list[object] = []
        self.ends = 0
        self._floor = floor
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._over = False

    @property
    def term(self) -> Term:
        """The one it was handed last."""
        return self.terms[-1]

    @property
    def begun(self) -> bool:
        """Whether it was run at all."""
        return bool(self.terms)

    @property
    def working(self) -> bool:
        """Whether it runs."""
        return len(self.terms) > self.ends

    @property
    def ended(self) -> bool:
        """Whether it was run, and is over."""
        return self.begun and not self.working

    @property
    def cut(self) -> bool:
        """Whether it was told to stop. `cuts` has what came with it: asyncio's message, else None."""
        return bool(self.cuts)

    @property
    @abstractmethod
    def callback(self) -> Callable[..., Any]:
        """What `run` is handed."""

    # Orders, from the test's thread.

    def finish(self, value: object = None) -> None:
        """Have it answer this."""
        self._orders.put(Order(lambda: value, last=True))

    def fail(self, error: BaseException) -> None:
        """Have it raise this."""

        def fails() -> None:
            raise error

        self._orders.put(Order(fails, last=True))

    def inside(self, of: Any, verb: str, *args: Any) -> Any:
        """Call `of.verb(…)` in the callback itself, and answer what that answers."""
        raw = of.bridged if isinstance(of, Bridged) else of
        order = Order(lambda: getattr(raw, verb)(*args))
        self._orders.put(order)
        return order.answer.result(BOUND)

    def let_go(self) -> None:
        """End it, however it goes on: the test is over."""
        self._over = True

    # What it is made of.

    def _begin(self, term: Any) -> None:
        self.terms.append(term)
        if self._floor is not None:
            self._floor.enter(term)

    def _end(self) -> None:
        if self._floor is not None:
            self._floor.leave(self.term)
        self.ends += 1

    def _next(self) -> Order | None:
        if self._over:
            return Order(lambda: None, last=True)
        try:
            return self._orders.get_nowait()
        except Empty:
            return None

    def _answered(self) -> str:
        """How it ends when it is cut off, unless it obeys."""
        if self.manner == FAILS:
            raise WorkError("of the work, after the loss")
        return SWALLOWS
