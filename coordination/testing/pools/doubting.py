"""Requests that fail, or whose answers get lost: no unit is orphaned by that, nor owned twice."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial

from coordination.errors import StoreError
from coordination.pool import Pool
from coordination.testing.faulty import FaultyStore
from coordination.testing.pools.machine import Machine
from coordination.testing.pools.scene import Scene, names, numbered
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.harness import PATIENCE, RecipeHarness

CALLS = ["open_session", "create", "list", "watch", "read", "delete", "commit"]
"""The requests that a pool makes; those of beats are the matter of other suites."""


class DoubtfulUnitCases(Recipes):
    """Whatever a caller is told, the records and what the machines believe agree in the end."""

    def test_an_answer_lost_while_obtaining(self, harness: RecipeHarness) -> None:
        """Written, and nobody knows: owned by who asked, or free again soon, and one machine has it then."""
        scene = Scene(harness, "1")
        (two,) = scene.pools(1)
        for call in ("open_session", "list", "create", "read"):
            store = harness.faulty()
            one = scene.pool(harness.manager("m2", store))
            store.lose_answer(call)
            with contextlib.suppress(StoreError):
                one.obtain()
            scene.soon(partial(_agree, scene, one), "records and beliefs agree")
            for unit in one.owned():
                assert unit.release() is True
            got = scene.answer(harness.begin(two, "wait_obtain"))
            assert (got.name, scene.owners(), one.owned()) == ("1", {"1": got.token}, [])
            assert got.release() is True

    def test_an_answer_lost_while_giving_back(self, harness: RecipeHarness) -> None:
        """Given back all the same, and had by another."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        one, two = scene.pool(harness.manager("m1", store)), scene.pools(1)[0]
        (unit,) = one.claim(1)
        store.lose_answer("delete")
        assert unit.release() is True
        got = scene.answer(harness.begin(two, "wait_obtain"))
        assert (got.held, unit.held, unit.lost) == (True, False, None)

    def test_an_answer_lost_while_adding(self, harness: RecipeHarness) -> None:
        """At any step: it says so, or it is there; added again there is one, and others may edit."""
        scene = Scene(harness)
        store = harness.faulty()
        one, two = scene.pool(harness.manager("m1", store)), scene.pools(1)[0]
        for number, call in enumerate(CALLS):
            unit = f"{number}"
            store.lose_answer(call)
            with contextlib.suppress(StoreError):
                scene.answer(harness.begin(one, "add", unit, call))
            scene.answer(harness.begin(two, "add", unit, call))
            assert [(it.name, it.payload) for it in two.units()][-1] == (unit, call)
        assert len(two.units()) == len(CALLS)
        scene.only_definitions_left()

    def test_requests_refused_while_editing(self, harness: RecipeHarness) -> None:
        """At any step: it says so, nothing was done or all of it, and nobody is kept from editing."""
        scene = Scene(harness)
        store = harness.faulty()
        one, two = scene.pool(harness.manager("m1", store)), scene.pools(1)[0]
        for call in CALLS:
            store.refuse(call)
            with contextlib.suppress(StoreError):
                scene.answer(harness.begin(one, "add", "unit"))
            added = scene.answer(harness.begin(two, "add", "unit"))
            assert added in {True, False}
            assert names(two.units()) == ["unit"]
            store.refuse(call)
            with contextlib.suppress(StoreError):
                scene.answer(harness.begin(one, "remove", "unit"))
            removed = scene.answer(harness.begin(two, "remove", "unit"))
            assert removed in {True, False}
            assert two.units() == []
        scene.only_definitions_left()

    def test_a_removal_that_broke_off_is_finished_by_the_next(self, harness: RecipeHarness) -> None:
        """Removed, and nobody told its owner, who does not balance: whoever removes it again tells him."""
        scene = Scene(harness, "1")
        store = harness.faulty()
        one, two = scene.pools(1)[0], scene.pool(harness.manager("m2", store))
        (unit,) = one.claim(1)
        scene.listening(2)
        store.after("commit", store.cut)
        removing = harness.begin(two, "remove", "1")
        scene.soon(lambda: removing.done, "it gives up")
        assert isinstance(removing.ended(), StoreError)
        store.mend()
        assert (two.units(), unit.held) == ([], True)
        assert scene.answer(harness.begin(two, "remove", "1")) is False
        scene.soon(lambda: unit.lost == "deleted", "its owner is told")
        scene.only_definitions_left()

    def test_any_request_of_balancing_may_be_refused(self, harness: RecipeHarness) -> None:
        """Whichever it is, at first and later: the units are shared out in the end."""
        self._shared_out(harness, FaultyStore.refuse)

    def test_any_answer_of_balancing_may_be_lost(self, harness: RecipeHarness) -> None:
        """The same for requests that were applied, though nobody knows."""
        self._shared_out(harness, FaultyStore.lose_answer)

    def test_balancing_cancelled_at_any_request(self, harness: RecipeHarness) -> None:
        """Whatever it has done by then: called again it has its share, and draining leaves nothing."""
        scene = Scene(harness, *numbered(4))
        for call in CALLS[:4]:
            store = harness.faulty()
            machine = scene.machine(call, store=store)
            known = threading.Event()
            under_way: list[Call] = []
            store.after(call, partial(_cancels, known, under_way))
            under_way.append(harness.begin(machine.pool, "balance"))
            known.set()
            under_way[0].ended()
            scene.answer(harness.begin(machine.pool, "balance"))
            scene.settled([machine], numbered(4))
            assert scene.answer(harness.begin(machine.pool, "drain")) == 0
            scene.only_definitions_left()

    def _shared_out(self, harness: RecipeHarness, strike: Callable[[FaultyStore, str], None]) -> None:
        """A machine for each request that meets the fault, and one that does not; then all of them drain."""
        units = numbered(9)
        scene = Scene(harness, *units)
        stores = {call: harness.faulty() for call in CALLS[:-1]}
        machines = [scene.machine(call, store=store) for call, store in stores.items()]
        machines.append(scene.machine("lucky"))
        for call, store in stores.items():
            strike(store, call)
        _balance(scene, machines)
        for call, store in stores.items():
            strike(store, call)
        scene.settled(machines, units)
        for machine in machines:
            with contextlib.suppress(StoreError):
                scene.answer(harness.begin(machine.pool, "drain"))
        scene.only_definitions_left()


def _cancels(known: threading.Event, under_way: list[Call]) -> None:
    assert known.wait(PATIENCE)
    under_way[0].interrupt()


def _agree(scene: Scene, pool: Pool) -> bool:
    """Whether what a machine owns is what the store says, of which it is the only owner."""
    return names(pool.owned()) == sorted(scene.owners())


def _balance(scene: Scene, machines: list[Machine]) -> None:
    """All at once; who meets an error tries once more, as a program would."""
    for _ in range(2):
        calls = {machine: scene.harness.begin(machine.pool, "balance") for machine in machines}
        machines = []
        for machine, call in calls.items():
            try:
                scene.answer(call)
            except StoreError:
                machines.append(machine)
