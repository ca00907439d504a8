"""What the owner of a lease does with it: renew, release, keep alive, write under it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coordination import arguments
from coordination.belief import Belief
from coordination.ending import Releasing
from coordination.errors import ConfigurationError, LeaseLost, OutcomeUnknown, StoreError, StoreUnavailable
from coordination.fate import OnLost
from coordination.grant import Grant
from coordination.outcomes import lost_if_replaced
from coordination.timing import Deadline, Seconds
from coordination.value import LeaseValue

if TYPE_CHECKING:
    from coordination.keeper import Keeper

RELEASING = 1.0
"""Seconds a release may take; what it could not confirm by then is finished in the background."""


class Lease(Belief):
    """Timed ownership of a name. Thread-safe; belongs to the process that got it."""

    renew_every: float | None = None
    """Seconds between two renewals in the background; None for a third of the period."""

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
        super().__init__(keeper, name, value, grant, secret, view=view)
        self._turn = threading.Lock()

    def renew(self, period: Seconds | None = None) -> None:
        """Keep it for another period (None: the same); the index moves, the token stays.

        Raises `LeaseLost` if it is not ours any more. If the store could not be reached or could
        not say, raises `StoreUnavailable` or `OutcomeUnknown`, and `held` stays true to its deadline.
        """
        wanted = None if period is None else self._keeper.period(period)
        self._demand()
        with self._my_turn(self._keeper.timeout):
            self._demand()
            try:
                self.renew_now(wanted, self._keeper.timeout)
            finally:
                self._keeper.hurry(self)

    def release(self) -> bool:
        """Give it up: True if it was ours, False if we had released it before.

        Raises `LeaseLost` if it was lost; another's record is never touched. Takes about a second
        at most: `OutcomeUnknown` means that the rest is being done in the background, and a second
        call says False whether or not that has succeeded yet.
        """
        return self.release_within(RELEASING)

    def release_within(self, timeout: float) -> bool:
        """`release`, with another bound; for the manager's end."""
        if not self.leave():
            return False
        self.left(timeout)
        return True

    def leave(self) -> bool:
        """Begin a release, with no request: not held from here on; False if one had begun before."""
        if self._view:
            raise self._loss()
        if self._keeper.home.here and self._fate.ending and self.lost is None:
            return False
        self._demand()
        if not self._fate.end():
            return False
        self._keeper.forget(self)
        return True

    def left(self, timeout: float) -> None:
        """Finish what `leave` began, within `timeout` seconds or in the background."""
        bound = Deadline(self._keeper.clock, timeout)
        try:
            with self._my_turn(timeout):
                self._keeper.registry.release(self._grant, bound.left(timeout))
        except LeaseLost as loss:
            self.lose(loss.reason)
            raise
        except StoreUnavailable as failure:
            self.finish_later()
            raise OutcomeUnknown(f"{failure}; its release goes on in the background") from failure
        except BaseException:
            self.finish_later()
            raise
        self._fate.release()
        self._keeper.events.debug("lease-released", name=self._name, token=self.token)

    def finish_later(self) -> None:
        """Have what `leave` began finished in the background; nobody is told how that went."""
        self._keeper.janitor.at(self._keeper.clock.now(), Releasing(self._keeper, self).run)
        self._fate.release()

    def keep_alive(self, on_lost: OnLost | None = None) -> Self:
        """Renew it in the background, a third of the period apart, until released or lost."""
        if on_lost is not None and not callable(on_lost):
            raise ConfigurationError(f"on_lost takes a callable, not {on_lost!r}")
        self._demand()
        if not self._kept:
            self._progress_at = self._keeper.clock.now()
            self._keeper.keep(self)
            self._kept = True
            if not self._fate.open:  # It was lost while that was done, so nobody else forgets it.
                self._keeper.forget(self)
        if on_lost is not None:
            self.on_lost(on_lost)
        return self

    def commit(self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()) -> int:
        """Write data of the namespace in one transaction, only while the lease is ours; the index of it.

        Raises `LeaseLost` if it is not, `OutcomeUnknown` if the answer got lost.
        """
        writes, removals = arguments.data(self._keeper.namespace, puts or {}, deletes)
        self.check()
        try:
            with lost_if_replaced(self._grant):
                return self._keeper.registry.commit(self._grant, writes, removals, self._keeper.timeout)
        except LeaseLost as loss:
            self.lose(loss.reason)
            raise

    def __enter__(self) -> Self:
        """Keep it alive for the block; raises `LeaseLost` rather than enter it unheld."""
        self.check()
        return self.keep_alive()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it; raises `LeaseLost` if it was lost and the block itself did not raise."""
        if not self._keeper.home.here:
            return
        try:
            self.release()
        except LeaseLost as loss:
            if error is None:
                raise
            error.add_note(str(loss))
        except StoreError as failure:
            self._keeper.events.warning("release-unconfirmed", name=self._name, error=str(failure))

    def __repr__(self) -> str:
        state = "view" if self._view else "held" if self.held else self._fate.lost or "over"
        return f"<Lease {self._name!r} of {self.machine_id!r} token={self.token} index={self.index} {state}>"

    # What the threads of the manager do with it.

    @property
    def grant(self) -> Grant:
        """What the registry knows; not for users."""
        return self._grant

    def renew_now(self, period: float | None, timeout: float) -> None:
        """One renewal, by whoever has the turn."""
        try:
            self._keeper.registry.renew(self._grant, period, timeout)
        except LeaseLost as loss:
            self.lose(loss.reason)
            raise

    @contextmanager
    def _my_turn(self, timeout: float) -> Iterator[None]:
        """One step at a time, so that our own renewals never look like somebody else's to each other."""
        if not self._turn.acquire(timeout=timeout):
            raise StoreUnavailable(f"{self._title}: another call on it is still under way")
        try:
            yield
        finally:
            self._turn.release()

    def try_turn(self) -> bool:
        """Take the turn if it is free; give it back with `end_turn`."""
        return self._turn.acquire(blocking=False)

    def end_turn(self) -> None:
        """Give the turn back."""
        self._turn.release()
