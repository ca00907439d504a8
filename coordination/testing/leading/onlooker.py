"""What is stored of a leadership: an onlooker sees it, takes it away, and was there before us."""

from __future__ import annotations

import os
from dataclasses import dataclass

from coordination.record import Record, encode_segment, key_of
from coordination.testing.leading.tally import TallyStore
from coordination.testing.recipes.harness import NAME, RecipeHarness
from coordination.value import LeaseValue, decode, new_nonce

LEADERS = "leaders"
ACKS = "acks"

_TRIES = 50
"""At taking what its holder renews at the same time."""


@dataclass
class LeaderOnlooker(RecipeHarness):
    """The half of `LeaderHarness` that leads nothing."""

    def key(self, name: str = NAME) -> str:
        """Where a leadership is kept."""
        return key_of(self.namespace, LEADERS, name)

    def seat(self, name: str = NAME) -> Record | None:
        """The record of whoever leads."""
        return self._onlooker().read(self.key(name), timeout=self.timeout)

    def seated(self, name: str = NAME) -> LeaseValue:
        """What it says."""
        record = self.seat(name)
        assert record is not None, f"nobody leads {name!r}"
        return decode(record.value)

    def vacant(self, name: str = NAME, within: float | None = None) -> None:
        """Fail unless the record is gone before long."""
        self.eventually(lambda: self.seat(name) is None, f"nobody leads {name!r}", within)

    def acknowledgements(self) -> list[str]:
        """The keys by which victims tell that their work has stopped."""
        prefix = f"{encode_segment(self.namespace)}/{ACKS}/"
        return [record.key for record in self._onlooker().list(prefix, timeout=self.timeout)]

    def planted(self, version: int = 0, period: float | None = None, name: str = NAME) -> Record:
        """A leader of some other program, which neither renews nor hears of anything."""
        store, ttl = self._onlooker(), self.brief if period is None else period
        session = store.open_session(ttl, timeout=self.timeout)
        record = store.create(
            self.key(name), self._foreign("old", version, ttl, name), session, timeout=self.timeout
        )
        assert record is not None, f"somebody leads {name!r} already"
        return record

    def rob(self, version: int = 0, name: str = NAME) -> Record:
        """Steal it from whoever leads, as another machine does that looks and then writes by index."""
        store, ttl = self._onlooker(), self.ample
        session = store.open_session(ttl, timeout=self.timeout)
        for _ in range(_TRIES):
            seen = store.read(self.key(name), timeout=self.timeout)
            assert seen is not None, f"nobody leads {name!r}"
            value = self._foreign("thief", version, ttl, name)
            stolen = store.replace(seen.key, value, session, seen.index, timeout=self.timeout)
            if stolen is not None:
                return stolen
        raise AssertionError("its index never stands still")

    def vacate(self, name: str = NAME) -> None:
        """End whoever leads, with the session it leads on."""
        record = self.seat(name)
        assert record is not None, f"nobody leads {name!r}"
        self.revoke(record)

    def tally(self) -> TallyStore:
        """Another store, which can be made to fail and remembers what sessions were opened through it."""
        return TallyStore(self.store(), self.clock)

    def nothing_open(self, store: TallyStore) -> None:
        """Fail unless every session that was opened through it is ended soon, by whoever opened it."""
        self.eventually(lambda: not store.alive(self.timeout), "no session is left")

    @staticmethod
    def _foreign(machine: str, version: int, period: float, name: str) -> bytes:
        value = LeaseValue(machine, version, name=name, nonce=new_nonce(), period=period, pid=os.getpid())
        return value.encode()
