"""What the contract suite has to know about a store: how to open it and how time passes for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from coordination.clock import SystemClock
from coordination.record import LEASES, Session, data_key, encode_segment, key_of, lease_key
from coordination.store import Store
from coordination.testing.handle import Handle

_REAL = SystemClock()

_PAUSE = 0.005
"""Real seconds between two looks at a condition that another thread brings about."""


@dataclass
class StoreHarness:
    """A store under test; one for each test. All times in seconds.

    `opener` answers another handle to the *same* storage at each call. `let_pass` lets time pass
    for the store: `FakeClock.advance`, or `time.sleep` where it is real. `ttl` is a short one the
    store grants, `slack` how much later than the granted ttl it may expire, `patience` how long, in
    real time, to wait for a watch, and `timeout` what each call is given.
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
        """Another handle with the timeouts filled in."""
        return Handle(self.open(), self.ttl, self.timeout)

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
        return 30 * self.ttl

    def expire(self, session: Session) -> None:
        """Let so much time pass that an unrenewed session is certainly dead."""
        self.let_pass(session.ttl + self.slack)

    def outlive(self, handle: Handle, session: Session) -> None:
        """Let as much time pass as `expire` does, with a renewal at every third of the ttl."""
        left = session.ttl + self.slack
        while left > 0:
            self.let_pass(session.ttl / 3)
            assert handle.renew_session(session) is not None, "a session renewed in time is lost"
            left -= session.ttl / 3

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
