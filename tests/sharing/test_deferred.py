"""Putting Ctrl-C off, and the signal of the blocking face, which an interrupt cannot break."""

from __future__ import annotations

import signal
import threading

import pytest

from coordination._blocking import BlockingRuntime, Flag
from coordination.clock import SystemClock
from coordination.interrupts import _forked, allowed, deferred
from coordination.runtime import run
from coordination.testing import FakeClock

pytestmark = pytest.mark.usefixtures("ctrl_c")


def interrupt() -> None:
    """The user presses Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def test_a_deferred_interrupt_is_told_at_the_end() -> None:
    """Once, however often it struck, and not inside; a block within a block waits for the outer one."""
    before = signal.getsignal(signal.SIGINT)
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt), deferred():
        with deferred():
            interrupt()
            interrupt()
            steps.append("inside")
        steps.append("still inside")
    assert steps == ["inside", "still inside"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_allowed_interrupt_is_told_at_once() -> None:
    """Also one that was noted before; after the block they are noted again."""
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt), deferred():
        with pytest.raises(KeyboardInterrupt):
            interrupt()
            with allowed():
                steps.append("not here")
        with pytest.raises(KeyboardInterrupt), allowed():
            interrupt()
        interrupt()
        steps.append("noted again")
    assert steps == ["noted again"]
    with allowed():
        steps.append("no effect elsewhere")
    assert len(steps) == 2


def test_breaker_9_a_child_of_fork_has_its_handler_back() -> None:
    """A thread forked while the main thread was at work: Ctrl-C was noted for ever in the child."""
    before = signal.getsignal(signal.SIGINT)
    with deferred():
        assert signal.getsignal(signal.SIGINT) is not before
        _forked()
        assert signal.getsignal(signal.SIGINT) is before
        with pytest.raises(KeyboardInterrupt), deferred():
            interrupt()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_that_is_no_function_is_left_alone() -> None:
    """SIGINT ignored stays ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with deferred():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            interrupt()
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_handle_no_signals() -> None:
    """The block has no effect there."""
    seen: list[object] = []

    def elsewhere() -> None:
        with deferred(), allowed():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


def test_the_signal_of_the_blocking_face() -> None:
    """Set, cleared and set again, by any thread; set before it is waited for is set."""
    flag, runtime = Flag(), BlockingRuntime(SystemClock())
    assert not flag.wait(0.01)
    flag.set()
    flag.set()
    assert flag.wait()
    assert run(runtime.wait(flag, 0.0))
    flag.clear()
    assert not flag.is_set()
    assert not flag.wait(0.01)
    timer = threading.Timer(0.05, flag.set)
    timer.start()
    assert run(runtime.wait(flag, 60.0))
    timer.join()
    with pytest.raises(TypeError, match="another runtime"):
        run(BlockingRuntime(FakeClock()).wait(threading.Event(), 0.0))
