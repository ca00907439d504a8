"""Why reads count: the same runs lose updates behind a fence for writes, and none behind one for both."""

from __future__ import annotations

from tests.fencing.resource import run

SEEDS = range(2000)


def test_a_fence_for_writes_alone_loses_updates() -> None:
    """An old holder writes between the read and the write of the new one, and both are confirmed."""
    losing = [seed for seed in SEEDS if run(seed, reads=False).lost]
    assert len(losing) > len(SEEDS) // 4


def test_a_fence_for_reads_and_writes_loses_none() -> None:
    """In the same runs no confirmed update is missing, though old holders come as often."""
    outcomes = [run(seed, reads=True) for seed in SEEDS]
    assert [outcome.lost for outcome in outcomes] == [0] * len(SEEDS)
    assert sum(outcome.refused for outcome in outcomes) > len(SEEDS)
    assert all(outcome.confirmed for outcome in outcomes)
