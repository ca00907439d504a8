"""What is stored of locks: an onlooker sees it, changes it behind everybody's back, and waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coordination.clock import SystemClock
from coordination.contention import Queues
from coordination.record import Record, Session, encode_segment, key_of
from coordination.sharing.asking import contenders
from coordination.sharing.values import LOCKS, SENTINELS
from coordination.store import Store
from coordination.testing.faulty import FaultyStore
from coordination.testing.fleet.harness import ManagerHarness

REAL = SystemClock()
"""What a busy machine takes of real time, whatever the harness's clock shows."""

NAME = "nightly report"
"""The name that most cases are about."""

PATIENCE = 60.0
"""Real seconds to wait for what another thread brings about; a busy machine may need some."""

_LOOK = 0.005
"""Real seconds between two looks at it."""


@dataclass
class LockOnlooker(ManagerHarness):
    """The half of `RecipeHarness` that takes no locks. `patience`: real seconds to wait without a bound."""

    patience: float = PATIENCE

    # What is stored.

    def queue(self, name: str = NAME) -> list[Record]:
        """The records of those who hold and wait, in their order."""
        folder = f"{key_of(self.namespace, LOCKS, name)}/"
        return contenders(self._onlooker().list(folder, timeout=self.timeout), folder)

    def queued(self, count: int, name: str = NAME) -> list[Record]:
        """The same, once there are so many of them."""
        self.eventually(lambda: len(self.queue(name)) == count, f"{count} in the queue of {name!r}")
        return self.queue(name)

    def sessions(self) -> list[str]:
        """The keys by which shared sessions hear of what others do to them, one for each."""
        prefix = f"{encode_segment(self.namespace)}/{SENTINELS}/"
        return [record.key for record in self._onlooker().list(prefix, timeout=self.timeout)]

    def locks(self) -> list[str]:
        """The keys of all contenders of all locks."""
        prefix = f"{encode_segment(self.namespace)}/{LOCKS}/"
        return [record.key for record in self._onlooker().list(prefix, timeout=self.timeout)]

    def nothing_left(self) -> None:
        """Fail unless all records are gone before long."""
        self.eventually(lambda: not self.locks(), "no record is left")

    def remove(self, record: Record) -> None:
        """Delete it behind everybody's back."""
        assert self._onlooker().delete(record.key, record.index, timeout=self.timeout)

    def revoke(self, record: Record) -> None:
        """End the session it hangs on, behind its owner's back."""
        assert record.session is not None
        self._onlooker().close_session(Session(record.session, record.ttl or 1.0), timeout=self.timeout)

    @staticmethod
    def entering(store: FaultyStore | Store) -> str:
        """The call by which this store takes a place in a queue."""
        return "enter" if isinstance(store, Queues) else "create"

    # Time.

    def eventually(self, condition: Callable[[], object], what: str, within: float | None = None) -> None:
        """Wait until it holds: `within` seconds of the clock, or for as long as patience lasts.

        A little time passes at each look where it would not by itself. A look counts as what it was when
        it began: whoever looks may stand still.
        """
        begin, give_up = self.clock.now(), REAL.now() + self.patience
        asked = begin
        while not condition():
            assert within is None or asked <= begin + within, f"not within {within} s: {what}"
            assert REAL.now() < give_up, f"it never comes true: {what}"
            before = self.clock.now()
            REAL.sleep(_LOOK)
            if self.clock.now() == before:
                self.let_pass(_LOOK)
            asked = self.clock.now()
