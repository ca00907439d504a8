"""Any free unit, several, or none: K1, K3, K4, D11, and the edges of 004 that are not bugs."""

from __future__ import annotations

from typing import Any, cast

import pytest

from coordination.errors import LeaseLost, StoreUnavailable
from coordination.testing.pools.scene import Scene, names, numbered, obtained
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness
from coordination.unit import Unit


class ObtainCases(Recipes):
    """One pass over what is free."""

    def test_k1_who_is_refused_one_unit_obtains_the_next(self, harness: RecipeHarness) -> None:
        """K1: the first is somebody else's, the second is free: it is the one obtained, without an error."""
        scene = Scene(harness, "1", "2")
        one, two = scene.pools(2)
        first = obtained(one)
        second = obtained(two)
        assert sorted([first.name, second.name]) == ["1", "2"]
        assert (first.held, second.held) == (True, True)

    def test_k3_a_fresh_unit_is_obtained_with_its_payload(self, harness: RecipeHarness) -> None:
        """K3, and the first edge: fresh items are obtainable at once; 004's need an old number first."""
        scene = Scene(harness)
        assert scene.editor.add("1", {"MongoAddresses": ["a", "b"]}) is True
        (one,) = scene.pools(1)
        unit = obtained(one)
        assert (unit.name, unit.payload, unit.weight) == ("1", {"MongoAddresses": ["a", "b"]}, 1)

    def test_k4_a_second_machine_fails_while_the_first_holds(self, harness: RecipeHarness) -> None:
        """K4: None, which is no error; and again; then the first gives it back."""
        scene = Scene(harness, "1")
        one, two = scene.pools(2)
        unit = obtained(one)
        assert [two.obtain(), two.obtain()] == [None, None]
        assert unit.release() is True
        assert obtained(two).token > unit.token

    def test_d1_an_error_of_the_store_stops_the_pass(self, harness: RecipeHarness) -> None:
        """D1: raised as it is, not taken for "not obtained"; whatever was found before, nothing is owned."""
        scene = Scene(harness, *numbered(5))
        store = harness.faulty()
        pool = scene.pool(harness.manager("m1", store))
        unit = obtained(pool)
        store.cut()
        with pytest.raises(StoreUnavailable):
            pool.obtain()
        store.mend()
        assert list(scene.owners()) == [unit.name]
        store.before("create", store.cut)
        with pytest.raises(StoreUnavailable):
            pool.obtain()
        store.mend()
        assert list(scene.owners()) == [unit.name]
        assert len(pool.claim(5)) == 5

    def test_d11_an_empty_pool(self, harness: RecipeHarness) -> None:
        """D11: None, nothing, and no error, whatever is asked of it."""
        scene = Scene(harness)
        (one,) = scene.pools(1)
        assert (one.obtain(), one.claim(3), one.units(), one.owned()) == (None, [], [], [])
        assert (one.balance(), one.drain()) == ([], 0)
        assert one.obtain() is None

    def test_obtaining_until_it_is_empty(self, harness: RecipeHarness) -> None:
        """Three machines in turn: each unit once, then None for all of them."""
        scene = Scene(harness, *numbered(7))
        pools = scene.pools(3)
        units = [obtained(pools[number % 3]) for number in range(7)]
        assert sorted(names(units)) == numbered(7)
        assert [pool.obtain() for pool in pools] == [None] * 3
        assert sorted(scene.owners()) == numbered(7)

    def test_obtaining_one_by_its_name(self, harness: RecipeHarness) -> None:
        """That one or none: None while it is owned, by whomever, and for a unit that is not defined."""
        scene = Scene(harness, *numbered(3))
        one, two = scene.pools(2)
        wanted = numbered(3)[1]
        unit = one.obtain(wanted)
        assert unit is not None
        assert (unit.name, unit.held) == (wanted, True)
        assert [pool.obtain(wanted) for pool in (one, two)] == [None, None]
        assert two.obtain("never there") is None
        scene.soon(lambda: list(scene.owners()) == [wanted], "nothing is left of that")
        assert unit.release() is True
        again = two.obtain(wanted)
        assert again is not None
        assert again.token > unit.token

    def test_who_owns_one_may_obtain_another(self, harness: RecipeHarness) -> None:
        """004: by each call one more, not the same again."""
        scene = Scene(harness, *numbered(3))
        (one,) = scene.pools(1)
        units = [obtained(one) for _ in range(3)]
        assert sorted(names(units)) == names(one.owned()) == numbered(3)
        assert one.obtain() is None

    def test_the_same_machine_id_is_no_owner(self, harness: RecipeHarness) -> None:
        """We differ from 004 on purpose: there a lessee id is let in again, and two processes hold one row.

        Who owns a unit is this incarnation, so another process of the machine waits like everybody.
        """
        scene = Scene(harness, "1")
        one, twin = (scene.pool(harness.manager("m1")) for _ in range(2))
        unit = obtained(one)
        assert (twin.obtain(), twin.owned()) == (None, [])
        assert unit.release() is True
        assert obtained(twin).token > unit.token

    def test_who_lost_a_unit_is_not_let_in_again(self, harness: RecipeHarness) -> None:
        """We differ from 004 on purpose: no revival after expiry. It is obtained anew, with another token."""
        scene = Scene(harness, "1")
        (one,) = scene.pools(1)
        lost = obtained(one)
        scene.listening(2)
        harness.revoke(scene.owner("1"))
        scene.soon(lambda: lost.lost, "it knows")
        again = obtained(one)
        assert (lost.lost, again.held, again.token > lost.token) == ("revoked", True, True)
        with pytest.raises(LeaseLost):
            lost.release()
        assert again.held

    def test_units_are_not_tried_in_one_order(self, harness: RecipeHarness) -> None:
        """004's workers all run for the first row; here two machines would not agree on an order."""
        scene = Scene(harness, *numbered(40))
        one, two = scene.pools(2)
        order = names([obtained(one) for _ in range(12)])
        assert order != numbered(12)
        assert order != sorted(order)
        assert names([obtained(two) for _ in range(8)]) != [it for it in numbered(40) if it not in order][:8]


class ClaimCases(Recipes):
    """Several at once, and what a unit is to its owner."""

    def test_claiming_up_to_a_capacity(self, harness: RecipeHarness) -> None:
        """So many are owned then, counting those there were; fewer if there are no more; none is given up."""
        scene = Scene(harness, *numbered(5))
        one, two = scene.pools(2)
        first = one.claim(2)
        assert (len(first), [unit.held for unit in first]) == (2, [True, True])
        assert names(one.claim(2)) == names(first)
        three = one.claim(3)
        assert set(names(first)) < set(names(three))
        assert [unit.token for unit in three if unit.name in names(first)] == [it.token for it in first]
        assert len(two.claim(10)) == 2
        assert len(one.claim(10)) == 3
        assert sorted(names(one.owned()) + names(two.owned())) == numbered(5)

    def test_owned_units_are_listed_by_name(self, harness: RecipeHarness) -> None:
        """What was given back or lost is not among them."""
        scene = Scene(harness, *numbered(4))
        (one,) = scene.pools(1)
        units = one.claim(4)
        assert names(units) == names(one.owned()) == numbered(4)
        assert units[1].release() is True
        assert names(one.owned()) == names([units[0], *units[2:]])

    def test_a_unit_is_a_hold(self, harness: RecipeHarness) -> None:
        """Given back at the end of a block, waited for, written under, released once."""
        scene = Scene(harness, "1")
        one, two = scene.pools(2)
        unit = obtained(one)
        telling = harness.begin(unit, "wait")

        def body(entered: Unit) -> str:
            assert (entered.name, entered.held, entered.remaining > 0) == ("1", True, True)
            assert entered.commit({"a": b"1"}) > 0
            return "done"

        assert harness.face.within(cast(Any, unit), cast(Any, body)) == "done"
        assert telling.answer() == "released"
        assert (unit.held, unit.lost, unit.release()) == (False, None, False)
        assert harness.manager("m9").read("a") == b"1"
        with pytest.raises(LeaseLost):
            unit.commit({"a": b"2"})
        assert obtained(two).held
