"""A small demo that went well, as the resource logged it: two machines, two units and one that is added.

m1 leads and is killed at 20, comes back at version 2 and leads; m2 is drained at 30 for its upgrade; m1,
which leads, is drained at 40.
"""

from __future__ import annotations

from coordination.demo.log import Entry
from coordination.demo.scheduler.writer import START, STOP, WORK
from coordination.demo.story import Edit, Gone, Story

TTL = 4.0
Play = dict[str, list[Entry]]


def entry(
    kind: str, token: int, who: str, at: float, *, refused: bool = False, believed: bool = True
) -> Entry:
    """One by `who`, such as "m1 v2"; each token has a process of its own."""
    machine, version = who.split(" v")
    return Entry(kind, token, machine, int(version), 1000 + token, at, refused, believed)


def tenure(token: int, who: str, first: float, last: float, *, stop: bool = True) -> list[Entry]:
    """A start, work every two seconds, and a stop if its owner got to that."""
    between = [first + 2.0 * n for n in range(1, int((last - first) / 2.0) + 1) if first + 2.0 * n < last]
    return [
        entry(START, token, who, first),
        *(entry(WORK, token, who, at) for at in between),
        entry(STOP if stop else WORK, token, who, last),
    ]


def story() -> Story:
    """What the director did."""
    return Story(
        ttl=TTL,
        units=("a", "b"),
        began=0.0,
        settled=10.0,
        added=Edit("c", 12.0),
        removed=Edit("b", 13.0),
        kill=Gone("m1", 1, 20.0, 20.1),
        upgrades=[Gone("m2", 1, 30.0, 32.0)],
        upgraded=37.0,
        drain=Gone("m1", 2, 40.0, 42.0),
        ended=50.0,
        processes=frozenset(range(1, 20)),
    )


def late(token: int) -> Entry:
    """What the director writes under a token of the killed machine's."""
    return entry(WORK, token, "somebody v1", 45.0, refused=True, believed=False)


def play() -> Play:
    """The log of the resource."""
    return {
        "leader": [
            *tenure(1, "m1 v1", 1.0, 19.9, stop=False),
            *tenure(8, "m2 v1", 25.0, 27.0, stop=False),
            *tenure(9, "m1 v2", 27.5, 40.5, stop=False),
            *tenure(20, "m2 v2", 41.0, 49.0, stop=False),
        ],
        "a": [
            *tenure(2, "m1 v1", 2.0, 19.9, stop=False),
            *tenure(10, "m2 v1", 25.5, 30.5),
            *tenure(12, "m1 v2", 31.0, 40.5),
            *tenure(21, "m2 v2", 41.0, 49.0),
            late(2),
        ],
        "b": tenure(3, "m2 v1", 2.0, 13.5),
        "c": [
            *tenure(4, "m2 v1", 12.5, 30.5),
            *tenure(13, "m1 v2", 31.0, 34.0),
            *tenure(14, "m2 v2", 34.5, 49.0),
        ],
    }
