"""The heartbeat's spare jobs: they run where no renewal is due, and however many wait, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.heartbeat import Heartbeat
from coordination.hooks import Events
from coordination.testing import FakeClock
from tests.leases.world import eventually


@pytest.fixture
def heartbeat(clock: FakeClock) -> Iterator[Heartbeat]:
    """One of its own for each test."""
    heartbeat = Heartbeat(clock, Events())
    yield heartbeat
    heartbeat.close()


def test_what_is_due_goes_before_what_is_spare(heartbeat: Heartbeat, clock: FakeClock) -> None:
    """Though the spare jobs have waited longer."""
    ran: list[str] = []
    for name in "abc":
        heartbeat.at(clock.now() + 1.0, lambda name=name: ran.append(name), spare=True)  # type: ignore[misc]
    heartbeat.at(clock.now() + 2.0, lambda: ran.append("first"))
    clock.advance(2.0)
    eventually(lambda: len(ran) == 4, "all ran")
    assert ran == ["first", "a", "b", "c"]


def test_what_becomes_due_waits_for_one_spare_job(heartbeat: Heartbeat, clock: FakeClock) -> None:
    """A hundred of a second each are waiting; what is due in a second and a half comes third."""
    ran: list[str] = []

    def spare() -> None:
        clock.sleep(1.0)
        ran.append("spare")

    due = clock.now() + 1.5
    heartbeat.at(due, lambda: ran.append("first"))
    for _ in range(100):
        heartbeat.at(due - 1.5, spare, spare=True)
    eventually(lambda: len(ran) == 101, "all ran")
    assert ran.index("first") <= 2


def test_a_spare_job_that_comes_again_stays_spare(heartbeat: Heartbeat, clock: FakeClock) -> None:
    """Also after it failed."""
    ran: list[str] = []
    now = clock.now()

    def again() -> float | None:
        ran.append("spare")
        if len(ran) == 1:
            raise ValueError("once")
        return None

    heartbeat.at(now, again, spare=True)
    eventually(lambda: ran, "it failed")
    eventually(lambda: clock.waiters, "the heartbeat waits")
    heartbeat.at(now + 1.0, lambda: ran.append("first"))
    clock.advance(1.0)
    eventually(lambda: len(ran) == 3, "both ran")
    assert ran == ["spare", "first", "spare"]
