"""Locks, and stores below them, that break one promise each, and the case that has to notice.

Each is a plausible mistake; most were made by dlock, or are traps of its port.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination import Hold, Lock, Manager
from coordination.errors import ActionAlreadyRequested, LeaseLost, NothingScheduled, StoreUnavailable
from coordination.sharing.asking import contenders
from coordination.testing import RecipeHarness
from coordination.timing import Seconds
from tests.testing.broken_queues import (
    CommitsWithoutAGuard,
    LeavesWaitersBehind,
    NeverProves,
    NobodyIsAhead,
)


class BrokenLock(Lock):
    """A lock whose holds are of one kind."""

    __slots__ = ()
    kind: type[Hold] = Hold

    def acquire(self, timeout: Seconds | None = None) -> Hold:
        hold = super().acquire(timeout)
        hold.__class__ = self.kind
        return hold


class BrokenLocks(Manager):
    """A manager whose locks are of one kind."""

    of: type[Lock] = BrokenLock

    def lock(self, name: str, **options: Any) -> Lock:
        lock = super().lock(name, **options)
        lock.__class__ = self.of
        return lock


class _NumberedHere(Hold):
    __slots__ = ()

    @property
    def token(self) -> int:
        return int(self._place.key.rpartition(".")[2])


class _ReleasesTheName(Hold):
    __slots__ = ()

    def release(self, timeout: Seconds | None = None) -> bool:
        try:
            return super().release(timeout)
        except LeaseLost:
            keeping = self._place.shared.keeping
            folder = self._place.key.rpartition("/")[0] + "/"
            for record in contenders(keeping.store.list(folder, timeout=5.0), folder)[:1]:
                keeping.store.delete(record.key, record.index, timeout=5.0)
            raise


class _WaitsForTheStore(Hold):
    __slots__ = ()

    def release(self, timeout: Seconds | None = None) -> bool:
        if (
            self.held
            and (store := self._place.shared.keeping.store).read(self._place.key, timeout=5.0) is None
        ):
            raise StoreUnavailable(f"{store!r} has lost it")
        return super().release(timeout)


class _TellsNoReason(Hold):
    __slots__ = ()

    def wait(self, timeout: Seconds | None = None) -> str | None:
        return "released" if super().wait(timeout) else None


class _TellsOneOfThem(Hold):
    __slots__ = ()

    def wait(self, timeout: Seconds | None = None) -> str | None:
        over = super().wait(timeout)
        told = self._place.shared.keeping.__dict__.setdefault("told", set())
        if over is None or self.token in told:
            return None
        told.add(self.token)
        return over


def _locks_with(name: str, kind: type[Hold], why: str) -> type[Manager]:
    lock = type(f"{name}Lock", (BrokenLock,), {"__slots__": (), "kind": kind})
    return type(name, (BrokenLocks,), {"of": lock, "__doc__": why})


NumbersHere = _locks_with("NumbersHere", _NumberedHere, "Counts its own, and calls that a token.")
ReleasesTheName = _locks_with("ReleasesTheName", _ReleasesTheName, "Unlocks the name, whoever has it by now.")
WaitsForTheStore = _locks_with("WaitsForTheStore", _WaitsForTheStore, "Asks the store before it lets go.")
TellsNoReason = _locks_with("TellsNoReason", _TellsNoReason, "Says of every end that it was a release.")
TellsOneOfThem = _locks_with("TellsOneOfThem", _TellsOneOfThem, "A channel: one value, for one receiver.")


class _ReleasesAgain(Lock):
    __slots__ = ()

    def release(self, timeout: Seconds | None = None) -> bool:
        try:
            return super().release(timeout)
        except NothingScheduled:
            return False


class ReleasesAgain(BrokenLocks):
    """Takes a second unlock for a success, or for nothing."""

    of = _ReleasesAgain


class BreaksWhoever(Manager):
    """Breaks the holder that is there, not the one that was seen."""

    def break_lock(self, name: str, token: int) -> bool:
        seen = self.holders(name)
        return bool(seen) and super().break_lock(name, seen[0].token)


class HoardsContenders(Manager):
    """Remembers whatever it has ever locked."""

    def lock(self, name: str, **options: Any) -> Lock:
        lock = super().lock(name, **options)
        lock.__class__ = _Hoarding
        return lock


class _Hoarding(Lock):
    __slots__ = ()
    hoard: list[bytearray] = []  # noqa: RUF012 - that is the mistake

    def acquire(self, timeout: Seconds | None = None) -> Hold:
        self.hoard.append(bytearray(1000))
        return super().acquire(timeout)


class RunsOnceIfItWorks:
    """A `Once` that a failure leaves open."""

    def __init__(self) -> None:
        self._done = False

    def do(self, f: Callable[[], Any]) -> Any:
        if self._done:
            raise ActionAlreadyRequested("lock action already requested")
        answer = f()
        self._done = True
        return answer


class BrokenHarness(RecipeHarness):
    """A harness whose managers are all of one kind."""

    kind: type[Any] = Manager

    def manager(self, machine_id: str = "m1", store: Any = None) -> Manager:
        manager = super().manager(machine_id, store)
        if issubclass(self.kind, Manager):
            manager.__class__ = self.kind  # The same object in all but what the kind does otherwise.
        return manager


BROKEN: dict[type[Any], str] = {
    NobodyIsAhead: "test_c11_try_lock_fails_quickly_across_connections",
    NeverProves: "test_a_record_deleted_behind_the_holder",
    CommitsWithoutAGuard: "test_commit_after_a_loss_changes_nothing",
    LeavesWaitersBehind: "test_c4_blocking_locks_should_be_cancellable",
    NumbersHere: "test_c9_lock_and_unlock_in_turn",
    ReleasesTheName: "test_d17_a_wrong_holder_cannot_unlock",
    WaitsForTheStore: "test_d9_unlock_returns_promptly_with_the_store_down",
    TellsNoReason: "test_d3_a_session_revoked_is_told_as_such",
    TellsOneOfThem: "test_d4_the_end_is_observed_by_all_who_wait",
    ReleasesAgain: "test_d8_unlock_twice",
    BreaksWhoever: "test_break_lock_breaks_only_the_holder_seen",
    HoardsContenders: "test_c13_should_not_leak_memory",
    RunsOnceIfItWorks: "test_u2_should_return_an_error_if_the_encapsulated_function_returns_one",
}
"""For each the case that must fail, and no other's."""
