"""Waiting for a unit (D2): until one is free, the time is up, or nobody wants it any more."""

from __future__ import annotations

import threading
from functools import partial
from typing import NoReturn

import pytest

from coordination.errors import AcquireTimeout, PermissionDenied
from coordination.testing.pools.scene import Scene, Stop, names, numbered, obtained
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.harness import PATIENCE, REAL, RecipeHarness

AWHILE = 0.2
"""Real seconds after which a call that waits has begun to."""

SHORT = 1.0
"""Seconds that a waiter waits whose timeout is to pass."""


class WaitCases(Recipes):
    """`wait_obtain`: 004's swallows every error, looks at a fixed interval, and cannot be cancelled."""

    def test_a_free_unit_is_had_at_once(self, harness: RecipeHarness) -> None:
        """Without waiting for anything, also with no time to wait."""
        scene = Scene(harness, "1", "2")
        one, two = scene.pools(2)
        for unit in (one.wait_obtain(timeout=0), two.wait_obtain()):
            assert unit is not None
            assert unit.held
        with pytest.raises(AcquireTimeout):
            one.wait_obtain(timeout=0)

    def test_who_waits_has_what_is_given_back(self, harness: RecipeHarness) -> None:
        """Long before any ttl: it hears of it."""
        scene = Scene(harness, "1")
        one, two = scene.pools(2)
        unit = obtained(one)
        waiter = self._waiting(harness, two)
        assert unit.release() is True
        harness.eventually(lambda: waiter.done, "it has it", within=harness.told)
        assert waiter.answer().token > unit.token

    def test_who_waits_has_what_is_added(self, harness: RecipeHarness) -> None:
        """To a pool that was empty, and to one whose units are all owned."""
        scene = Scene(harness)
        one, two = scene.pools(2)
        for unit in ("1", "2"):
            waiter = self._waiting(harness, two)
            assert one.add(unit, "fresh") is True
            harness.eventually(lambda it=waiter: it.done, "it has it", within=harness.told)  # type: ignore[misc]
            got = waiter.answer()
            assert (got.name, got.payload) == (unit, "fresh")

    def test_who_waits_has_a_dead_ones_unit(self, harness: RecipeHarness) -> None:
        """D8: after its ttl, as soon as the store lets go of it."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        dead = obtained(scene.pool(harness.manager("dead", store), ttl=harness.period))
        waiter = self._waiting(harness, scene.pools(1)[0])
        store.cut()
        scene.outlast(lambda: waiter.done, "it has it")
        assert (dead.held, waiter.answer().token > dead.token) == (False, True)

    def test_a_timeout_ends_the_waiting(self, harness: RecipeHarness) -> None:
        """`AcquireTimeout`, not before its time; nothing is owned then."""
        scene = Scene(harness, "1")
        one, two = scene.pools(2)
        obtained(one)
        begun = harness.clock.now()
        waiter = harness.begin(two, "wait_obtain", SHORT)
        with pytest.raises(AcquireTimeout):
            scene.answer(waiter)
        assert harness.clock.now() - begun >= SHORT - 0.01
        assert two.owned() == []

    def test_d2_an_event_ends_the_waiting(self, harness: RecipeHarness) -> None:
        """D2: set while it waits, or before: None, and nothing is taken, though something is free then."""
        scene = Scene(harness, "1")
        one, two = scene.pools(2)
        unit = obtained(one)
        stop = Stop(harness)
        waiter = harness.begin(two, "wait_obtain", stop=stop.event)
        scene.linger()
        assert not waiter.done
        stop.set()
        assert scene.answer(waiter) is None
        assert unit.release() is True
        assert scene.answer(harness.begin(two, "wait_obtain", stop=stop.event)) is None
        assert (two.owned(), scene.owners()) == ([], {})

    def test_d2_cancelled_while_it_waits(self, harness: RecipeHarness) -> None:
        """D2: what becomes free afterwards is nobody's, and others have it."""
        scene = Scene(harness, "1")
        one, two = scene.pools(2)
        unit = obtained(one)
        waiter = self._waiting(harness, two)
        waiter.cancel()
        assert unit.release() is True
        scene.linger()
        assert (two.owned(), scene.owners()) == ([], {})
        assert obtained(one).held

    def test_d2_cancelled_while_the_request_is_under_way(self, harness: RecipeHarness) -> None:
        """D2: what it still brings about is undone, though nobody waits for the answer any more."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        pool = scene.pool(harness.manager("m1", store))
        assert obtained(pool).release() is True
        scene.listening(2)
        known = threading.Event()
        under_way: list[Call] = []

        def cancels() -> None:
            assert known.wait(PATIENCE)
            under_way[0].interrupt()

        store.after("create", cancels)
        under_way.append(harness.begin(pool, "wait_obtain"))
        known.set()
        assert under_way[0].ended() is not None
        scene.soon(lambda: not scene.owners(), "its record is removed")
        assert pool.owned() == []
        assert obtained(scene.pools(1)[0]).held

    def test_d2_errors_that_pass_do_not_end_the_waiting(self, harness: RecipeHarness) -> None:
        """D2: out of reach for a while, an answer that got lost: it goes on, and owns one in the end."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        one, two = scene.pools(1)[0], scene.pool(harness.manager("m2", store))
        unit = obtained(one)
        waiter = self._waiting(harness, two)
        store.cut()
        assert unit.release() is True
        harness.let_pass(harness.period / 4)
        assert not waiter.done
        store.lose_answer("create")
        store.mend()
        got = scene.answer(waiter)
        scene.soon(lambda: scene.owners() == {"1": got.token}, "it is the one owner")
        assert (got.held, names(two.owned())) == (True, ["1"])

    def test_a_definite_refusal_ends_the_waiting(self, harness: RecipeHarness) -> None:
        """004 hides a wrong table or a missing permission for ever; here it is raised at once."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        pool = scene.pool(harness.manager("m1", store))

        def refuses() -> NoReturn:
            raise PermissionDenied("not for you")

        for call in ("list", "read", "create"):
            store.before(call, refuses, times=1000)
        with pytest.raises(PermissionDenied):
            scene.answer(harness.begin(pool, "wait_obtain"))

    def test_of_many_who_wait_each_has_one(self, harness: RecipeHarness) -> None:
        """Six on three machines, for three units that come and are given back: nobody is forgotten."""
        scene = Scene(harness)
        pools = scene.pools(3)
        waiters = [harness.begin(pool, "wait_obtain") for pool in pools * 2]
        scene.define(*numbered(3))
        tokens: list[tuple[str, int]] = []
        while waiters:
            scene.soon(partial(_any_done, waiters), "somebody has one")
            done = [it for it in waiters if it.done]
            assert len(done) <= 3
            waiters = [it for it in waiters if it not in done]
            for waiter in done:
                unit = waiter.answer()
                tokens.append((unit.name, unit.token))
                assert unit.release() is True
        assert len(set(tokens)) == 6

    def _waiting(self, harness: RecipeHarness, pool: object) -> Call:
        waiter = harness.begin(pool, "wait_obtain")
        REAL.sleep(AWHILE)  # Until it waits, most likely.
        assert not waiter.done
        return waiter


def _any_done(calls: list[Call]) -> bool:
    return any(call.done for call in calls)
