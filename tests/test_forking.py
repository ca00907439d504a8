"""A fork waits for what another thread must not be in the midst of, and leaves nothing locked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from coordination.forking import NO_FORK

pytestmark = [pytest.mark.untraced, pytest.mark.skipif("os.name != 'posix'", reason="no fork elsewhere")]

PATIENCE = 20.0


class Inside:
    """A thread that is `with NO_FORK:` until it is told to leave."""

    def __init__(self) -> None:
        self.entered, self.leave = threading.Event(), threading.Event()
        self.left_at = 0.0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.entered.wait(PATIENCE)

    def _run(self) -> None:
        with NO_FORK, NO_FORK:
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


def enter() -> None:
    """Be inside, and leave."""
    with NO_FORK:
        pass


def forked() -> int:
    """The exit status of a child, one of whose threads goes inside as well."""
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_fork_waits_for_who_is_inside(inside: Inside) -> None:
    """The child comes after him, and finds nothing locked; then the parent's threads go on."""
    threading.Timer(0.2, inside.leave.set).start()
    assert forked() == 0
    assert inside.left_at > 0
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_forking_inside_goes_on() -> None:
    """A module that forks while it is loaded: the child has what its parent had, and leaves it as he does."""
    child = 0
    with NO_FORK:
        child = os.fork()
    if child == 0:
        os._exit(forked())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
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
import coordination, logging, os, signal, threading, time
from coordination.forking import NO_FORK
inside = threading.Event()

def load():
    with NO_FORK:
        inside.set()
        time.sleep(0.3)
        logging.getLogger("of a module that is being loaded")

signal.alarm(20)
threading.Thread(target=load).start()
inside.wait()
if os.fork() == 0:
    os._exit(0)
os.wait()
print("forked")
"""

INTERRUPTED = """
import os, random, signal, sys, threading, time
from coordination.forking import NO_FORK

class Interrupt(Exception): pass

def interrupt(*_):
    raise Interrupt

signal.signal(signal.SIGALRM, interrupt)
sys.unraisablehook = lambda *_: None  # That is where Python puts what is raised in a hook.
inside = []

def enter():
    inside.append(NO_FORK.acquire(timeout=20))
    NO_FORK.release()

took = 0.001
for _ in range(200):
    began = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, max(1e-6, random.random() * took))
        if os.fork() == 0:
            os._exit(0)
        took = 0.9 * took + 0.1 * (time.monotonic() - began)
    except Interrupt:
        pass
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
        time.sleep(0)
    except Interrupt:
        pass
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
print(inside.count(True), "of", len(inside))
"""


@pytest.mark.parametrize(("program", "printed"), [(LOADED_LATER, "forked"), (INTERRUPTED, "200 of 200")])
def test_nobody_waits_for_ever(program: str, printed: str) -> None:
    """A thread that wants a logger while a fork waits for it; a handler that raises amid a fork."""
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (ran.stdout.strip(), ran.stderr) == (printed, "")
