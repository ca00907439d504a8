"""What the contract suite has to know about a store: how to open it and how time passes for it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from coordination.clock import SystemClock
from coordination.errors import SessionLost
from coordination.record import LEASES, Session, data_key, encode_segment, key_of, lease_key
from coordination.store import Store
from coordination.testing.handle import Handle

_REAL = SystemClock()

_LOOK = 0.02
"""Seconds between two looks at a record that is to disappear within the slack."""

_STEPS = 6
"""In which time passes where something has to be done meanwhile."""

_PAUSE = 0.005
"""Real seconds between two looks at a condition that another thread brings about."""


@dataclass
class StoreHarness:
    """A store under test; one for each test. All times in seconds.

    `opener` answers another handle to the *same* storage at each call. `let_pass` lets time pass
    for the store: `FakeClock.advance`, or `time.sleep` where it is real. `ttl` is a short one the
    store grants, for sessions whose end a test waits for, `slack` how much later than the granted ttl
    such a session may expire, `patience` how long, in real time, to wait for a watch, and `timeout` what
    each call is given.
    """

    opener: Callable[[], Store]
    let_pass: Callable[[float], None]
    ttl: float
    slack: float = 0.1
    patience: float = 5.0
    timeout: float = 10.0
    namespace: str = field(default_factory=lambda: f"contract-{secrets.token_hex(6)}")
    _opened: list[Store] = field(default_factory=list, init=False, repr=False)

    def open(self) -> Store:
        """Another handle, closed with the harness."""
        store = self.opener()
        self._opened.append(store)
        return store

    def handle(self) -> Handle:
        """Another handle with the timeouts filled in, and sessions that no test outlives."""
        return Handle(self.open(), self.long, self.timeout)

    def close(self) -> None:
        """Close every handle that was opened."""
        while self._opened:
            self._opened.pop().close()

    def key(self, name: str) -> str:
        """The key of the lease `name`, in a namespace that no other test uses."""
        return lease_key(self.namespace, name)

    def data(self, name: str) -> str:
        """The key of the datum `name`."""
        return data_key(self.namespace, name)

    def contender(self, name: str, contender: str) -> str:
        """The key of one contender for the lock `name`."""
        return f"{self.queue(name)}{encode_segment(contender, 'contender')}"

    def queue(self, name: str) -> str:
        """What the keys of all contenders for the lock `name` start with."""
        return f"{key_of(self.namespace, 'locks', name)}/"

    @property
    def prefix(self) -> str:
        """What the keys of all leases of this test start with."""
        return f"{encode_segment(self.namespace)}/{LEASES}/"

    @property
    def long(self) -> float:
        """A ttl that no test outlives, however busy the machine; for sessions that are not its point."""
        return 100 * self.ttl

    def expire(self, session: Session, meanwhile: Callable[[], object] | None = None) -> None:
        """Let so much time pass that an unrenewed session is dead, with a `meanwhile` at each sixth of it.

        Where time is real, it is over once a record elsewhere that hangs on the session is gone: that
        fails if the slack does not suffice. A fake clock jumps to its end, and nobody looks meanwhile:
        whoever comes next has to find out.
        """
        if self.let_pass is not time.sleep:
            self._pass(session.ttl + self.slack, meanwhile)
            return
        onlooker, began = self.handle(), _REAL.now()
        elsewhere = lease_key(f"{self.namespace}-elsewhere", session.id)
        try:
            onlooker.must_create(elsewhere, session)
        except SessionLost:  # Dead by now, or not known to others before its own handle writes on it.
            self._pass(session.ttl + self.slack, meanwhile)
            return
        self._pass(session.ttl, meanwhile)
        asked = _REAL.now()
        while onlooker.read(elsewhere) is not None:
            late = asked - began - session.ttl
            assert late < self.slack, f"a session of {session.ttl} s is still there {late:.1f} s later"
            self._pass(_LOOK, meanwhile)
            asked = _REAL.now()

    def _pass(self, seconds: float, meanwhile: Callable[[], object] | None) -> None:
        for _ in range(1 if meanwhile is None else _STEPS):
            self.let_pass(seconds if meanwhile is None else seconds / _STEPS)
            if meanwhile is not None:
                meanwhile()

    def eventually(self, condition: Callable[[], bool]) -> bool:
        """Wait up to `patience` for what another thread brings about; True once it holds.

        A little store time passes at each look, for stores whose watches poll on a fake clock; far
        too little to expire anything before the patience is over.
        """
        give_up = _REAL.now() + self.patience
        while not condition():
            if _REAL.now() >= give_up:
                return False
            self.let_pass(self.ttl / 2000)
            _REAL.sleep(_PAUSE)
        return True
