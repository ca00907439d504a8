"""The fake clock: time stands still, moves when told, and wakes whoever waited for it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from coordination.clock import Clock
from coordination.testing import FakeClock
from coordination.testing.recipes.interrupting import Interruptible

FAR = 1_000_000.0


def eventually(condition: Callable[[], bool], within: float = 10.0) -> bool:
    """Look until it holds, for so many real seconds."""
    give_up = time.monotonic() + within
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.002)
    return condition()


def waiting(
    clock: FakeClock, event: threading.Event, timeout: float | None
) -> tuple[threading.Thread, list[bool]]:
    """A thread that waits on the clock, and what it was answered."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(clock.wait(event, timeout)), daemon=True)
    thread.start()
    return thread, answers


def test_it_is_a_clock() -> None:
    """It has all that the library needs of time."""
    assert isinstance(FakeClock(), Clock)


def test_time_stands_still() -> None:
    """However long it takes, no time passes by itself."""
    clock = FakeClock()
    before = clock.now(), clock.wall()
    time.sleep(0.01)
    assert (clock.now(), clock.wall()) == before


def test_advance_moves_both_clocks() -> None:
    """Time passes for deadlines and for people alike."""
    clock = FakeClock(now=10.0, wall=100.0)
    clock.advance(2.5)
    assert (clock.now(), clock.wall()) == (12.5, 102.5)


def test_time_never_runs_backwards() -> None:
    """`advance` refuses a negative number and leaves the clock as it was."""
    clock = FakeClock(now=10.0)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1.0)
    assert clock.now() == 10.0


def test_the_wall_clock_can_be_set() -> None:
    """A step of the wall clock, also backwards, is no passing of time."""
    clock = FakeClock(now=10.0, wall=100.0)
    clock.step_wall(-3600.0)
    assert (clock.now(), clock.wall()) == (10.0, -3500.0)


def test_a_sleeper_moves_the_clock() -> None:
    """Sleeping takes fake time only, so a lone thread cannot hang; a negative sleep is none."""
    clock = FakeClock(now=10.0)
    clock.sleep(FAR)
    clock.sleep(-1.0)
    assert clock.now() == 10.0 + FAR


def test_advance_ends_a_wait() -> None:
    """A wait ends, with False, once the clock has moved by its timeout, and not before."""
    clock = FakeClock()
    thread, answers = waiting(clock, threading.Event(), 10.0)
    assert eventually(lambda: clock.waiters == 1)
    clock.advance(9.0)
    clock.settle()
    assert answers == []
    clock.advance(1.0)
    thread.join(10.0)
    assert answers == [False]


def test_an_event_ends_a_wait() -> None:
    """A wait ends, with True, when its event is set while the clock stands still."""
    clock = FakeClock()
    event = threading.Event()
    thread, answers = waiting(clock, event, None)
    assert eventually(lambda: clock.waiters == 1)
    event.set()
    thread.join(10.0)
    assert (answers, clock.waiters) == ([True], 0)


def test_a_wait_of_nothing_answers_at_once() -> None:
    """A timeout of 0 only looks."""
    clock = FakeClock()
    event = threading.Event()
    assert clock.wait(event, 0.0) is False
    event.set()
    assert clock.wait(event, 0.0) is True


@pytest.mark.parametrize("around", [lambda clock: clock, Interruptible], ids=["itself", "interruptible"])
def test_a_thread_that_is_late_for_its_wait_misses_nothing(
    around: Callable[[FakeClock], Clock],
) -> None:
    """It looked at the clock, which moved before it came to wait for as long as it had worked out."""
    inner = FakeClock()
    clock, answers = around(inner), list[bool]()
    looked, moved = threading.Event(), threading.Event()

    def work() -> None:
        left = 1_005.0 - clock.now()
        looked.set()
        moved.wait(30.0)
        answers.append(clock.wait(threading.Event(), left))
        answers.append(clock.wait(threading.Event(), 10.0))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert looked.wait(30.0)
    inner.advance(8.0)
    moved.set()
    assert eventually(lambda: answers == [False])
    inner.advance(9.0)
    inner.settle()
    assert answers == [False], "the next wait counts from the end of that one"
    inner.advance(1.0)
    thread.join(10.0)
    assert answers == [False, False]


def test_one_advance_wakes_every_waiter() -> None:
    """However many wait, one movement of the clock ends all their waits."""
    clock = FakeClock()
    threads = [waiting(clock, threading.Event(), 5.0)[0] for _ in range(50)]
    assert eventually(lambda: clock.waiters == 50)
    clock.advance(5.0)
    for thread in threads:
        thread.join(10.0)
    assert not [thread for thread in threads if thread.is_alive()]


def test_many_waiters_are_cheap() -> None:
    """A hundred threads that wait for a clock that stands still take little of a core."""
    clock = FakeClock()
    event = threading.Event()
    threads = [waiting(clock, event, None)[0] for _ in range(100)]
    assert eventually(lambda: clock.waiters == 100)
    began, spent = time.monotonic(), time.process_time()
    clock.settle(0.5)
    share = (time.process_time() - spent) / (time.monotonic() - began)
    event.set()
    for thread in threads:
        thread.join(10.0)
    assert share < 0.2, f"{share:.0%} of a core"


def test_it_needs_no_pytest() -> None:
    """A program may use the fake clock and the faulty store where pytest is not installed."""
    program = (
        "import sys; from coordination.testing import FakeClock, FaultyStore, StoreHarness;"
        "FakeClock(); print('pytest' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
