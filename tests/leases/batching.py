"""A memory store that counts its calls, takes time for them, and fails by item or altogether."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from coordination import Lease, Manager, connect
from coordination.errors import OutcomeUnknown, SessionLost, StoreError, StoreUnavailable
from coordination.record import Record, Session, lease_key
from coordination.store import Notify, Subscription, Swap, Swapped
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.leases.world import PERIOD, eventually, got, idle

REFUSED = "refused"
"""Not applied, and known not to be."""

APPLIED = "applied"
"""Applied, and the answer is lost."""

SWALLOWED = "swallowed"
"""The answer is lost; applied at `deliver`, if ever."""


@dataclass
class Costs:
    """What calls take, in seconds of the fake clock."""

    call: float = 0.0
    item: float = 0.0


class BatchStore(MemoryStore):
    """`fate` names what becomes of a write of a key, or of any where the key is "*"."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.fake = clock
        self.costs = Costs()
        self.fates: dict[str, str] = {}
        self.calls: list[tuple[str, int]] = []
        self.batches: list[list[str]] = []
        self.hole_ends = 0.0
        self.unanswered: list[str] = []
        self.letters: list[Swap] = []
        self.before_batch: Callable[[], object] = lambda: None

    def count(self, call: str) -> int:
        """How often this was called."""
        return [name for name, _ in self.calls].count(call)

    def deliver(self) -> list[Swapped]:
        """Let the swallowed writes land, in order."""
        letters, self.letters = self.letters, []
        return super().replace_all(letters, timeout=5.0)

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        self.batches.append([swap.key for swap in swaps])
        self.before_batch()
        if not self._reached("replace_all", len(swaps), timeout):
            self.letters += swaps
            return [OutcomeUnknown("no answer") for _ in swaps]
        return [self._swapped(swap) for swap in swaps]

    def renew_sessions(
        self, sessions: Sequence[Session], *, timeout: float
    ) -> list[Session | StoreError | None]:
        if not self._reached("renew_sessions", len(sessions), timeout):
            return [OutcomeUnknown("no answer") for _ in sessions]
        return super().renew_sessions(sessions, timeout=timeout)

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        if not self._reached("replace", 1, timeout):
            self.letters.append(Swap(key, value, session, index))
            raise OutcomeUnknown("no answer")
        answer = self._swapped(Swap(key, value, session, index))
        if isinstance(answer, StoreError | SessionLost):
            raise answer
        return answer

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        if not self._reached("renew_session", 1, timeout):
            raise OutcomeUnknown("no answer")
        return super().renew_session(session, timeout=timeout)

    def read(self, key: str, *, timeout: float) -> Record | None:
        if not self._reached("read", 1, timeout):
            raise StoreUnavailable("no answer")
        return super().read(key, timeout=timeout)

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        if not self._reached("watch", 1, timeout):
            raise StoreUnavailable("no answer")
        return super().watch(prefix, after, notify, timeout=timeout)

    def _reached(self, call: str, items: int, timeout: float) -> bool:
        """Whether the call gets through; it takes its time."""
        self.calls.append((call, items))
        if self.fake.now() < self.hole_ends:
            self.unanswered.append(call)
            self.fake.sleep(timeout)
            return False
        if self.letters and self.hole_ends:
            self.deliver()  # The network was holding them back.
        self.fake.sleep(self.costs.call + self.costs.item * items)
        return True

    def _swapped(self, swap: Swap) -> Swapped:
        fate = self.fates.get(swap.key) or self.fates.get("*")
        if fate == REFUSED:
            return StoreUnavailable("refused")
        if fate == SWALLOWED:
            self.letters.append(swap)
            return OutcomeUnknown("swallowed")
        answer = super().replace_all([swap], timeout=5.0)[0]
        return OutcomeUnknown("lost") if fate == APPLIED else answer


@dataclass
class Fleet:
    """One manager that keeps many leases on such a store, and what it was told of them."""

    clock: FakeClock
    store: BatchStore
    manager: Manager
    leases: list[Lease] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    def keep(self, count: int, period: float = PERIOD) -> list[Lease]:
        """Acquire and keep so many more, and wait until their watches have begun."""
        names = [f"lease-{len(self.leases) + number}" for number in range(count)]
        new = [got(self.manager.acquire_lease(name, period=period)) for name in names]
        for lease in new:
            lease.keep_alive(lambda lost, reason: self.told.update({lost.name: reason}))
        self.leases += new
        self.settle()
        self.store.calls.clear()
        return new

    def settle(self) -> None:
        """Wait until nothing is due, no loss is untold, and the threads wait for the clock."""
        keeper = self.manager._keeper
        watchdog = keeper.watchdog

        def waiting() -> bool:
            threads = {it.ident for it in (keeper.heartbeat._thread, watchdog._thread) if it is not None}
            return len(threads) == 2 and threads <= self.clock._waiting and keeper.notifier._calls.idle

        def settled() -> bool:
            # Looking at a thousand leases would hold up those who are at work.
            if not waiting() or not idle(keeper.heartbeat, self.clock):
                return False
            if any(lease.overdue_at <= self.clock.now() for lease in watchdog.watched()):
                watchdog._wake.set()  # A rounding error may have it wait for a moment longer.
                return False
            return waiting()

        eventually(settled, "the heartbeat has done what is due", within=60.0)

    def live(self, seconds: float, step: float = 0.1) -> None:
        """Let time pass, and the heartbeat do in it what it has to."""
        until = self.clock.now() + seconds
        while self.clock.now() < until:
            self.clock.advance(step)
            self.settle()

    @property
    def indexes(self) -> list[int]:
        """Of all leases, as their holder knows them."""
        return [lease.index for lease in self.leases]


def fleet(clock: FakeClock) -> Fleet:
    """An empty one."""
    store = BatchStore(clock)
    return Fleet(clock, store, connect(store, clock=clock, machine_id="m1"))


def key(lease: Lease) -> str:
    """Where it is stored."""
    return lease_key("", lease.name)
