"""Servers that lie, and servers that are of no use: how long, how often, in how much memory we bear them."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

HOSTILE = Suite(
    "slow bytes, gigantic and deep JSON, wrong types, redirects: typed errors, the token reaches nobody else",
    150,
    ("integration/consul/test_hostile.py", "integration/consul/test_lies.py"),
)
WATCHES = Suite(
    "blocking queries answered with index 0, going back, equal for ever, refusals, nonsense: nothing missed",
    60,
    ("integration/consul/test_lying_watches.py",),
)
USELESS = Suite(
    "black-holed, refused, slow, paused and garbage agents: typed errors, in time",
    26,
    ("integration/consul/test_bounds.py",),
)


def figures() -> Iterator[Figure]:
    """The tests, and the worst of what they measured."""
    ran = run(HOSTILE)
    yield ran.figure()
    yield ran.at_most(
        "hostile: each call with a timeout of 1 s", 1.5, "s of the slowest call, timeout 1 s", "s"
    )
    yield ran.at_most("hostile: memory of all calls together", 50, "MB that a process grew by", "MB")
    ran = run(WATCHES)
    yield ran.figure()
    yield ran.at_most("hostile: requests of a watch in 10 s", 10, "requests in 10 s", "requests")
    ran = run(USELESS)
    yield ran.figure()
    yield ran.at_most("each call with a timeout of 0.5 s", 1.0, "s of the slowest call, timeout 0.5 s", "s")
    yield ran.at_most("close", 1.5, "s of the slowest close", "s")
