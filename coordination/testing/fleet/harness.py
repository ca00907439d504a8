"""What the fleet suite has to know: how to open managers on one storage, and how time passes for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from coordination import connect
from coordination.clock import Clock, default_clock
from coordination.lease import Lease
from coordination.manager import Manager
from coordination.record import Record, lease_key
from coordination.store import Store
from coordination.testing.faulty import FaultyStore
from coordination.testing.fleet.span import Span

if TYPE_CHECKING:
    from coordination.testing.bridge import Bridge

T = TypeVar("T")

NAME = "engine-leader"
"""The name that fleet's engines compete for, and that most cases are about."""

_INSTANT = 0.1
"""Seconds beyond a period at which the clock is looked at, so that no case rests on a tie."""

_BRIEF = 4.0
"""Seconds, where time is real: beats and the steps of a case may be more than two seconds late."""

_LOOK = 0.05
"""Seconds between two looks at a record that is to disappear within the slack."""


@dataclass
class ManagerHarness:
    """A storage under test; one for each test. All times in seconds.

    `opener` answers another store on the *same* storage at each call, as another machine has.
    `let_pass` lets time pass for stores and managers, and `clock` shows it: `FakeClock.advance` with
    that clock, or `time.sleep`. `period` is a short one that the store grants as it is, and whose
    end many cases wait for; `floor` is the least that the store grants, whatever is asked, and
    `shortest` the least that may be asked for.
    `slack` is how much later than it ought to a lease may disappear, and `rounding` by how much the
    time left may be overstated. Both are 0 on a fake clock, and every case is exact then. With `aio`
    the managers are those of `coordination.aio`, driven from the tests' threads.
    """

    opener: Callable[[], Store]
    let_pass: Callable[[float], None]
    period: float
    clock: Clock = field(default_factory=default_clock)
    floor: float = 0.0
    shortest: float = 0.0
    slack: float = 0.0
    rounding: float = 0.0
    timeout: float = 10.0
    namespace: str = field(default_factory=lambda: f"fleet-{secrets.token_hex(6)}")
    aio: bool = False
    _stores: list[Store] = field(default_factory=list, init=False, repr=False)
    _managers: list[Manager] = field(default_factory=list, init=False, repr=False)
    _bridge: Bridge | None = field(default=None, init=False, repr=False)

    @property
    def ample(self) -> float:
        """A period that no pause of a busy machine reaches, for cases that do not wait for its end."""
        return 5 * self.period

    @property
    def brief(self) -> float:
        """A period whose end a case waits for, and which no pause of a busy machine reaches before that."""
        return max(self.period, _BRIEF) if self.slack else self.period

    def granted(self, period: float) -> float:
        """What the store makes of `period`."""
        return max(period, self.floor)

    # Managers, each on a store of its own.

    def store(self) -> Store:
        """Another store, closed with the harness."""
        store = self.opener()
        self._stores.append(store)
        return store

    def faulty(self) -> FaultyStore:
        """Another store, which records its calls and can be made to fail."""
        return FaultyStore(self.store(), self.clock)

    def manager(self, machine_id: str = "m1", store: Store | None = None) -> Manager:
        """The manager of another process of a machine."""
        manager = self._face()(
            store or self.store(),
            machine_id=machine_id,
            namespace=self.namespace,
            timeout=self.timeout,
            clock=self.clock,
        )
        self._managers.append(manager)
        return manager

    def managers(self) -> tuple[Manager, Manager]:
        """The managers of two machines, m1 and m2."""
        return self.manager("m1"), self.manager("m2")

    def close(self) -> None:
        """Close every manager and every store."""
        while self._managers:
            self._managers.pop().close()
        while self._stores:
            self._stores.pop().close()
        if self._bridge is not None:
            self._bridge.close()

    def _face(self) -> Callable[..., Manager]:
        if not self.aio:
            return connect
        from coordination.testing.bridge import Bridge

        if self._bridge is None:
            self._bridge = Bridge()
        return self._bridge.connect

    # What is stored.

    def record(self, name: str = NAME) -> Record | None:
        """What is stored of a lease."""
        return self._onlooker().read(lease_key(self.namespace, name), timeout=self.timeout)

    def write(self, value: bytes, period: float, name: str = NAME) -> Record:
        """Write `value` as a lease, as a program of another version would."""
        store = self._onlooker()
        session = store.open_session(period, timeout=self.timeout)
        record = store.create(lease_key(self.namespace, name), value, session, timeout=self.timeout)
        assert record is not None, f"the lease {name!r} is there already"
        return record

    def _onlooker(self) -> Store:
        return self._stores[0] if self._stores else self.store()

    # Time.

    def expire(self, period: float, name: str = NAME) -> None:
        """Let so much time pass that a lease of `period`, renewed no more, is gone.

        Without slack nobody looks whether it is: whoever comes next has to find that out.
        """
        self.let_pass(max(0.0, period) + _INSTANT)
        asked = self.clock.now()
        give_up = asked + self.slack
        while self.slack and self.record(name) is not None:
            assert asked < give_up, f"a lease of {period} s is still there {self.slack} s later"
            self.let_pass(_LOOK)
            asked = self.clock.now()

    def timed(self, action: Callable[[], T]) -> tuple[T, Span]:
        """What `action` answers, and when that was done."""
        begin = self.clock.now()
        answer = action()
        return answer, Span(begin, self.clock.now())


def got(lease: Lease | None) -> Lease:
    """The lease, of a step that is known to succeed."""
    assert lease is not None, "a step that must succeed answered None"
    return lease
