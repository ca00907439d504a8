"""Handing everything over before a machine stops: politely, and by a deadline."""

from __future__ import annotations

from coordination.testing.pools.scene import Scene, losses, numbered, obtained
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness
from coordination.unit import Unit

DEADLINE = 3.0
"""Seconds that users are given, of whom one lets go, on a busy machine as well."""


class DrainCases(Recipes):
    """`drain` says how many units it had to take away."""

    def test_without_callbacks_everything_is_given_back(self, harness: RecipeHarness) -> None:
        """At once, nobody is cut off, and the other machine has it; the pool's machines are told."""
        units = numbered(6)
        scene = Scene(harness, *units)
        leaves, stays = scene.machine("leaves"), scene.machine("stays")
        for machine in (leaves, stays):
            machine.balance()
        scene.settled([leaves, stays], units)
        had = leaves.pool.owned()
        assert scene.answer(harness.begin(leaves.pool, "drain")) == 0
        assert [unit.held for unit in had] == [False] * 3
        assert leaves.owned() == []
        scene.settled([stays], units)
        assert scene.machines() == ["stays"]

    def test_users_who_let_go_are_waited_for(self, harness: RecipeHarness) -> None:
        """Each is asked, once he has stopped he lets go, and nobody is cut off; nothing is lost."""
        scene = Scene(harness, *numbered(3))
        one = scene.machine("m1")
        one.ask_me()
        assert one.balance() == numbered(3)
        had = one.pool.owned()
        told = [losses(unit) for unit in had]
        drained = harness.begin(one.pool, "drain")
        scene.soon(lambda: len({it.name for it in one.asked}) == 3, "all are asked")
        scene.linger()
        assert (drained.done, [unit.held for unit in had]) == (False, [True] * 3)
        for unit in had:
            assert unit.checkpoint("stopped") > 0
            assert unit.release() is True
        assert scene.answer(drained) == 0
        assert (told, one.owned(), scene.machines()) == ([[]] * 3, [], [])
        scene.only_definitions_left()

    def test_a_deadline_cuts_off_the_rest(self, harness: RecipeHarness) -> None:
        """One of three lets go: two are taken away, told `closed`, and free; it says that there were two."""
        scene = Scene(harness, *numbered(3))
        one, two = scene.machine("m1"), scene.machine("m2")
        one.ask_me(lambda unit: unit.release() if unit.name == numbered(1)[0] else None)
        assert one.balance() == numbered(3)
        had = one.pool.owned()
        told = [losses(unit) for unit in had]
        begin = harness.clock.now()
        drained = harness.begin(one.pool, "drain", DEADLINE)
        harness.eventually(lambda: not had[0].held, "one lets go")
        assert scene.answer(drained) == 2
        assert harness.clock.now() - begin >= DEADLINE - 0.01
        assert [unit.held for unit in had] == [False] * 3
        assert [unit.lost for unit in had] == [None, "closed", "closed"]
        scene.soon(lambda: told == [[], ["closed"], ["closed"]], "the callbacks are told")
        two.balance()
        scene.settled([two], numbered(3))

    def test_no_time_at_all(self, harness: RecipeHarness) -> None:
        """0: whoever has not let go in that moment is cut off; those without a callback are not."""
        scene = Scene(harness, *numbered(3))
        (pool,) = scene.pools(1)
        units = pool.claim(3)
        for unit in units[:2]:
            unit.on_release_requested(lambda _unit: None)
        assert scene.answer(harness.begin(pool, "drain", 0)) == 2
        assert [unit.held for unit in units] == [False] * 3
        scene.only_definitions_left()

    def test_nothing_is_claimed_afterwards(self, harness: RecipeHarness) -> None:
        """Neither what it gave back, nor what is added; until it balances again."""
        scene = Scene(harness, *numbered(2))
        one = scene.machine("m1")
        assert one.balance() == numbered(2)
        assert scene.answer(harness.begin(one.pool, "drain")) == 0
        scene.define("added")
        scene.linger()
        assert (one.owned(), scene.owners(), scene.machines()) == ([], {}, [])
        assert one.balance() == ["added", *numbered(2)]
        assert scene.machines() == ["m1"]

    def test_units_that_were_obtained_are_drained_as_well(self, harness: RecipeHarness) -> None:
        """Without ever balancing; and draining twice, or nothing, is no error."""
        scene = Scene(harness, "1", "2")
        one, two = scene.pools(2)
        unit = obtained(one)
        kept = obtained(two)
        for count in (0, 0):
            assert scene.answer(harness.begin(one, "drain")) == count
        assert (unit.held, kept.held, list(scene.owners())) == (False, True, [kept.name])

    def test_a_drain_that_is_cancelled_leaves_no_unit_with_two(self, harness: RecipeHarness) -> None:
        """Cancelled while it waits for a user: what is held is held, what is not is free."""
        scene = Scene(harness, *numbered(2))
        one = scene.machine("m1")
        one.ask_me()
        assert one.balance() == numbered(2)
        had: list[Unit] = one.pool.owned()
        drained = harness.begin(one.pool, "drain")
        scene.soon(lambda: len({it.name for it in one.asked}) == 2, "all are asked")
        drained.cancel()
        scene.soon(lambda: sorted(scene.owners()) == one.owned(), "records and beliefs agree")
        for unit in had:
            if unit.held:
                assert unit.release() is True
        scene.only_definitions_left()
