"""Three nodes, some of which fail while a lease is kept: the tests of that, with twenty kills."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

KILLS = 20
TURNS = 4
KILLED = "kills of the leader survived"
BACK = "s from the return of the quorum to a holder, period 3 s"

SUITE = Suite(
    "three nodes: leader killed, each member stopped in turn, all restarted, quorum lost, an old leader",
    7,
    ("integration/etcd/test_members.py",),
    {"COORDINATION_LEADER_KILLS": str(KILLS), "COORDINATION_MEMBER_TURNS": str(TURNS)},
)


def figures() -> Iterator[Figure]:
    """What the tests say, and what they measured."""
    ran = run(SUITE)
    yield ran.figure()
    survived = round(ran.worst.get(KILLED, 0))
    name = "leader killed while holding (3 nodes, period 5 s): kept"
    yield Figure(name, f"{KILLS} of {KILLS}", f"{survived} of {KILLS}", survived == KILLS)
    for how in ("pause", "stop"):
        survived = round(ran.worst.get(f"members stopped ({how}) and survived", 0))
        stops = 3 * TURNS
        name = f"each member stopped in turn ({how}), {TURNS} times round: kept"
        yield Figure(name, f"{stops} of {stops}", f"{survived} of {stops}", survived == stops)
    yield ran.at_most("quorum lost for two periods (of 3 s) and back: a holder after", 3.0 + 5.0, BACK, "s")
