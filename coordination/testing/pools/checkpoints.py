"""How far a unit's work has come: kept for the next owner, and written by the owner alone."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.errors import ConfigurationError, LeaseLost, OutcomeUnknown
from coordination.testing.pools.defining import PAYLOADS
from coordination.testing.pools.scene import Scene, numbered, obtained
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class CheckpointCases(Recipes):
    """Whatever a late owner still does, the work goes on where the last owner in order has come to."""

    def test_the_next_owner_goes_on(self, harness: RecipeHarness) -> None:
        """None at first; then what was kept last, by whichever owner; the index of the writes rises."""
        scene = Scene(harness, "1", "2")
        pools = scene.pools(3)
        reached, indexes = 0, []
        for pool in pools * 2:
            unit = next(it for it in pool.claim(2) if it.name == "1")
            assert unit.restore() == (reached or None)
            for _ in range(2):
                reached += 1
                indexes.append(unit.checkpoint(reached))
                assert unit.restore() == reached
            assert [it.release() for it in pool.owned()] == [True] * 2
        assert indexes == sorted(set(indexes))
        other = next(it for it in pools[0].claim(2) if it.name == "2")
        assert other.restore() is None

    def test_checkpoints_are_kept_as_they_are(self, harness: RecipeHarness) -> None:
        """D9: of the same type, and not rounded; what cannot be kept is refused, and changes nothing."""
        scene = Scene(harness, "1")
        unit = obtained(scene.pools(1)[0])
        for value in PAYLOADS:
            unit.checkpoint(value)
            kept = unit.restore()
            assert (type(kept), kept) == (type(value), value)
        never: list[Any] = [object(), {1, 2}, float("nan")]
        for value in never:
            with pytest.raises(ConfigurationError):
                unit.checkpoint(value)
        assert unit.restore() == PAYLOADS[-1]
        assert unit.held

    def test_a_late_owner_writes_nothing(self, harness: RecipeHarness) -> None:
        """Whose record is gone, though it does not know yet: `LeaseLost`, and the successor's value stays."""
        scene = Scene(harness, "1")
        one, two = scene.pool(harness.manager("late"), ttl=harness.long), scene.pools(1)[0]
        late = obtained(one)
        assert late.checkpoint("one's") > 0
        harness.remove(scene.owner("1"))
        assert late.held, "it should not know yet"
        successor = obtained(two)
        assert successor.restore() == "one's"
        assert successor.checkpoint("two's") > 0
        for _ in range(2):
            with pytest.raises(LeaseLost):
                late.checkpoint("too late")
        assert (successor.restore(), late.held, successor.held) == ("two's", False, True)

    def test_a_late_owner_writes_nothing_of_its_own_unit_either(self, harness: RecipeHarness) -> None:
        """The same machine has it again meanwhile, on the same session: the old unit is not the new one."""
        scene = Scene(harness, "1")
        (one,) = scene.pools(1)
        late = obtained(one)
        harness.remove(scene.owner("1"))
        with pytest.raises(LeaseLost):
            late.checkpoint("late")
        again = obtained(one)
        assert again.checkpoint("anew") > 0
        with pytest.raises(LeaseLost):
            late.checkpoint("late")
        assert (again.restore(), again.held) == ("anew", True)

    def test_a_unit_given_back_writes_nothing(self, harness: RecipeHarness) -> None:
        """Neither released, nor removed, nor closed; nothing of it is written later."""
        scene = Scene(harness, "1")
        (one,) = scene.pools(1)
        unit = obtained(one)
        assert unit.checkpoint("kept") > 0
        assert unit.release() is True
        with pytest.raises(LeaseLost):
            unit.checkpoint("too late")
        closes = harness.manager("closes")
        unit = obtained(scene.pool(closes))
        closes.close()
        with pytest.raises(LeaseLost):
            unit.checkpoint("too late")
        assert obtained(one).restore() == "kept"

    def test_a_unit_added_again_begins_anew(self, harness: RecipeHarness) -> None:
        """With a unit its checkpoint is removed; those of other units stay."""
        scene = Scene(harness, *numbered(2))
        (one,) = scene.pools(1)
        for unit in one.claim(2):
            assert unit.checkpoint(f"of {unit.name}") > 0
            assert unit.release() is True
        first, second = numbered(2)
        assert one.remove(first) is True
        assert one.add(first) is True
        assert {it.name: it.restore() for it in one.claim(2)} == {first: None, second: f"of {second}"}

    def test_an_answer_that_got_lost_is_said_so(self, harness: RecipeHarness) -> None:
        """`OutcomeUnknown`, the unit stays owned, and the next checkpoint says for certain."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        unit = obtained(scene.pool(harness.manager("m1", store)))
        store.lose_answer("commit")
        with pytest.raises(OutcomeUnknown):
            unit.checkpoint("perhaps")
        assert (unit.held, unit.restore()) == (True, "perhaps")
        assert unit.checkpoint("certainly") > 0
        assert unit.restore() == "certainly"
