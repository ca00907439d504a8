"""A program that forks in the middle of everything: python -m integration.faults.forking URL COUNT.

Three threads make calls, one lease is kept alive, watched and written under. Each child looks at what
it inherited, connects anew, acquires and releases something, and ends. The figures go to stdout.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress

from coordination import CoordinationError, Lease, LeaseLost, Manager, connect
from integration.faults.held import let_go
from integration.faults.measuring import hiccups

PERIOD = 15.0
HUNG = 20.0
"""Seconds after which a child counts as hung; it needs a fraction of one."""

REOPENED = 3.0
"""Seconds until the streams are open again, however many forks have cut them one after the other."""


class Load:
    """Three threads that make calls until told to end; counts how those went."""

    def __init__(self, manager: Manager) -> None:
        self.outcomes: Counter[str] = Counter()
        self._manager = manager
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(3)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """No more of it."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        turns = itertools.count()
        while not self._over.is_set():
            try:
                # Each time another name: a release that was cut off is being finished in the background.
                lease = self._manager.acquire_lease(f"load-{number}-{next(turns)}", period=60)
                assert lease is not None
                lease.release()
            except CoordinationError as error:
                self.outcomes[f"{type(error).__name__}: {error}"] += 1
            except BaseException as error:
                self.outcomes[f"UNTYPED {error!r}"] += 1
                raise
            else:
                self.outcomes["fine"] += 1


def child(url: str, manager: Manager, lease: Lease, number: int) -> int:
    """What a child of fork finds; its exit status, 0 if all is as promised."""
    if lease.held or lease.lost != "forked":
        return 2
    try:
        lease.release()
    except LeaseLost:
        pass
    else:
        return 3
    manager.close()
    with connect(url) as own:
        if own.get_lease("kept") is None:
            return 4
        mine = own.wait_lease(f"child-{number % 2}", period=10, timeout=HUNG)
        if not mine.held:
            return 5
        let_go(mine)
    return 0


def forked(url: str, manager: Manager, lease: Lease, number: int) -> int:
    """A child's pid."""
    pid = os.fork()
    if pid:
        return pid
    status = 9
    try:
        status = child(url, manager, lease, number)
    except BaseException as error:  # noqa: BLE001 - a child must not go on as its parent
        sys.stderr.write(f"child {number}: {error!r}\n")
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended(pid: int) -> int | None:
    """How it ended; None if it hung, and was killed."""
    give_up = time.monotonic() + HUNG
    while time.monotonic() < give_up:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def main(url: str, count: int) -> None:
    """Fork `count` times, some children side by side, and tell what came of it."""
    told: list[str] = []
    statuses: Counter[int | None] = Counter()
    longest_fork = longest_child = 0.0
    manager = connect(url)
    lease = manager.acquire_lease("kept", period=PERIOD)
    assert lease is not None
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    token = lease.token
    load = Load(manager)
    for number in range(0, count, 2):
        began = time.monotonic()
        children = [forked(url, manager, lease, each) for each in (number, number + 1)]
        longest_fork = max(longest_fork, (time.monotonic() - began) / 2)
        for pid in children:
            statuses[ended(pid)] += 1
        longest_child = max(longest_child, time.monotonic() - began)
        lease.commit({"number": str(number)})
    load.end()
    time.sleep(REOPENED)
    seen = manager.get_lease("kept")
    kept = lease.held and not told and seen is not None and seen.token == lease.token == token
    print(
        json.dumps(
            {
                "statuses": {str(status): times for status, times in statuses.items()},
                "kept": kept,
                "load": load.outcomes,
                "longest_fork": round(longest_fork, 3),
                "longest_child": round(longest_child, 3),
                "told_of_steal_after": stolen_after(url, lease, told),
            }
        )
    )
    with suppress(LeaseLost):
        lease.release()
    manager.close()


def stolen_after(url: str, lease: Lease, told: list[str]) -> float | None:
    """Seconds until the holder was told, by its watch, that somebody stole it; None if never."""
    with connect(url) as thief:
        seen = thief.get_lease("kept")
        assert seen is not None
        began = time.monotonic()
        got = thief.steal_lease("kept", "thief", 0, PERIOD, seen.index)
        with hiccups() as held_up:
            while not told and time.monotonic() - began < PERIOD:
                time.sleep(0.002)
            after = round(time.monotonic() - began - held_up(), 3)
        if got is not None:
            let_go(got)
        return after if told == ["stolen"] else None


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
