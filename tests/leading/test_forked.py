"""A child of fork leads nothing, and disturbs nobody who does."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, LeaseLost
from coordination.leader import Leader
from coordination.term import Term
from tests.leading.bench import TTL, Bench


@pytest.fixture
def leader(bench: Bench) -> Leader:
    """Of this process."""
    return bench.leader()


def forked(term: Term) -> None:
    """From here on this looks like a child."""
    term.tenure.keeper.home.pid = -1


def test_a_term_in_a_child(bench: Bench, leader: Leader) -> None:
    """It is not held there, and nothing that it does reaches the parent's record."""
    term = leader.campaign()
    home, record = term.tenure.keeper.home, bench.record()
    pid = home.pid
    forked(term)
    assert (term.held, term.lost, term.remaining, leader.term) == (False, "forked", 0.0, None)
    for call in (term.check, term.release, term.commit, lambda: term.on_lost(print)):
        with pytest.raises(LeaseLost) as raised:
            call()
        assert raised.value.reason == "forked"
    assert term.wait(0) == "forked"
    home.pid = pid
    assert (bench.record(), term.held, term.lost) == (record, True, None)


def test_a_leader_in_a_child(bench: Bench, leader: Leader) -> None:
    """Every call says whose it is; handing over and resigning are not the child's to do."""
    term = leader.campaign()
    home, record = term.tenure.keeper.home, bench.record()
    pid = home.pid
    forked(term)
    calls = (
        leader.campaign,
        lambda: leader.run(print),
        leader.current,
        leader.cluster_version,
        lambda: next(leader.observe()),
    )
    for call in calls:
        with pytest.raises(ConfigurationError):
            call()
    for call in (leader.resign, lambda: leader.transfer("m2"), lambda: leader.proclaim(1)):
        with pytest.raises(LeaseLost):
            call()
    home.pid = pid
    assert (bench.record(), term.held) == (record, True)


def test_a_block_that_ends_in_a_child(bench: Bench, leader: Leader) -> None:
    """It releases nothing."""
    term = leader.campaign()
    home, pid = term.tenure.keeper.home, term.tenure.keeper.home.pid
    with term:
        forked(term)
    home.pid = pid
    assert term.held


def test_a_run_that_ends_in_a_child(bench: Bench, leader: Leader) -> None:
    """It lost what its parent has, and releases nothing."""
    pids: list[int] = []

    def work(term: Term) -> str:
        pids.append(term.tenure.keeper.home.pid)
        forked(term)
        return "in a child"

    outcome = leader.run(work)
    assert outcome.value == "in a child"
    assert outcome.lost is not None
    assert getattr(outcome.lost.__cause__, "reason", None) == "forked"
    leader._keeper.home.pid = pids[0]
    assert bench.record() is not None
    bench.outlast(2 * TTL)
    assert bench.record() is not None, "the parent goes on renewing it"
