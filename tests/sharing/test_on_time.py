"""Bounds on asyncio, in real time: many tasks, few threads, a store that hangs or is slow."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter

from coordination import AcquireTimeout, StoreUnavailable, aio
from coordination.contention import Standing
from coordination.record import Session
from coordination.stores.memory import MemoryStore


class Hanging(MemoryStore):
    """Answers nothing while it hangs, until a call's time is over; gives records up slowly."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = False
        self.slowly = 0.0

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        if self.hangs:
            threading.Event().wait(timeout)
            raise StoreUnavailable("it hangs")
        return super().enter(key, value, session, alone=alone, timeout=timeout)

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        threading.Event().wait(self.slowly)
        return super().delete(key, index, timeout=timeout)


def test_breaker_5_a_bound_begins_with_the_call() -> None:
    """It began when a thread took the request: two hundred tasks waited for fifty rounds of it."""
    store = Hanging()

    async def test() -> float:
        async with aio.connect(store) as manager:
            await manager.lock("warm", ttl=60).acquire()
            store.hangs = True
            began = time.monotonic()

            async def one(number: int) -> None:
                await manager.lock(f"n{number}", ttl=60).acquire(timeout=0.3)

            answers = await asyncio.gather(*map(one, range(200)), return_exceptions=True)
            assert {type(answer) for answer in answers} == {StoreUnavailable}
            took = time.monotonic() - began
            store.hangs = False
            return took

    assert asyncio.run(test()) < 8  # Fifty rounds would be fifteen.


def test_breaker_23_who_was_answered_by_the_store_is_told_that_another_holds_it() -> None:
    """Giving up took its time, and what was raised then was that the store was not there."""
    store = Hanging()

    async def test() -> Counter[str]:
        async with aio.connect(store) as manager:
            await manager.lock("a", ttl=60).acquire()
            store.slowly = 0.05

            async def one(_number: int) -> str:
                try:
                    await manager.lock("a", ttl=60).acquire(timeout=3.0)
                except AcquireTimeout:
                    return "held by another"
                except StoreUnavailable:
                    return "not there"
                return "acquired"

            answers = Counter(await asyncio.gather(*map(one, range(60))))
            store.slowly = 0.0
            return answers

    assert asyncio.run(test()) == {"held by another": 60}
