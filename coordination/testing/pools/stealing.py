"""Units that another machine is to have: asked for politely, a few at a time, and never with two at once."""

from __future__ import annotations

from coordination.errors import LeaseLost
from coordination.testing.pools.machine import Machine
from coordination.testing.pools.scene import Scene, losses, numbered
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness
from coordination.unit import Unit


class StealCases(Recipes):
    """Whoever has too many is asked, and his user decides when."""

    def test_without_a_callback_a_unit_is_given_up_at_once(self, harness: RecipeHarness) -> None:
        """Its user is told `stolen`, and it is not held before the other machine has it."""
        scene, rich, poor, units = _rich_and_poor(harness)
        had = rich.pool.owned()
        told = {unit.name: losses(unit) for unit in had}
        poor.balance()
        scene.settled([rich, poor], units)
        gone = [unit for unit in had if unit.name in poor.owned()]
        assert [unit.held for unit in gone] == [False] * 3
        assert [unit.lost for unit in gone] == ["stolen"] * 3
        scene.soon(lambda: sum(map(len, told.values())) == 3, "the callbacks are told, once each")
        assert [told[unit.name] for unit in gone] == [["stolen"]] * 3

    def test_with_a_callback_its_user_decides_when(self, harness: RecipeHarness) -> None:
        """Asked, it is held and worked on until he lets go; then the other one has it. Nothing is lost."""
        scene, rich, poor, units = _rich_and_poor(harness)
        rich.ask_me()
        poor.balance()
        scene.soon(lambda: len({it.name for it in rich.asked}) == 3, "three are asked for")
        scene.linger()
        asked = {unit.token: unit for unit in rich.asked}
        assert (len(asked), rich.owned(), poor.owned()) == (3, units, [])
        for unit in asked.values():
            assert unit.checkpoint("so far") > 0
            assert unit.release() is True
        scene.settled([rich, poor], units)
        assert [unit.lost for unit in asked.values()] == [None] * 3
        assert [unit.restore() for unit in poor.pool.owned()] == ["so far"] * 3

    def test_letting_go_in_the_callback(self, harness: RecipeHarness) -> None:
        """The usual way: stop the work, checkpoint, release; nothing is lost on the way."""
        scene, rich, poor, units = _rich_and_poor(harness)
        told = [losses(unit) for unit in rich.pool.owned()]

        def let_go(unit: Unit) -> None:
            try:
                unit.checkpoint(f"of {unit.name}")
                unit.release()
            except LeaseLost:
                assert unit.lost is None, "asked again after it was given back"

        rich.ask_me(let_go)
        poor.balance()
        scene.settled([rich, poor], units)
        assert [unit.restore() for unit in poor.pool.owned()] == [f"of {unit}" for unit in poor.owned()]
        assert told == [[]] * 6

    def test_a_few_are_asked_for_at_a_time(self, harness: RecipeHarness) -> None:
        """Two, and the third only when one of them was let go, however many are wanted."""
        scene, rich, poor, units = _rich_and_poor(harness, 8)
        rich.ask_me()
        poor.balance(at_most=2)
        given = 0
        while given < 4:
            scene.soon(lambda: len(_held(rich)) >= min(2, 4 - given), "more are asked for")  # noqa: B023
            scene.linger()
            assert len(_held(rich)) <= 2, "too many at once"
            assert next(iter(_held(rich).values())).release() is True
            given += 1
        scene.settled([rich, poor], units)

    def test_a_thief_that_leaves_takes_nothing(self, harness: RecipeHarness) -> None:
        """Asked for, and not let go yet when it drains: everything stays where it is."""
        scene, rich, poor, units = _rich_and_poor(harness)
        rich.ask_me()
        before = scene.owners()
        poor.balance()
        scene.soon(lambda: rich.asked, "some are asked for")
        assert scene.answer(harness.begin(poor.pool, "drain")) == 0
        scene.linger()
        assert (rich.owned(), poor.owned()) == (units, [])
        assert scene.owners() == before

    def test_the_owner_of_a_removed_unit_is_not_asked_at_every_look(self, harness: RecipeHarness) -> None:
        """When its own machine sees that it is gone, once; and anew when it was there again meanwhile."""
        scene = Scene(harness, "wanted")
        one = scene.machine("m1")
        assert one.balance() == ["wanted"]
        one.ask_me()
        for times in (1, 2):
            scene.undefine("wanted")
            _looks(scene, one, 3)
            scene.soon(lambda it=times: len(one.asked) >= it, "its user is asked")  # type: ignore[misc]
            assert one.asked == [one.pool.owned()[-1]] * times
            scene.define("wanted")
            _looks(scene, one, 1)
        assert len(one.asked) == 2

    def test_who_only_obtains_is_not_asked(self, harness: RecipeHarness) -> None:
        """Units of a machine that does not balance are its own, until it gives them back."""
        units = numbered(6)
        scene = Scene(harness, *units)
        rich, poor = scene.machine("m1"), scene.machine("m2")
        rich.ask_me()
        assert len(rich.pool.claim(4)) == 4
        kept = rich.owned()
        assert poor.balance() == [unit for unit in units if unit not in kept]
        scene.linger()
        assert (rich.asked, rich.owned()) == ([], kept)
        assert rich.pool.owned()[0].release() is True
        scene.soon(lambda: len(poor.owned()) == 3, "what is free is claimed")
        scene.judge.satisfied()


def _rich_and_poor(harness: RecipeHarness, count: int = 6) -> tuple[Scene, Machine, Machine, list[str]]:
    """One machine that has everything, and one that comes too late."""
    units = numbered(count)
    scene = Scene(harness, *units)
    rich, poor = scene.machine("rich"), scene.machine("poor")
    assert rich.balance() == units
    scene.listening(2)
    return scene, rich, poor, units


def _looks(scene: Scene, machine: Machine, times: int) -> None:
    """Have a machine that balances look so often, each time at something new, which it claims."""
    for number in range(times):
        new = f"{len(machine.owned())} and {number}"
        scene.define(new)
        scene.soon(lambda it=new: it in machine.owned(), "it has looked")  # type: ignore[misc]


def _held(machine: Machine) -> dict[int, Unit]:
    """Those it was asked for, and has still."""
    return {unit.token: unit for unit in machine.asked if unit.held}
