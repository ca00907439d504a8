"""Owning a unit: for as long as it is wanted (D3, D5), and told when it is lost (K2, D4)."""

from __future__ import annotations

import pytest

from coordination.errors import AcquireTimeout, LeaseLost, StoreUnavailable
from coordination.testing.pools.scene import Scene, losses, names, numbered, obtained
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class OwnCases(Recipes):
    """What 004 leaves to a heartbeat that begins late, ends at the first error, and cannot be stopped."""

    def test_k2_an_owner_whose_unit_is_gone_is_told(self, harness: RecipeHarness) -> None:
        """K2: "Lease Lost", once, with the reason; another machine has it, under a higher token."""
        scene = Scene(harness, "1", "2")
        one, two = scene.pool(harness.manager("owner"), ttl=harness.brief), scene.pools(1)[0]
        first = {unit.name: unit for unit in one.claim(2)}
        told, telling = losses(first["1"]), harness.begin(first["1"], "wait")
        harness.remove(scene.owner("1"))
        taken = obtained(two)
        assert (taken.name, taken.token > first["1"].token) == ("1", True)
        with pytest.raises(LeaseLost):
            first["1"].checkpoint("too late")
        scene.outlast(lambda: not first["1"].held, "a proof finds it gone")
        assert telling.answer() == first["1"].lost == "deleted"
        scene.soon(lambda: told == ["deleted"], "the callback is told, once")
        assert (first["2"].held, names(one.owned())) == (True, ["2"])

    def test_d3_a_unit_is_kept_for_as_long_as_it_is_wanted(self, harness: RecipeHarness) -> None:
        """D3: far beyond its ttl, from the first moment on, without a call; `until` moves on."""
        scene = Scene(harness, "1")
        (two,) = scene.pools(1)
        one = scene.pool(harness.manager("owner"), ttl=harness.brief)
        unit = obtained(one)
        token, until = unit.token, unit.until
        harness.keep(unit, 1.2 * harness.brief)
        assert two.obtain() is None
        assert (unit.token, unit.until > until) == (token, True)
        assert names(one.owned()) == ["1"]

    def test_d4_a_takeover_is_told(self, harness: RecipeHarness) -> None:
        """D4: the record is gone and another machine has the unit: within its ttl the old owner knows."""
        scene = Scene(harness, "1")
        one = scene.pool(harness.manager("owner"), ttl=harness.brief)
        (two,) = scene.pools(1)
        unit = obtained(one)
        told = losses(unit)
        harness.remove(scene.owner("1"))
        taken = obtained(two)
        scene.outlast(lambda: not unit.held, "it knows")
        scene.soon(lambda: told == ["deleted"], "the callback is told, once")
        assert (taken.held, one.owned()) == (True, [])

    def test_d5_errors_that_pass_lose_nothing(self, harness: RecipeHarness) -> None:
        """D5: out of reach for a part of the ttl; 004's heartbeat ends at the first error."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        one = scene.pool(harness.manager("owner", store), ttl=harness.brief)
        unit = obtained(one)
        told = losses(unit)
        store.cut()
        for _ in range(4):
            harness.let_pass(harness.brief / 20)
        store.mend()
        harness.keep(unit, 0.8 * harness.brief)
        assert (unit.held, told) == (True, [])

    def test_an_owner_cut_off_stops_before_another_begins(self, harness: RecipeHarness) -> None:
        """By its own clock: at no look do two hold it, and it says `expired`."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        one = scene.pool(harness.manager("owner", store), ttl=harness.period)
        (two,) = scene.pools(1)
        unit = obtained(one)
        told = losses(unit)
        store.cut()
        asked = begin = harness.clock.now()
        taken = None
        while taken is None:
            assert asked <= begin + harness.period + harness.slack, "nobody takes over"
            harness.let_pass(harness.period / 20)
            asked = harness.clock.now()
            taken = two.obtain()
            assert not (unit.held and taken), "two hold it"
        assert (unit.held, unit.lost, taken.token > unit.token) == (False, "expired", True)
        scene.soon(lambda: told == ["expired"], "the callback is told, once")
        assert one.owned() == []
        store.mend()

    def test_a_session_revoked_loses_all_of_its_units(self, harness: RecipeHarness) -> None:
        """All are told, as `revoked`, and all can be had again, by itself as well."""
        scene = Scene(harness, *numbered(4))
        one = scene.pool(harness.manager("owner"), ttl=harness.brief)
        units = one.claim(4)
        told = [losses(unit) for unit in units]
        scene.listening(2)
        harness.revoke(scene.owner(units[0].name))
        scene.outlast(lambda: not any(unit.held for unit in units), "it knows")
        scene.soon(lambda: told == [["revoked"]] * 4, "the callbacks are told, once each")
        assert one.owned() == []
        again = one.claim(4)
        assert names(again) == names(units)
        assert all(new.token > old.token for new, old in zip(again, units, strict=True))

    def test_tokens_rise_from_owner_to_owner(self, harness: RecipeHarness) -> None:
        """Whichever machine has it next, also where its record was lost or the unit removed and added."""
        scene = Scene(harness, "1")
        pools = scene.pools(3)
        tokens = []
        for number in range(9):
            unit = obtained(pools[number % 3])
            tokens.append(unit.token)
            if number == 5:
                scene.listening(4)
                assert pools[0].remove("1") is True
                scene.soon(lambda it=unit: not it.held, "it is told")  # type: ignore[misc]
                assert pools[0].add("1") is True
            elif number % 3 == 2:
                harness.remove(scene.owner("1"))
                with pytest.raises(LeaseLost):
                    unit.release()
            else:
                assert unit.release() is True
            scene.soon(lambda: not scene.owners(), "it is free")
        assert tokens == sorted(set(tokens))

    def test_three_ways_not_to_have_it_are_told_apart(self, harness: RecipeHarness) -> None:
        """004 §5.4: not obtained is None or a timeout, lost `LeaseLost`, and the store's errors its own."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        one, two = scene.pools(1)[0], scene.pool(harness.manager("m2", store))
        unit = obtained(one)
        assert two.obtain() is None
        with pytest.raises(AcquireTimeout):
            two.wait_obtain(timeout=0)
        harness.remove(scene.owner("1"))
        with pytest.raises(LeaseLost):
            unit.checkpoint(1)
        with pytest.raises(LeaseLost):
            unit.release()
        store.cut()
        for verb, *arguments in (("obtain",), ("units",), ("claim", 1), ("balance",)):
            with pytest.raises(StoreUnavailable):
                scene.answer(harness.begin(two, verb, *arguments))
        store.mend()
        assert obtained(two).name == "1"

    def test_closing_gives_everything_up(self, harness: RecipeHarness) -> None:
        """Units are lost as `closed`, and free at once; who waits is told; only definitions are left."""
        scene = Scene(harness, *numbered(3))
        one, two = scene.pools(2)
        closes = harness.manager("closes")
        pool = scene.pool(closes)
        units = pool.claim(3)
        told = [losses(unit) for unit in units]
        waiter = harness.begin(two, "wait_obtain")
        closes.close()
        assert [unit.held for unit in units] == [False] * 3
        assert [unit.lost for unit in units] == ["closed"] * 3
        scene.soon(lambda: told == [["closed"]] * 3, "the callbacks are told, once each")
        got = scene.answer(waiter)
        rest = one.claim(3)
        assert sorted(names([got, *rest])) == numbered(3)
        assert [unit.release() for unit in (got, *rest)] == [True] * 3
        scene.only_definitions_left()
        assert names(one.units()) == numbered(3)
