"""What must not be under way in another thread when a process forks: the fork waits for its end.

Python keeps a lock for each module while it is being loaded, and OpenSSL keeps locks of its own, for
its random numbers among others. A child of a fork in that moment inherits such a lock taken, by a thread
that the child does not have, and waits for ever when it wants the same. So late imports, and those calls
into OpenSSL during which Python lets other threads run, are made `with no_fork():`. Nobody waits for
anybody there but for a fork: each thread has a mutex of its own, and forking takes all of them.
"""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager, ExitStack

from coordination.clock import SystemClock
from coordination.timing import Deadline

FINISHING = 5.0
"""Seconds that a fork waits; what then is still under way may leave its child a lock that is never freed."""

_CLOCK = SystemClock()
_forking = threading.RLock()
_mutexes: dict[int, threading.RLock] = {}
"""Of the threads there are or were. Reentrant: modules load modules, and signal handlers do as well."""

_taken = ExitStack()
_forker: list[int] = []
_registered: list[str] = []


def no_fork() -> AbstractContextManager[object]:
    """No fork begins within; what is done there must be short, and wait for nothing but the processor."""
    me = threading.get_ident()
    if me not in _mutexes:
        with _forking:  # None comes along while a fork has taken those there are.
            if "before logging" not in _registered:
                import logging  # noqa: F401 - a module that asks for its logger while it is loaded needs its lock

                _register("before logging")
            _mutexes.setdefault(me, threading.RLock())
    return _mutexes[me]


def _before() -> None:
    me = threading.get_ident()
    if _forker == [me]:
        return
    _forking.acquire()
    _forker.append(me)
    bound = Deadline(_CLOCK, FINISHING)
    for mutex in list(_mutexes.values()):
        if mutex.acquire(timeout=bound.left(FINISHING)):
            _taken.callback(mutex.release)


def _after() -> None:
    if _forker == [threading.get_ident()]:
        _forker.clear()
        _taken.close()
        _forking.release()


def _in_child() -> None:
    if _forker:
        _mutexes.clear()  # Some that were not had in time may stay locked for ever.
        _after()


def _register(which: str) -> None:
    """Have forks wait. What is registered last comes first: `logging` must take its lock after us.

    Else who is inside and wants that lock would wait for the fork, and the fork for him. But loading it
    takes as long as all of ours, so we register before it when we are imported, and again at the first use.
    """
    _registered.append(which)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)


_register("when imported")
