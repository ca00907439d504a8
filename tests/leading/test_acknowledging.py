"""A victim tells that its work has stopped, and only that."""

from __future__ import annotations

import pytest

from coordination import LeaseCorrupt, LeaseLost
from coordination.recipes.leading.acknowledging import ack_key
from coordination.recipes.leading.candidate import FOLLOWS
from coordination.recipes.leading.gate import gate_key
from coordination.stores.memory import MemoryStore
from tests.leading.bench import TTL, Background, Bench, Job, eventually


def test_it_is_told_when_the_work_has_ended_and_not_before(bench: Bench) -> None:
    """The thief waits for as long as the work goes on, up to its period."""
    old, job = bench.leader(None, "old"), Job(stubborn=True)
    running = Background(lambda: old.run(job))
    term = job.begun()
    newer = Background(lambda: bench.leader(None, "new", version=2).campaign())
    eventually(lambda: term.lost == "stolen", "it is told of the theft")
    bench.pass_time(TTL / 3)
    assert (newer.done, bench.acknowledgements()) == (False, [])
    job.finish.set()
    assert running.answer().lost is not None
    bench.until(lambda: newer.done, "the newer one leads", 3)
    assert [record.key for record in bench.acknowledgements()] == [ack_key(term.tenure.candidate, term.token)]
    bench.until(lambda: not bench.acknowledgements(), "it is removed", 2 * TTL)


def test_it_outlives_the_victims_process(bench: Bench) -> None:
    """An old version ends as soon as its work has: the thief reads it after that."""
    manager, store, job = bench.manager(None, "old"), bench.store(), Job(stubborn=True)
    old = manager.leader("scheduler", ttl=TTL)
    running = Background(lambda: old.run(job))
    term = job.begun()
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign())
    eventually(lambda: term.lost == "stolen", "it is told of the theft")
    store.cut()
    job.finish.set()
    assert running.answer().lost is not None
    manager.close()
    store.mend()
    bench.until(lambda: newer.done, "the newer one leads", 5)


def test_a_loss_that_is_no_theft_is_not_acknowledged(bench: Bench) -> None:
    """Nobody waits for it."""
    old = bench.leader(None, "old")
    term = old.campaign()
    record = bench.record()
    assert record is not None
    bench.memory.delete(record.key, record.index, timeout=1)
    eventually(lambda: term.lost == "deleted", "it is noticed")
    with pytest.raises(LeaseLost):
        term.release()
    assert bench.acknowledgements() == []


def test_a_store_that_is_away_costs_only_the_telling(bench: Bench) -> None:
    """The victim's `release` says that it was lost, in time, and the thief waits out the period."""
    store = bench.store()
    old = bench.leader(store, "old")
    term = old.campaign()
    newer = Background(lambda: bench.leader(None, "new", version=2).campaign())
    eventually(lambda: term.lost == "stolen", "it is told of the theft")
    begun = bench.clock.now()
    store.refuse("open_session")
    with pytest.raises(LeaseLost):
        term.release()
    bench.until(lambda: newer.done, "the newer one leads", 2 * TTL)
    assert bench.clock.now() - begun > TTL - 1


@pytest.mark.parametrize("fault", ["refuse", "lose_answer"])
def test_an_acknowledgement_that_fails_half_way(bench: Bench, fault: str) -> None:
    """Not applied: its session is ended, and the thief waits; in doubt: it may be there, and of use."""
    store = bench.store()
    old = bench.leader(store, "old")
    term = old.campaign()
    newer = Background(lambda: bench.leader(None, "new", version=2).campaign())
    eventually(lambda: term.lost == "stolen", "it is told of the theft")
    eventually(lambda: bench.sessions() == 1, "only the thief's session is left")
    getattr(store, fault)("create")
    begun = bench.clock.now()
    with pytest.raises(LeaseLost):
        term.release()
    if fault == "refuse":
        eventually(lambda: bench.sessions() == 1, "the session for it is ended")
    bench.until(lambda: newer.done, "the newer one leads", 2 * TTL)
    assert (bench.clock.now() - begun > TTL - 1) == (fault == "refuse")


def test_a_released_term_leaves_no_acknowledgement(bench: Bench) -> None:
    """A thief that comes just as it is released: whoever was first has won."""
    old = bench.leader(None, "old")
    for _ in range(5):
        old.campaign()
        assert old.resign() is True
    assert bench.acknowledgements() == []


def test_the_key_is_a_plain_one_and_no_two_names_share_one(bench: Bench) -> None:
    """Consul takes four segments for a contender's, whose creation it would not tell."""
    one = bench.manager().leader("a.1").campaign().tenure.candidate
    two = bench.manager().leader("a").campaign().tenure.candidate
    keys = {ack_key(one, 2), ack_key(two, 12), ack_key(two, 2), ack_key(one, 12)}
    assert len(keys) == 4
    assert {key.count("/") for key in keys} == {2}


def test_a_gate_of_nonsense_is_said(bench: Bench) -> None:
    """Nobody can know then who may lead: nobody does."""
    leader = bench.leader(None, "new", version=2)
    term = leader.campaign()
    key = gate_key(term.tenure.candidate)
    term.release()
    record = bench.memory.read(key, timeout=1)
    assert record is not None
    assert record.value == b"2"
    session = bench.memory.open_session(1000, timeout=1)
    bench.memory.replace(key, b"two", session, record.index, timeout=1)
    for call in (leader.campaign, leader.cluster_version):
        with pytest.raises(LeaseCorrupt):
            call()
    assert bench.record() is None


def test_a_gate_is_no_datum_that_a_user_can_name(bench: Bench) -> None:
    """Whatever a user calls his own."""
    manager = bench.manager()
    term = manager.leader("scheduler", ttl=TTL, version=2).campaign()
    term.commit({"versions/scheduler": b"9"})
    assert manager.read("versions/scheduler") == b"9"
    assert manager.leader("scheduler").cluster_version() == 2


def test_two_namespaces_have_gates_of_their_own(bench: Bench) -> None:
    """And leaders."""
    store = MemoryStore(bench.clock)
    from coordination import connect

    with connect(store, clock=bench.clock, namespace="a") as one, connect(store, clock=bench.clock) as two:
        one.leader("x", version=3).campaign()
        assert two.leader("x", version=1).campaign().held
        assert (one.leader("x").cluster_version(), two.leader("x").cluster_version()) == (3, 1)


def test_the_thiefs_record_says_whom_it_follows(bench: Bench) -> None:
    """Until it acts."""
    store = bench.store()
    token = bench.leader(store, "old").campaign().token
    store.cut()
    newer = Background(lambda: bench.leader(None, "new", version=2).campaign())
    eventually(lambda: bench.value().metadata.get(FOLLOWS) == str(token), "it waits")
    assert bench.value().period > 2 * TTL
    bench.until(lambda: newer.done, "it leads", 2 * TTL)
    assert (FOLLOWS in bench.value().metadata, bench.value().period) == (False, TTL)
