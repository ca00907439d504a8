"""A `Reconciler` of either face, and rounds that only count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from coordination.testing.bridge import Bridged
from coordination.testing.recipes.faces import Asyncio

if TYPE_CHECKING:
    from coordination import Reconciler
    from coordination.leader import Leader
    from coordination.testing.leading.harness import LeaderHarness


def reconciler(
    harness: LeaderHarness, leader: Leader, callback: Callable[..., Any], interval: float
) -> Reconciler:
    """One of the face that is tested."""
    face = harness.face
    if not isinstance(face, Asyncio):
        from coordination import Reconciler

        return Reconciler(leader, callback, interval=interval)
    from coordination import aio

    raw = cast(Any, leader).bridged
    return cast("Reconciler", Bridged(face.bridge, aio.Reconciler(raw, callback, interval=interval)))


class Rounds:
    """Counts them, by the tokens of their terms."""

    def __init__(self, harness: LeaderHarness) -> None:
        self.tokens: list[int] = []
        self._harness = harness

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.tokens)

    @property
    def callback(self) -> Callable[..., Any]:
        """What the reconciler is handed."""

        def reconcile(term: Any) -> None:
            assert term.held
            self.tokens.append(term.token)

        async def reconciled(term: Any) -> None:
            reconcile(term)

        return reconciled if self._harness.aio else reconcile

    def become(self, count: int, what: str) -> None:
        """Wait until there were so many, and fail if there are more."""
        self._harness.eventually(lambda: self.count >= count, what)
        self._harness.settle()
        assert self.count == count, what
