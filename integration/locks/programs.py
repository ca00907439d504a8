"""Programs that hold locks in processes of their own: `python -m integration.locks.programs NAME URL TTL`.

Each line they say is one JSON object; times are wall clock, which the processes of one machine share.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from coordination import ConfigurationError, Hold, LeaseLost, Manager, StoreError, connect

NAME = "contended"
CHILDREN = 20
HUNG = 30.0
"""Seconds after which a child counts as hung; it needs a fraction of one."""


def _say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def hold(url: str, ttl: str) -> None:
    """Get it and hold it until killed; says again and again when it was last held for certain."""
    held = connect(url).lock(NAME, ttl=float(ttl)).acquire(60.0)
    _say("got", token=held.token, at=time.time())
    while True:
        before = time.time()
        if not held.held:
            _say("over", reason=held.lost)
            return
        _say("held", at=before, until=before + held.remaining)
        time.sleep(0.02)


def stop_often(url: str, ttl: str) -> None:
    """Stop itself, for as long as whoever started it wants, and look at once when it goes on.

    Again and again, until it is killed. What a busy machine held up for the whole ttl is tried again.
    """
    with connect(url) as manager:
        lock = manager.lock(NAME, ttl=float(ttl))
        while True:
            with suppress(StoreError, LeaseLost):
                held = lock.acquire(60.0)
                before = held.held
                os.kill(os.getpid(), signal.SIGSTOP)
                after = held.held
                _say("looked", before=before, after=after, lost=held.lost)


def fork_often(url: str, ttl: str) -> None:
    """Fork while other threads take locks; says how the children ended, and whether the hold is unhurt."""
    manager = connect(url)
    lock = manager.lock(NAME, ttl=float(ttl))
    held = lock.acquire(60.0)
    over = threading.Event()

    def load(number: int) -> None:
        other = manager.lock(f"load {number}", ttl=float(ttl))
        while not over.is_set():
            with suppress(StoreError, LeaseLost), other:
                pass

    threads = [threading.Thread(target=load, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    codes = []
    for _ in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            faulthandler.dump_traceback_later(HUNG - 2.0)  # Where it hangs, if it does.
            os._exit(_as_child(url, manager, held))
        codes.append(_ended(pid))
    over.set()
    for thread in threads:
        thread.join()
    _say("forked", codes=codes, held=held.held, lost=held.lost, index=held.commit({"a": b"1"}) > 0)
    _say("released", ours=lock.release())
    manager.close()


def _as_child(url: str, manager: Manager, held: Hold) -> int:
    """0, or the number of the first thing that is not as it must be."""
    manager.close()
    held.__exit__(None, None, None)
    checks: list[Callable[[], bool]] = [
        lambda: held.held is False,
        lambda: held.lost == "forked",
        lambda: held.remaining == 0.0,
        lambda: _lost(held.release),
        lambda: _lost(held.check),
        lambda: _lost(lambda: held.commit({"a": b"2"})),
        lambda: held.wait(timeout=0) == "forked",
        lambda: _unusable(lambda: manager.lock(NAME)),
        lambda: _unusable(lambda: manager.break_lock(NAME, held.token)),
        lambda: held.lost == "forked",
        lambda: _works(url),
    ]
    for number, check in enumerate(checks, 1):
        if not check():
            return number
    return 0


def _lost(call: Callable[[], object]) -> bool:
    try:
        call()
    except LeaseLost as loss:
        return loss.reason == "forked"
    return False


def _unusable(call: Callable[[], object]) -> bool:
    try:
        call()
    except ConfigurationError:
        return True
    return False


def _works(url: str) -> bool:
    """A manager of the child's own: the parent's hold is there, and other names can be had."""
    with connect(url) as own:
        mine = own.lock(f"child {os.getpid()}").acquire(HUNG)
        return own.lock(NAME).try_acquire() is None and mine.release()


def _ended(pid: int) -> int | str:
    """The exit code; a child that hangs is killed, and counts as hung."""
    until = time.monotonic() + HUNG
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "hung"


if __name__ == "__main__":
    import sys

    globals()[sys.argv[1]](*sys.argv[2:])
