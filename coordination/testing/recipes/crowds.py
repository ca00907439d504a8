"""Many at once: dlock's C5, C8, C13; order and tokens over three connections, and nobody left out."""

from __future__ import annotations

import gc
import itertools
import random
import threading
import tracemalloc
from functools import partial

from coordination.hold import Hold
from coordination.lock import Lock
from coordination.testing.racing import race
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import NAME, PATIENCE, RecipeHarness

ROUNDS = 200
"""Of lock and unlock, as dlock's."""

GROWTH = 100_000
"""Bytes by which all of them together may let memory grow: less than half a kilobyte each, so that
neither a record nor a hold that is kept would go unnoticed."""


class CrowdCases(Recipes):
    """Who has it when many want it."""

    def test_c5_resolve_concurrent_lock_requests(self, harness: RecipeHarness) -> None:
        """C5: three objects, shuffled, lock and unlock at once: no error, all three told of the end."""
        locks = [harness.lock(harness.manager()) for _ in range(3)]
        random.shuffle(locks)
        inside = Inside()

        def use(lock: Lock) -> object:
            hold = lock.acquire(PATIENCE)
            telling = harness.begin(hold, "wait")
            inside.visit(hold)
            assert lock.release() is True
            return telling.answer()

        assert race([partial(use, it) for it in locks]) == ["released"] * 3
        assert inside.visits == 3

    def test_c8_concurrently_safe_lock_operations(self, harness: RecipeHarness) -> None:
        """C8: ten share one object, lock, count, unlock; the count is ten."""
        lock, inside = harness.lock(harness.manager()), Inside()

        def use() -> bool:
            hold = lock.acquire(PATIENCE)
            inside.visit(hold)
            return hold.release()

        assert race([use] * 10) == [True] * 10
        assert inside.visits == 10
        harness.nothing_left()

    def test_c13_should_not_leak_memory(self, harness: RecipeHarness) -> None:
        """C13: 200 rounds, whose memory dlock records and does not judge: here it stays, as do records."""
        manager = harness.manager()
        lock = harness.lock(manager)
        shared = harness.begin(lock, "acquire").answer()
        shared.release()
        sessions = len(harness.sessions())

        def rounds(count: int) -> None:
            for _ in range(count):
                assert lock.acquire(PATIENCE).release() is True

        tracemalloc.start()
        try:
            rounds(ROUNDS // 4)  # What is allocated once, at the first of them, is no leak.
            gc.collect()
            before, _ = tracemalloc.get_traced_memory()
            rounds(ROUNDS)
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert after - before < GROWTH
        harness.nothing_left()
        assert len(harness.sessions()) <= max(1, sessions)

    def test_d13_fifo_over_connections(self, harness: RecipeHarness) -> None:
        """D13: nine on three connections have it in the order in which they queued up, on every store."""
        managers = harness.three()
        hold = harness.acquired(managers[0])
        waiters = [harness.waiting(harness.lock(manager)) for manager in managers * 3]
        queue = [record.created for record in harness.queued(10)]
        tokens = [hold.token]
        for waiter in waiters:
            assert hold.release() is True
            hold = waiter.answer()
            tokens.append(hold.token)
        assert tokens == queue == sorted(set(queue))
        assert hold.release() is True

    def test_try_acquire_does_not_pass_who_waits(self, harness: RecipeHarness) -> None:
        """A try is answered None while anybody waits, and takes no place of its own."""
        one, two, three = harness.three()
        hold = harness.acquired(one)
        waiter = harness.waiting(harness.lock(two))
        assert harness.lock(three).try_acquire() is None
        harness.queued(2)
        assert hold.release() is True
        assert harness.lock(three).try_acquire() is None
        assert waiter.answer().release() is True

    def test_tokens_rise_from_each_holder_to_the_next(self, harness: RecipeHarness) -> None:
        """Over three connections at once, however quickly they follow one another."""
        inside = Inside()
        each = harness.acquisitions // 3

        def use(lock: Lock) -> None:
            for _ in range(each):
                hold = lock.acquire(PATIENCE)
                inside.visit(hold)
                assert hold.release() is True

        race([partial(use, harness.lock(it)) for it in harness.three()])
        assert inside.visits == 3 * each
        assert all(one < next_one for one, next_one in itertools.pairwise(inside.tokens))

    def test_a_crowd_gets_it_once_each(self, harness: RecipeHarness) -> None:
        """Of many who wait on three connections each gets it once, and nobody is left waiting."""
        managers = itertools.cycle(harness.three())
        hold = harness.acquired(next(managers))
        locks = [harness.lock(next(managers)) for _ in range(harness.crowd)]
        waiters = [harness.begin(lock, "acquire") for lock in locks]
        queue = harness.queued(harness.crowd + 1)
        tokens = [hold.token]
        by_token: dict[int, Hold] = {hold.token: hold}
        for record in queue[1:]:
            assert by_token.pop(tokens[-1]).release() is True
            harness.eventually(lambda: any(it.done for it in waiters), "the next one has it")
            done = [it for it in waiters if it.done]
            assert len(done) == 1, "two have it at once"
            waiters.remove(done[0])
            got: Hold = done[0].answer()
            assert (got.held, got.token) == (True, record.created)
            by_token[got.token] = got
            tokens.append(got.token)
        assert by_token[tokens[-1]].release() is True
        assert tokens == sorted(set(tokens))
        harness.nothing_left()
        assert not harness.manager("m4").holders(NAME)


class Inside:
    """What only the holder may enter: counts visits without synchronisation, and notices two at once."""

    def __init__(self) -> None:
        self.visits = 0
        self.tokens: list[int] = []
        self._door = threading.Lock()

    def visit(self, hold: Hold) -> None:
        """Enter and leave."""
        assert self._door.acquire(blocking=False), "two at once"
        assert hold.held
        self.visits += 1
        self.tokens.append(hold.token)
        self._door.release()
