"""A fork waits for what another thread must not be in the midst of, and only for that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from coordination import forking
from coordination.forking import no_fork

pytestmark = [pytest.mark.untraced, pytest.mark.skipif("os.name != 'posix'", reason="no fork elsewhere")]

PATIENCE = 20.0


class Inside:
    """A thread that is `with no_fork():` until it is told to leave."""

    def __init__(self) -> None:
        self.entered, self.leave = threading.Event(), threading.Event()
        self.left_at = 0.0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.entered.wait(PATIENCE)

    def _run(self) -> None:
        with no_fork(), no_fork():
            self.entered.set()
            self.leave.wait(PATIENCE)
            self.left_at = time.monotonic()


@pytest.fixture
def inside() -> Iterator[Inside]:
    """One such thread."""
    made = Inside()
    yield made
    made.leave.set()
    made.thread.join(PATIENCE)


def forked() -> int:
    """The exit status of a child that does what must not wait for anybody."""
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        with no_fork():
            thread = threading.Thread(target=lambda: no_fork().__enter__())
            thread.start()
            thread.join()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_fork_waits_for_every_thread_that_is_inside(inside: Inside) -> None:
    """The child comes after them, and finds nothing locked; then the parent's threads go on."""
    other = Inside()
    threading.Timer(0.2, inside.leave.set).start()
    threading.Timer(0.3, other.leave.set).start()
    assert forked() == 0
    assert min(inside.left_at, other.left_at) > 0
    other.thread.join(PATIENCE)


def test_threads_are_inside_side_by_side(inside: Inside) -> None:
    """Nobody waits for anybody there: it is no mutex between them."""
    with no_fork():
        assert inside.thread.is_alive() and not inside.left_at


def test_a_newcomer_waits_while_a_fork_is_under_way() -> None:
    """Also a thread that has never been inside."""
    went = threading.Event()

    def newcomer() -> None:
        with no_fork():
            went.set()

    forking._before()
    thread = threading.Thread(target=newcomer)
    try:
        thread.start()
        assert not went.wait(0.2)
    finally:
        forking._after()
    assert went.wait(PATIENCE)
    thread.join(PATIENCE)


def test_forking_inside_goes_on() -> None:
    """A module that forks while it is loaded, in parent and child."""
    with no_fork():
        assert forked() == 0
    assert forked() == 0


def test_forks_at_the_same_time() -> None:
    """Several threads that fork wait for each other, not for ever."""
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(forked())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert statuses == [0] * 4


LOADED_LATER = """
import coordination, logging, os, threading, time
from coordination.forking import FINISHING, no_fork
inside = threading.Event()

def load():
    with no_fork():
        inside.set()
        time.sleep(0.3)
        logging.getLogger("of a module that is being loaded")

threading.Thread(target=load).start()
inside.wait()
began = time.monotonic()
if os.fork() == 0:
    os._exit(0)
os.wait()
print(time.monotonic() - began < FINISHING)
"""


def test_who_is_inside_gets_a_logger() -> None:
    """`logging` holds its lock around a fork too: where it was loaded after us, each waited for the other."""
    ran = subprocess.run([sys.executable, "-c", LOADED_LATER], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True"]


def test_the_wait_is_bounded(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that never leaves keeps nobody from forking; the child and the next fork find all free."""
    monkeypatch.setattr(forking, "FINISHING", 0.1)
    assert forked() == 0
    assert not inside.left_at
    with ExitStack() as stack:
        stack.enter_context(no_fork())
    inside.leave.set()
    inside.thread.join(PATIENCE)
    assert forked() == 0
