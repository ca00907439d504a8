"""The answer to each step swallowed once, or late, or the request landing late."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

SUITE = Suite(
    "answers swallowed and late: one holder, nothing left after two periods, no call held up",
    60,
    ("integration/etcd/test_lost_answers.py",),
)


def figures() -> Iterator[Figure]:
    """The tests, and the slowest recovery that they measured."""
    ran = run(SUITE)
    yield ran.figure()
    beyond = "s until the next holder, beyond the period"
    yield ran.at_most("recovery, beyond the period", 2.0, beyond, "s")
