"""Proclaiming where the store fails: what is not written is not written later either, unless that is said."""

from __future__ import annotations

import pytest

from coordination import LeaseLost, OutcomeUnknown, StoreUnavailable, ValueTooLarge
from tests.leading.bench import KEY, TTL, Bench, eventually


def test_not_applied_is_not_written_by_the_next_beat(bench: Bench) -> None:
    """The value of before stays."""
    store = bench.store()
    leader = bench.leader(store)
    term = leader.campaign()
    leader.proclaim("first")
    store.refuse("replace")
    with pytest.raises(StoreUnavailable):
        leader.proclaim("second")
    index = bench.record()
    bench.until(lambda: bench.record() != index, "a beat", TTL)
    assert (bench.value().metadata["coordination.value"], term.value) == ('j"first"', "first")


def test_in_doubt_it_is_written_by_the_next_beat(bench: Bench) -> None:
    """Nobody could tell, also not by a look: then the next renewal writes it in any case."""
    store = bench.store()
    leader = bench.leader(store)
    leader.campaign()

    def lost() -> None:
        store.refuse("read", 4)
        raise OutcomeUnknown("the request is lost")

    store.before("replace", lost)
    with pytest.raises(OutcomeUnknown):
        leader.proclaim("second")
    assert "coordination.value" not in bench.value().metadata
    bench.until(
        lambda: bench.value().metadata.get("coordination.value") == 'j"second"', "a beat writes it", TTL
    )


def test_written_though_the_session_could_not_be_renewed(bench: Bench) -> None:
    """The value is there, which is what was asked for; the next beat makes up for the renewal."""
    store = bench.store()
    leader = bench.leader(store)
    term = leader.campaign()
    store.refuse("renew_session")
    leader.proclaim("there")
    assert bench.value().metadata["coordination.value"] == 'j"there"'
    bench.outlast(TTL)
    assert term.held


def test_too_large_a_value_costs_no_term(bench: Bench) -> None:
    """It is refused, and the beats go on with what was there before."""
    leader = bench.leader()
    term = leader.campaign()
    leader.proclaim(b"small")
    with pytest.raises(ValueTooLarge):
        leader.proclaim("x" * 70_000)
    bench.outlast(2 * TTL)
    assert (term.held, term.value) == (True, b"small")


def test_proclaiming_under_a_record_that_is_gone(bench: Bench) -> None:
    """It is lost by that, and told."""
    leader = bench.leader()
    term = leader.campaign()
    record = bench.record()
    assert record is not None
    with pytest.raises(LeaseLost):
        for _ in range(2):  # A watch may tell of the deletion before the write finds it.
            bench.memory.delete(KEY, record.index, timeout=1.0)
            leader.proclaim("late")
    eventually(term.stop.is_set, "the work is told")
    assert term.lost == "deleted"


def test_nonsense_in_the_record_is_no_value(bench: Bench) -> None:
    """Anybody may have written it: who leads is shown all the same."""
    leader = bench.leader()
    term = leader.campaign()
    term.tenure.write("coordination.value", "nonsense", None, 1.0)
    current = leader.current()
    assert current is not None
    assert (current.machine_id, current.value, term.value) == ("m1", None, None)
