"""A lease as its holder, or somebody who looks at it, has it in hand.

`held` is a local statement that is never true when it may be false: belief ends a margin before the
period granted, counted from before the last confirmed renewal was sent. It is not a promise about
the instant after it: let the protected resource check `token`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coordination import arguments
from coordination.errors import ConfigurationError, LeaseLost, OutcomeUnknown, StoreError
from coordination.fate import Fate, OnLost
from coordination.grant import Grant
from coordination.timing import Seconds
from coordination.value import LeaseValue

if TYPE_CHECKING:
    from coordination.keeper import Keeper

RELEASING = 1.0
"""Seconds a release may take; what it could not confirm by then is finished in the background."""


class Lease:
    """Timed ownership of a name. Thread-safe; belongs to the process that got it."""

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
        self._keeper = keeper
        self._name = name
        self._grant = grant
        self._secret = secret
        self._view = view
        self._owned_by = value
        self._snapshot = grant.session.ttl
        self._turn = threading.Lock()
        self._fate: Fate[Lease] = Fate()
        self._progress_at = keeper.clock.now()
        self._kept = False

    # What it is.

    @property
    def name(self) -> str:
        """The name that is owned."""
        return self._name

    @property
    def machine_id(self) -> str:
        """Who holds it, as people read it; not necessarily unique."""
        return self._owned_by.machine_id

    @property
    def version(self) -> int:
        """The holder's version, for rolling upgrades; 0 if it states none."""
        return self._owned_by.version

    @property
    def index(self) -> int:
        """The record's index at the last fetch or renewal; what `steal_lease` compares."""
        return self._grant.index

    @property
    def token(self) -> int:
        """The fencing token: rises with every acquisition of the name, stays while it is held."""
        return self._grant.token

    @property
    def metadata(self) -> dict[str, str]:
        """The holder's own entries; renewals keep them. A copy."""
        return dict(self._owned_by.metadata)

    @property
    def secret(self) -> str | None:
        """What `Manager.resume` asks for; None on a view. Do not log it."""
        return self._secret

    @property
    def period(self) -> float:
        """Seconds a renewal is asked to be good for."""
        return self._grant.period

    @property
    def pid(self) -> int:
        """The holder's process id, 0 if unknown."""
        return self._owned_by.pid

    @property
    def host(self) -> str:
        """The holder's host name, empty if unknown."""
        return self._owned_by.host

    @property
    def acquired_at(self) -> float:
        """Unix seconds of the acquisition, by the holder's wall clock."""
        return self._owned_by.acquired_at

    @property
    def renewed_at(self) -> float:
        """Unix seconds of the last renewal, by the holder's wall clock."""
        return self._grant.value.renewed_at

    @property
    def time_remaining(self) -> float:
        """Seconds the store would keep it, as of the last fetch or renewal; does not count down."""
        return self._snapshot if self._view else self._grant.session.ttl

    # Whether it is held.

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

    # What its owner does with it.

    def renew(self, period: Seconds | None = None) -> None:
        """Keep it for another period (None: the same); the index moves, the token stays.

        Raises `LeaseLost` if it is not ours any more. If the store could not be reached or could
        not say, raises `StoreUnavailable` or `OutcomeUnknown`, and `held` stays true to its deadline.
        """
        wanted = None if period is None else self._keeper.period(period)
        self._demand()
        with self._my_turn(self._keeper.timeout):
            self._demand()
            self.renew_now(wanted, self._keeper.timeout)

    def release(self) -> bool:
        """Give it up: True if it was ours, False if we had released it before.

        Raises `LeaseLost` if it was lost; another's record is never touched. Takes about a second
        at most: `OutcomeUnknown` means that the rest is being done in the background.
        """
        if self._view:
            raise self._loss()
        if self._keeper.home.here and self._fate.ending and self.lost is None:
            return False
        self._demand()
        self._fate.end()
        self._keeper.forget(self)
        try:
            with self._my_turn(RELEASING):
                self._keeper.registry.release(self._grant, RELEASING)
        except LeaseLost as loss:
            self.lose(loss.reason)
            raise
        except StoreError:
            self._keeper.later(self._grant.session)
            self._fate.release()
            raise
        self._fate.release()
        self._keeper.events.debug("lease-released", name=self._name, token=self.token)
        return True

    def keep_alive(self, on_lost: OnLost[Lease] | None = None) -> Self:
        """Renew it in the background, a third of the period apart, until released or lost."""
        if on_lost is not None:
            self.on_lost(on_lost)
        self._demand()
        if not self._kept:
            self._kept = True
            self._progress_at = self._keeper.clock.now()
            self._keeper.keep(self)
        return self

    def on_lost(self, callback: OnLost[Lease]) -> None:
        """Call `callback(lease, reason)` once, on a thread of the library, when it is lost."""
        if not callable(callback):
            raise ConfigurationError(f"on_lost takes a callable, not {callback!r}")
        if self._view:
            raise self._loss()
        if self._keeper.home.here:
            self._keeper.watch_over(self)
        reason = self._fate.listen(callback)
        if reason is not None:
            self._tell(callback, reason)

    def progress(self) -> None:
        """Tell that the work goes on, for managers with `stall_after`."""
        self._progress_at = self._keeper.clock.now()

    def commit(
        self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()
    ) -> int:
        """Write data of the namespace in one transaction, only while the lease is ours; the index of it.

        Raises `LeaseLost` if it is not, `OutcomeUnknown` if the answer got lost.
        """
        writes, removals = arguments.data(self._keeper.namespace, puts or {}, deletes)
        self.check()
        try:
            timeout = self._keeper.timeout
            return self._keeper.registry.commit(self._grant, writes, removals, timeout)
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
        return (
            f"<Lease {self._name!r} of {self.machine_id!r} token={self.token} index={self.index} {state}>"
        )

    # What the threads of the manager do with it.

    @property
    def grant(self) -> Grant:
        """What the registry knows; not for users."""
        return self._grant

    @property
    def overdue_at(self) -> float:
        """The point on the clock at which it is lost unless something happens before."""
        if self._keeper.stall_after is None or not self._kept:
            return self._grant.believed_until
        return min(self._grant.believed_until, self._progress_at + self._keeper.stall_after)

    def renew_now(self, period: float | None, timeout: float) -> None:
        """One renewal, by whoever has the turn."""
        try:
            self._keeper.registry.renew(self._grant, period, timeout)
        except LeaseLost as loss:
            self.lose(loss.reason)
            raise

    def lose(self, reason: str) -> None:
        """It is lost, once: nobody believes it from here on, and the callbacks are told."""
        callbacks = self._fate.lose(reason)
        if callbacks is None:
            return
        self._keeper.forget(self)
        self._keeper.events.warning("lease-lost", name=self._name, token=self.token, reason=reason)
        for callback in callbacks:
            self._tell(callback, reason)

    def _tell(self, callback: OnLost[Lease], reason: str) -> None:
        self._keeper.notifier.run(partial(callback, self, reason))

    @contextmanager
    def _my_turn(self, timeout: float) -> Iterator[None]:
        """One step at a time, so that our own renewals never look like somebody else's to each other."""
        if not self._turn.acquire(timeout=timeout):
            raise OutcomeUnknown(f"lease {self._name!r}: another call on it is still under way")
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

    def _stalled(self) -> bool:
        after = self._keeper.stall_after
        return (
            after is not None
            and self._kept
            and self._keeper.clock.now() >= self._progress_at + after
        )

    def _overdue(self) -> str | None:
        if self._keeper.closed:
            return "closed"
        if self._keeper.clock.now() >= self._grant.believed_until:
            return "expired"
        return "stalled" if self._stalled() else None

    def _demand(self) -> None:
        if self._view or self.lost is not None or self._fate.ending:
            raise self._loss()

    def _loss(self) -> LeaseLost:
        if self._view:
            return LeaseLost(f"{self!r} is a view: only its holder can do this", reason="view")
        reason = self.lost or "released"
        return LeaseLost(f"lease {self._name!r} is not held: {reason}", reason=reason)
