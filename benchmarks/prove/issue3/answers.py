"""The answer to each step swallowed once, or late, or the request landing late."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

SUITE = Suite(
    "answers swallowed and late: one holder, nothing left after twice the ttl, no call held up",
    120,
    ("integration/consul/test_lost_answers.py",),
)


def figures() -> Iterator[Figure]:
    """The tests, and the slowest recovery that they measured."""
    ran = run(SUITE)
    yield ran.figure()
    beyond = "s until the next holder, beyond two periods"
    yield ran.at_most("recovery, beyond two periods", 2.0, beyond, "s")
