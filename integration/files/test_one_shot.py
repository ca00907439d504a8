"""Programs that look once and end, in another boot-time namespace and with wall clocks that are off."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from coordination import connect
from integration.files.conftest import Run

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover

PERIOD = 8.0
"""Seconds in which even a busy machine finds time for a renewal, and for looks by two programs."""

PAUSE = 0.4
"""Seconds between two looks: without any, they take a whole processor from what runs beside them."""

ELSEWHERE = ("unshare", "-T", "--boottime", "100000", "--fork")

LOOK = """
import sys
from coordination import connect
print(connect(sys.argv[1]).acquire_lease("x", period=float(sys.argv[2])) is not None)
"""
SHIFTED = """
import sys
from coordination import connect
from coordination.clock import SystemClock
class Shifted(SystemClock):
    def wall(self):
        return super().wall() + float(sys.argv[3])
print(connect(sys.argv[1], clock=Shifted()).acquire_lease("x", period=float(sys.argv[2])) is not None)
"""


@pytest.mark.root
def test_looks_from_another_time_namespace_rob_nobody_and_add_up(folder: Path, run: Run) -> None:
    """Each look is a new process: False while the holder renews, True once it was silent for a period."""
    with connect(f"{folder.as_uri()}?durable=false") as manager:
        lease = manager.acquire_lease("x", period=PERIOD)
        assert lease is not None
        lease.keep_alive()
        ends = time.monotonic() + 1.5 * PERIOD
        while time.monotonic() < ends:
            assert run(LOOK, str(PERIOD), prefix=ELSEWHERE) == "False"
            time.sleep(PAUSE)
        assert lease.held
        lease._keeper.forget(lease)  # It stops renewing, as if it had been killed.
    silent_since = time.monotonic()
    looks = 0
    while run(LOOK, str(PERIOD), prefix=ELSEWHERE) == "False":
        looks += 1
        assert time.monotonic() - silent_since < 5 * PERIOD
        time.sleep(PAUSE)
    assert looks >= 1
    assert manager.clock.now() > lease.deadline, "it was robbed of what it had been granted"


@pytest.mark.parametrize("shift", ["3600", "-3600"])
def test_looks_with_a_wall_clock_off_rob_nobody(folder: Path, run: Run, shift: str) -> None:
    """An hour fast and an hour slow, for longer than the period of a holder that renews."""
    with connect(f"{folder.as_uri()}?durable=false") as manager:
        lease = manager.acquire_lease("x", period=PERIOD)
        assert lease is not None
        lease.keep_alive()
        ends = time.monotonic() + 1.5 * PERIOD
        while time.monotonic() < ends:
            assert run(SHIFTED, str(PERIOD), shift) == "False"
            time.sleep(PAUSE)
        assert lease.held


def test_an_expired_lease_is_taken_by_the_first_look(folder: Path, run: Run) -> None:
    """Nobody watched it; both clocks say it is over."""
    with connect(f"{folder.as_uri()}?durable=false") as manager:
        assert manager.acquire_lease("x", period=1.0) is not None
    time.sleep(1.1)
    assert run(LOOK, str(PERIOD)) == "True"
