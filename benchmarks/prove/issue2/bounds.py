"""Servers that are of no use, in every way there is: how long a call may take, and how it fails."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

SUITE = Suite(
    "black-holed, refused, slow, paused, garbage and HTTP/1.1 servers: typed errors, in time",
    30,
    ("integration/etcd/test_bounds.py", "integration/etcd/test_broken_ways.py"),
)


def figures() -> Iterator[Figure]:
    """The tests, and the slowest of what they measured."""
    ran = run(SUITE)
    yield ran.figure()
    yield ran.at_most("each call with a timeout of 0.5 s", 1.0, "s of the slowest call, timeout 0.5 s", "s")
    yield ran.at_most("release", 1.5, "s of the slowest release", "s")
    yield ran.at_most("close", 1.5, "s of the slowest close", "s")
