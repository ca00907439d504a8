"""Fair shares: evened out when machines come, go and die, at the fewest moves, and free of cost at rest."""

from __future__ import annotations

from coordination.testing.faulty import FaultyStore
from coordination.testing.pools.scene import Scene, numbered
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import REAL, RecipeHarness

AT_REST = 20
"""Calls of `balance` while nothing changes."""

FEW = 6
"""Requests by the way: a beat, a look after a while."""

MOMENT = 0.5
"""Real seconds without a request, after which a machine has done what there was to do."""


class BalanceCases(Recipes):
    """By count. What a machine gains is told, and one unit is never with two."""

    def test_one_machine_has_everything(self, harness: RecipeHarness) -> None:
        """At once, and told of each unit once; a unit that is added later is claimed in the background."""
        scene = Scene(harness, *numbered(5))
        one = scene.machine("m1")
        assert one.balance() == numbered(5)
        scene.soon(lambda: sorted(one.told) == numbered(5), "each is told")
        scene.define("added")
        scene.settled([one], ["added", *numbered(5)])
        scene.soon(lambda: len(one.told) == 6, "it is told as well")
        assert scene.editor.remove("added") is True
        scene.settled([one], numbered(5))
        assert len(one.told) == 6

    def test_machines_have_equally_many(self, harness: RecipeHarness) -> None:
        """One, two, three machines, then two and one again: they differ by one at most, and all are owned."""
        units = numbered(10)
        scene = Scene(harness, *units)
        machines = []
        for name in ("m1", "m2", "m3"):
            machines.append(scene.machine(name))
            machines[-1].balance()
            scene.settled(machines, units)
            assert scene.machines() == [machine.name for machine in machines]
        for _ in range(2):
            assert scene.answer(harness.begin(machines.pop().pool, "drain")) == 0
            scene.settled(machines, units)
            assert scene.machines() == [machine.name for machine in machines]

    def test_more_machines_than_units(self, harness: RecipeHarness) -> None:
        """Some have none, nobody has two, and they are content with that."""
        scene = Scene(harness, "1", "2")
        machines = [scene.machine(f"m{number}") for number in range(4)]
        for machine in machines:
            machine.balance()
        scene.settled(machines, ["1", "2"])

    def test_a_machine_that_joins_is_given_the_fewest(self, harness: RecipeHarness) -> None:
        """Nine on one; the second is given four, the third three: nothing else moves."""
        units = numbered(9)
        scene = Scene(harness, *units)
        machines = [scene.machine("m1")]
        machines[0].balance()
        scene.settled(machines, units)
        for name, fewest in (("m2", 4), ("m3", 3)):
            before, grants = scene.owners(), scene.judge.grants
            machines.append(scene.machine(name))
            machines[-1].balance()
            scene.settled(machines, units)
            now = scene.owners()
            moved = [unit for unit in units if now[unit] != before[unit]]
            assert sorted(moved) == sorted(machines[-1].owned())
            assert (len(moved), scene.judge.grants - grants) == (fewest, fewest)

    def test_when_a_machine_leaves_only_its_units_move(self, harness: RecipeHarness) -> None:
        """It drains: the others keep what they have, and share what it had."""
        units = numbered(9)
        scene = Scene(harness, *units)
        machines = [scene.machine(f"m{number}") for number in range(3)]
        for machine in machines:
            machine.balance()
        scene.settled(machines, units)
        before, left = scene.owners(), machines[0].owned()
        assert scene.answer(harness.begin(machines[0].pool, "drain")) == 0
        scene.settled(machines[1:], units)
        now = scene.owners()
        assert sorted(unit for unit in units if now[unit] != before[unit]) == left

    def test_when_a_machine_dies_only_its_units_move(self, harness: RecipeHarness) -> None:
        """After its ttl: the others keep what they have, and share what it had."""
        units = numbered(9)
        scene = Scene(harness, *units)
        store = harness.faulty()
        machines = [scene.machine("m1"), scene.machine("m2")]
        dies = scene.machine("m3", store=store, ttl=harness.brief)
        for machine in (*machines, dies):
            machine.balance()
        scene.settled([*machines, dies], units)
        before, left = scene.owners(), dies.owned()
        store.cut()
        scene.outlast(lambda: sum(len(it.owned()) for it in machines) == len(units), "they have them all")
        scene.settled(machines, units)
        now = scene.owners()
        assert sorted(unit for unit in units if now[unit] != before[unit]) == left
        assert dies.owned() == []

    def test_balancing_again_costs_nothing(self, harness: RecipeHarness) -> None:
        """In a loop, while nothing changes: the same answer, and no request; nor by itself."""
        units = numbered(6)
        scene = Scene(harness, *units)
        stores = [harness.faulty() for _ in range(2)]
        machines = [
            scene.machine(f"m{number}", store=store, ttl=harness.long) for number, store in enumerate(stores)
        ]
        for machine in machines:
            machine.balance()
        scene.settled(machines, units)
        scene.soon(lambda: _quiet(stores), "they are content")
        owned = [machine.owned() for machine in machines]
        before = _requests(stores)
        for _ in range(AT_REST):
            assert [machine.balance() for machine in machines] == owned
        assert _requests(stores) - before <= FEW
        before = _requests(stores)
        for _ in range(AT_REST):
            harness.let_pass(0.05)
        assert _requests(stores) - before <= FEW

    def test_by_weight(self, harness: RecipeHarness) -> None:
        """Heavy and light ones: loads are even, which their numbers are not."""
        scene = Scene(harness)
        weights = {"heavy": 8, **dict.fromkeys(numbered(8), 1)}
        for unit, weight in weights.items():
            assert scene.editor.add(unit, weight=weight)
        machines = [scene.machine("m1"), scene.machine("m2")]
        for machine in machines:
            machine.balance(by="weight")

        def loads() -> list[float]:
            return [sum(weights[unit] for unit in machine.owned()) for machine in machines]

        scene.soon(lambda: sum(loads()) == 16 and max(loads()) <= 9, "their loads are even")
        scene.judge.satisfied()
        assert {len(machine.owned()) for machine in machines} != {4, 5}

    def test_a_machine_whose_session_was_revoked_shares_again(self, harness: RecipeHarness) -> None:
        """Its units are told lost, and owned again by somebody; it is one of the machines again by itself.

        Until it is told, it believes: nobody but a fence can help where the store is meddled with.
        """
        units = numbered(6)
        scene = Scene(harness, *units)
        machines = [scene.machine("m1", ttl=harness.brief), scene.machine("m2")]
        for machine in machines:
            machine.balance()
        scene.settled(machines, units)
        lost = machines[0].pool.owned()
        scene.listening(3)
        harness.revoke(scene.owner(lost[0].name))
        scene.outlast(lambda: not any(unit.held for unit in lost), "it knows")
        scene.soon(lambda: {unit.lost for unit in lost} == {"revoked"}, "each says why")
        scene.shared_out(machines, units)
        assert scene.machines() == ["m1", "m2"]


def _requests(stores: list[FaultyStore]) -> int:
    """How many these have had so far."""
    return sum(len(store.calls) for store in stores)


def _quiet(stores: list[FaultyStore]) -> bool:
    """Whether they have none for a moment."""
    before = _requests(stores)
    REAL.sleep(MOMENT)
    return _requests(stores) == before
