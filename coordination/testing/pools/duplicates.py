"""Two live processes with one machine id in a pool: told, and never two owners of a unit."""

from __future__ import annotations

import logging

import pytest

from coordination.errors import DuplicateMember
from coordination.testing.pools.scene import Scene, names, numbered, obtained
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class DuplicateMachineCases(Recipes):
    """003 and 004: whoever takes an equal name for himself, works beside another."""

    def test_a_second_process_of_a_machine_may_not_balance(self, harness: RecipeHarness) -> None:
        """Refused at once, while the first one lives; that one keeps its share and goes on."""
        units = numbered(4)
        scene = Scene(harness, *units)
        one, twin = scene.machine("m1"), scene.machine("m1")
        assert one.balance() == units
        scene.listening(2)
        balancing = harness.begin(twin.pool, "balance")
        harness.eventually(lambda: balancing.done, "it is refused", within=harness.told)
        with pytest.raises(DuplicateMember, match="m1"):
            balancing.answer()
        scene.define("added")
        scene.settled([one], ["added", *units])
        assert (twin.owned(), scene.machines()) == ([], ["m1"])

    def test_a_second_process_of_a_machine_owns_for_itself(self, harness: RecipeHarness) -> None:
        """What it obtains is its own, by its session: neither gives up what the other one has."""
        scene = Scene(harness, *numbered(4))
        one, twin = (scene.pool(harness.manager("m1")) for _ in range(2))
        first, second = one.claim(2), twin.claim(4)
        assert len(second) == 2
        assert sorted(names([*first, *second])) == numbered(4)
        assert {it.machine_id for it in one.units()} == {"m1"}
        assert first[0].release() is True
        assert obtained(twin).name == first[0].name
        assert (first[1].held, [unit.held for unit in second]) == (True, [True, True])

    def test_a_machine_that_was_restarted_balances_again(self, harness: RecipeHarness) -> None:
        """Its dead predecessor's records are waited out, perhaps in the background; then it has its share."""
        units = numbered(4)
        scene = Scene(harness, *units)
        store = harness.faulty()
        dies, other = scene.machine("m1", store=store, ttl=harness.brief), scene.machine("m2")
        for machine in (dies, other):
            machine.balance()
        scene.settled([dies, other], units)
        store.cut()
        again = scene.machine("m1")
        balancing = harness.begin(again.pool, "balance")
        scene.outlast(lambda: balancing.done and again.owned(), "it has a share")
        balancing.answer()
        scene.settled([again, other], units)
        assert dies.owned() == []


class TellCases(Recipes):
    """D10: what a log says of it."""

    def test_d10_events_are_logged_and_contention_is_not(self, harness: RecipeHarness) -> None:
        """D10: one event for each unit obtained, with its name; nothing for those who obtain none."""
        scene = Scene(harness, "unit of this case")
        one, two = scene.pools(2)
        handler = _Kept()
        logger = logging.getLogger("coordination")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            unit = obtained(one)
            assert two.obtain() is None
            assert two.claim(3) == []
        finally:
            logger.setLevel(level)
            logger.removeHandler(handler)
        told = [it for it in handler.messages if "unit-obtained" in it]
        assert len(told) == 1, handler.messages
        assert "unit of this case" in told[0]
        assert str(unit.token) in told[0]
        assert not [it for it in handler.records if it.levelno >= logging.WARNING]


class _Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    @property
    def messages(self) -> list[str]:
        """As texts."""
        return [record.getMessage() for record in self.records]

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.records.append(record)
