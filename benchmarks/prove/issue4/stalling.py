"""Programs that are stopped, blocked, cancelled or interrupted while they hold or want a lock."""

from __future__ import annotations

import asyncio
import faulthandler
import json
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

import coordination.aio
from coordination import AcquireTimeout, Lock, connect

STEP = 0.002
"""Seconds between two looks of a holder at itself."""

SOON = 0.03
"""Seconds within which a cancellation or an interrupt comes: some requests may be done until then."""

HUNG = 60.0
"""Seconds after which a program that does not end says where it hangs, and ends."""

NAMES = 3
RIVALS = 2


def stopped(url: str, name: str, ttl: str, rounds: str) -> None:
    """Hold, and say what the first look says after each time that the clock jumped."""
    manager = connect(url)
    for number in range(int(rounds)):
        hold = manager.lock(f"{name}-{number}", ttl=float(ttl)).acquire(timeout=30.0)
        time.sleep(STEP)
        last = time.monotonic()
        print(json.dumps({"held": hold.held}), flush=True)
        while (now := time.monotonic()) - last < float(ttl):
            last = now
            time.sleep(STEP)
        print(json.dumps({"held": hold.held}), flush=True)
    sys.stdin.readline()


def blocked(url: str, ttl: str) -> None:
    """Block the event loop for three ttls; a thread looks at the hold meanwhile."""
    asyncio.run(_blocked(url, float(ttl)))


async def _blocked(url: str, ttl: float) -> None:
    looks: list[bool] = []
    over = threading.Event()
    async with coordination.aio.connect(url) as manager:
        hold = await manager.lock("blocked", ttl=ttl).acquire(timeout=30.0)

        def look() -> None:
            while not over.wait(STEP):
                looks.append(hold.held)

        looking = threading.Thread(target=look)
        looking.start()
        time.sleep(3 * ttl)  # noqa: ASYNC251 - blocking the loop is what is tried here
        looks.append(hold.held)
        over.set()
        looking.join()
        released = await hold.release()
    print(json.dumps({"looks": len(looks), "not held": looks.count(False), "released": released}), flush=True)


def cancelled(url: str, times: str) -> None:
    """Cancel tasks that want a lock, have it, or give it back, at random points."""
    faulthandler.dump_traceback_later(HUNG, exit=True)
    asyncio.run(_cancelled(url, int(times)))
    _say_rest()


async def _cancelled(url: str, times: int) -> None:
    async with coordination.aio.connect(url) as manager:
        for first in range(0, times, NAMES * RIVALS):
            some = range(first, min(times, first + NAMES * RIVALS))
            tasks = [asyncio.create_task(_again_and_again(manager, number % NAMES)) for number in some]
            for task in tasks:
                await asyncio.sleep(random.uniform(0, SOON) / len(tasks))
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(ended, asyncio.CancelledError), ended


async def _again_and_again(manager: coordination.aio.Manager, number: int) -> None:
    while True:
        async with await manager.lock(f"cancelled-{number}").acquire():
            await asyncio.sleep(0)


def interrupted(url: str, times: str) -> None:
    """Have KeyboardInterrupt raised at random points of the main thread, while others want the same locks."""
    faulthandler.dump_traceback_later(HUNG, exit=True)
    over, interrupts = threading.Event(), Interrupts()
    with connect(url) as manager:
        locks = [manager.lock(f"interrupted-{number}") for number in range(NAMES)]
        rivals = [threading.Thread(target=_rival, args=(lock, over)) for lock in locks]
        for rival in rivals:
            rival.start()
        for number in range(int(times)):
            interrupts.during(partial(_pair, locks[number % NAMES]))
        over.set()
        for rival in rivals:
            rival.join()
    _say_rest()


class Interrupts:
    """SIGINT to the main thread, as Ctrl-C sends it; its handler raises only while that is expected."""

    def __init__(self) -> None:
        self._armed = False
        signal.signal(signal.SIGINT, self._interrupt)

    def during(self, body: Callable[[], None]) -> None:
        """Do it again and again, until it is interrupted at some point."""
        thread = threading.Thread(target=self._soon)
        try:
            self._armed = True
            thread.start()
            while True:
                body()
        except KeyboardInterrupt:
            thread.join()

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise KeyboardInterrupt

    def _soon(self) -> None:
        time.sleep(random.uniform(0.0, SOON))
        ident = threading.main_thread().ident
        assert ident is not None
        signal.pthread_kill(ident, signal.SIGINT)


def _pair(lock: Lock) -> None:
    with lock:
        pass


def _rival(lock: Lock, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(AcquireTimeout):
            lock.acquire(timeout=5.0).release()


def _say_rest() -> None:
    """The threads that are left a moment after closing, for they end without being waited for."""
    ends = time.monotonic() + 5.0
    while threading.active_count() > 1 and time.monotonic() < ends:
        time.sleep(STEP)
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    print(json.dumps({"threads": left}), flush=True)
