"""Whether a lease is still held, as far as this process may believe, and how that ends.

`held` is a local statement that is never true when it may be false: belief ends a margin before the
period granted, counted from before the last confirmed renewal was sent. It is not a promise about
the instant after it: let the protected resource check `token`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import ConfigurationError, LeaseLost
from coordination.facts import Facts
from coordination.fate import Fate, OnLost
from coordination.grant import Grant
from coordination.titles import title_of
from coordination.value import LeaseValue

if TYPE_CHECKING:
    from coordination.keeper import Keeper


class Belief(Facts):
    """The state of one acquisition in the process that made it."""

    def __init__(
        self,
        keeper: Keeper,
        name: str,
        value: LeaseValue,
        grant: Grant,
        secret: str | None = None,
        *,
        view: bool = False,
    ) -> None:
        super().__init__(name, value, grant, secret, view=view)
        self._keeper = keeper
        self._fate: Fate = Fate()
        self._progress_at = keeper.clock.now()
        self._kept = False

    @property
    def held(self) -> bool:
        """Whether we may still believe that it is ours. No I/O, never raises."""
        return (
            self._fate.open
            and self._keeper.clock.now() < self._grant.believed_until
            and self._keeper.home.here
            and not self._view
            and not self._stalled()
            and not self._keeper.closed
        )

    @property
    def lost(self) -> str | None:
        """None, or why it is lost: expired stolen broken deleted revoked stalled forked closed."""
        if not self._keeper.home.here:
            return None if self._view or self._fate.released else "forked"
        if not self._view and self._fate.open:
            reason = self._overdue()
            if reason is not None:
                self.lose(reason)
        return self._fate.lost

    @property
    def remaining(self) -> float:
        """Seconds until we must stop believing, counting down; 0 when not held."""
        left = self._grant.believed_until - self._keeper.clock.now()
        return max(0.0, left) if self.held else 0.0

    @property
    def deadline(self) -> float:
        """The end of the period as granted, on the manager's clock; belief ends a margin before."""
        return self._grant.deadline

    def check(self) -> None:
        """Raise `LeaseLost` unless it is held. No I/O."""
        if not self.held:
            raise self._loss()

    def on_lost(self, callback: OnLost) -> None:
        """Call `callback(lease, reason)` once, on a thread of the library, when it is lost.

        Raises `StoreUnavailable`, and does nothing, if no thread can be started to watch over it.
        """
        if not callable(callback):
            raise ConfigurationError(f"on_lost takes a callable, not {callback!r}")
        if self._view or not self._keeper.home.here:
            raise self._loss()
        self._keeper.watch_over(self)
        reason = self._fate.listen(callback)
        if reason is not None:
            self._tell(callback, reason)
        if not self._fate.open:
            self._keeper.forget(self)

    def progress(self) -> None:
        """Tell that the work goes on, for managers with `stall_after`."""
        self._progress_at = self._keeper.clock.now()

    @property
    def overdue_at(self) -> float:
        """The point on the clock at which it is lost unless something happens before."""
        if self._keeper.stall_after is None or not self._kept:
            return self._grant.believed_until
        return min(self._grant.believed_until, self._progress_at + self._keeper.stall_after)

    def lose(self, reason: str) -> None:
        """It is lost, once: nobody believes it from here on, and the callbacks are told before all else."""
        callbacks = self._fate.lose(reason)
        if callbacks is None:
            return
        for callback in callbacks:
            self._tell(callback, reason)
        if reason != "closed":  # That is our own doing, and Keeper.close tells of them all at once.
            self._keeper.notifier.warning("lease-lost", name=self._name, token=self.token, reason=reason)
        self._keeper.forget(self)

    def _tell(self, callback: OnLost, reason: str) -> None:
        self._keeper.notifier.run(partial(callback, self, reason))

    def _stalled(self) -> bool:
        after = self._keeper.stall_after
        return after is not None and self._kept and self._keeper.clock.now() >= self._progress_at + after

    def _overdue(self) -> str | None:
        if self._keeper.closed:
            return "closed"
        if self._keeper.clock.now() >= self._grant.believed_until:
            return "expired"
        return "stalled" if self._stalled() else None

    @property
    def _title(self) -> str:
        return title_of(self._grant.key)

    def _demand(self) -> None:
        if self._view or self.lost is not None or self._fate.ending:
            raise self._loss()

    def _loss(self) -> LeaseLost:
        if self._view:
            return LeaseLost(f"{self!r} is a view: only its holder can do this", reason="view")
        reason = self.lost or "released"
        return LeaseLost(f"{self._title} is not held: {reason}", reason=reason)
