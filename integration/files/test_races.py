"""Eight processes reach for one lease, ours alone and against liblease: exactly one gets it, every time.

The race is the one of `make prove`; here it is short, and mixed with holders written elsewhere.
"""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from benchmarks.prove.issue1.takeover import Leases
from benchmarks.prove.naive import ReadThenReplace
from benchmarks.prove.race import race
from tests.files.foreign import HeldError, LibLease, fields, go_time, write

pytestmark = pytest.mark.timeout(400)  # Eight processes take turns, on a busy machine.

ROUNDS = 40
MIXED_ROUNDS = 24
PERIOD = 2.0
"""Of holders that do not renew; a busy machine does not use it up before their record is written."""


class Expired(Leases):
    """Ours, on names whose holder did not renew. Racers come after it, and let its last period pass."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        time.sleep(PERIOD)

    def expire(self, name: str) -> int:
        """Hold it, and that is all: all of them run out together."""
        lease = self.manager.acquire_lease(name, period=PERIOD)
        assert lease is not None
        return lease.token


class Free(Leases):
    """Ours, on names that nobody has held."""

    def expire(self, name: str) -> int:
        """Leave nothing behind."""
        return 0


class Mixed(Expired):
    """Every other process is a liblease program."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.foreign = int(multiprocessing.current_process().name.rsplit("-", 1)[-1]) % 2 == 1

    def acquire(self, name: str) -> int | None:
        """Theirs has no token of its own: it gets one when it is first looked at."""
        if not self.foreign:
            return super().acquire(name)
        try:
            LibLease(self.folder / f"{name}.json", 120).acquire()
        except HeldError:
            return None
        seen = self.manager.get_lease(name)
        assert seen is not None
        return seen.token


class MixedFree(Mixed):
    """The same on names that nobody has held."""

    def expire(self, name: str) -> int:
        """Leave nothing behind."""
        return 0


class MixedAfterAStranger(Mixed):
    """The same after a liblease program that did not renew."""

    def expire(self, name: str) -> int:
        """A record of theirs whose time has passed; nobody has given it a token yet."""
        write(self.folder / f"{name}.json", fields(renewed_at=go_time(time.time() - 61)))
        return 0


@pytest.mark.untraced
@pytest.mark.parametrize("scheme", [Expired, Free])
@pytest.mark.parametrize("delay", [0.0, 0.03])
def test_one_winner_among_us(scheme: type[Leases], delay: float) -> None:
    """On expired and on free leases, with and without 0 to 30 ms between the system calls."""
    outcome = race(scheme, ROUNDS, delay=delay, groups=4 if delay else 1)
    assert (outcome.rounds, outcome.double, outcome.repeated, outcome.nobody) == (ROUNDS, 0, 0, 0)


@pytest.mark.untraced
@pytest.mark.parametrize("scheme", [Mixed, MixedFree, MixedAfterAStranger])
@pytest.mark.parametrize("delay", [0.0, 0.01])
def test_one_winner_among_us_and_liblease(scheme: type[Mixed], delay: float) -> None:
    """Four of us and four of them, on what was ours, theirs, or nobody's."""
    outcome = race(scheme, MIXED_ROUNDS, delay=delay, groups=2 if delay else 1)
    assert (outcome.rounds, outcome.double, outcome.repeated, outcome.nobody) == (MIXED_ROUNDS, 0, 0, 0)


@pytest.mark.untraced
def test_the_race_tells_a_wrong_scheme() -> None:
    """Reading and then replacing makes two winners within so few rounds: so the race is one."""
    assert race(ReadThenReplace, ROUNDS, delay=0.03, groups=4).double > 0
