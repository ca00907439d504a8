"""Handing over where the store fails, or somebody else comes in between."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, LeaseLost
from coordination.recipes.leading.candidate import SUCCESSOR
from coordination.term import Term
from tests.leading.bench import KEY, TTL, Background, Bench, Job, eventually


def named(bench: Bench) -> bool:
    """Whether an heir is named."""
    return SUCCESSOR in bench.value().metadata


@pytest.mark.parametrize("fault", ["refuse", "lose_answer"])
@pytest.mark.parametrize("call", ["replace", "read", "watch", "renew_session"])
def test_a_request_fails_on_the_way(bench: Bench, call: str, fault: str) -> None:
    """It is made again, within the time there is."""
    store = bench.store()
    leader = bench.leader(store)
    leader.campaign()
    heir = Background(lambda: bench.leader(None, "heir").campaign())
    getattr(store, fault)(call)
    passing = Background(lambda: leader.transfer("heir", timeout=30))
    bench.until(lambda: passing.done, "it is handed over", 20)
    assert passing.answer() is True
    assert heir.answer().held


def test_nobody_comes_while_the_store_is_away(bench: Bench) -> None:
    """It ends in time, and the record is released for all when the store is back."""
    store = bench.store()
    leader = bench.leader(store)
    term = leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=5))
    eventually(lambda: named(bench), "the heir is named")
    store.cut()
    bench.until(lambda: passing.done, "it ends", 8)
    assert passing.answer() is False
    assert (term.held, term.lost, term.wait(0)) == (False, None, "released")
    store.mend()
    bench.until(lambda: bench.record() is None, "it is released", TTL)


def test_it_is_kept_for_the_heir_for_longer_than_a_ttl(bench: Bench) -> None:
    """The record is renewed meanwhile, though nobody leads."""
    leader = bench.leader()
    leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=3 * TTL))
    eventually(lambda: named(bench), "the heir is named")
    for _ in range(round(4 * TTL)):
        bench.outlast(0.5)
        assert named(bench)
    heir = Background(lambda: bench.leader(None, "heir").campaign())
    assert passing.answer() is True
    assert heir.answer().held


def test_a_stranger_takes_what_was_to_be_handed_over(bench: Bench) -> None:
    """It is not the heir: False; our term was over, and is not lost after that."""
    leader = bench.leader()
    term = leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=30))
    eventually(lambda: named(bench), "the heir is named")
    record = bench.record()
    assert record is not None
    bench.memory.replace(KEY, b"stranger", bench.memory.open_session(9, timeout=1), record.index, timeout=1)
    assert passing.answer() is False
    assert (term.lost, bench.value().machine_id) == (None, "stranger")


def test_somebody_deletes_what_was_to_be_handed_over(bench: Bench) -> None:
    """Nobody has it: False."""
    leader = bench.leader()
    leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=30))
    eventually(lambda: named(bench), "the heir is named")
    record = bench.record()
    assert record is not None
    bench.memory.delete(KEY, record.index, timeout=1.0)
    assert passing.answer() is False


def test_a_newer_version_stays_away_from_what_is_handed_over(bench: Bench) -> None:
    """It takes it when the heir has it, who then acknowledges; nobody leads beside anybody."""
    leader = bench.leader()
    leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=30))
    eventually(lambda: named(bench), "the heir is named")
    newer = Background(lambda: bench.leader(None, "newer", version=2).campaign())
    bench.pass_time(TTL / 2)
    assert bench.value().machine_id == "m1"
    job = Job()
    heir = bench.leader(None, "heir")
    working = Background(lambda: heir.run(job))
    assert passing.answer() is True
    bench.until(lambda: newer.done, "the newer one takes over", 3)
    assert working.answer().lost is not None
    assert newer.answer().version == 2


def test_an_heir_that_takes_over_before_it_is_named(bench: Bench) -> None:
    """It is of a newer version, and waits for our end: it is told that our work has stopped."""
    store = bench.store()
    leader = bench.leader(store)
    leader.campaign()
    began = bench.clock.now()
    heirs: list[Background] = []

    def come() -> None:
        heirs.append(Background(lambda: bench.leader(None, "heir", version=2).campaign()))
        eventually(lambda: bench.value().machine_id == "heir", "the heir steals")

    store.before("replace", come)
    assert leader.transfer("heir") is True
    bench.until(lambda: heirs[0].done, "it leads", TTL / 2)
    assert bench.clock.now() - began < TTL / 2
    assert heirs[0].answer().held


def test_an_heir_that_is_outvoted_does_not_take_it(bench: Bench) -> None:
    """It is of an older version than one that has led."""
    newer = bench.leader(None, "newer", version=2)
    newer.campaign()
    Background(lambda: bench.leader(None, "heir", version=1).campaign(timeout=500))
    passing = Background(lambda: newer.transfer("heir", timeout=6))
    bench.until(lambda: passing.done, "the time is over", 9)
    assert passing.answer() is False
    assert bench.record() is None


def test_the_managers_end_ends_the_waiting(bench: Bench) -> None:
    """It is released by that."""
    manager = bench.manager()
    leader = manager.leader("scheduler", ttl=TTL)
    leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=30))
    eventually(lambda: named(bench), "the heir is named")
    manager.close()
    bench.until(lambda: passing.done, "it hears of that", 5)
    assert passing.answer() is False
    assert bench.record() is None


def test_a_second_transfer_finds_nothing(bench: Bench) -> None:
    """The term was over when the first one began."""
    leader = bench.leader()
    leader.campaign()
    passing = Background(lambda: leader.transfer("heir", timeout=3))
    eventually(lambda: named(bench), "the heir is named")
    with pytest.raises(LeaseLost):
        leader.transfer("other")
    bench.until(lambda: passing.done, "the time is over", 6)
    assert passing.answer() is False


def test_transferred_by_the_work_itself_and_then_lost(bench: Bench) -> None:
    """What was arranged cannot be done any more: the loss is in the outcome, and the thief has it."""
    leader = bench.leader()

    def work(term: Term) -> bool:
        arranged = leader.transfer("heir")
        record = bench.record()
        assert record is not None
        session = bench.memory.open_session(90, timeout=1)
        bench.memory.replace(KEY, b"thief", session, record.index, timeout=1)
        eventually(lambda: term.lost, "it is noticed")
        return arranged

    outcome = leader.run(work)
    assert outcome.value is True
    assert outcome.lost is not None
    assert getattr(outcome.lost.__cause__, "reason", None) == "stolen"
    assert bench.value().machine_id == "thief"


@pytest.mark.parametrize(
    "bad", [{"to": ""}, {"to": 3}, {"to": "m2", "timeout": -1}, {"to": "m2", "timeout": True}]
)
def test_what_can_never_work(bench: Bench, bad: dict[str, object]) -> None:
    """It is refused, and the term goes on."""
    leader = bench.leader()
    term = leader.campaign()
    with pytest.raises(ConfigurationError):
        leader.transfer(**bad)  # type: ignore[arg-type]  # that is what is tested
    assert term.held
