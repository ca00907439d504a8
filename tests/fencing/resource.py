"""A counter behind a fence, and clients that are paused at any moment while their lock goes to the next.

Each step of a client is one act of the resource; between any two of them the lock may expire and be
granted again, with a higher token, and the old holder goes on as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from coordination import StaleToken
from coordination.fencing import Fence

NAME = "counter"


@dataclass
class Resource:
    """What the lock protects; `reads` tells whether its fence looks at reads too."""

    reads: bool
    fence: Fence = field(default_factory=Fence)
    value: int = 0

    def read(self, token: int) -> int:
        if self.reads:
            self.fence.check(NAME, token)
        return self.value

    def write(self, token: int, value: int) -> None:
        self.fence.check(NAME, token)
        self.value = value


@dataclass
class Outcome:
    """What a run came to."""

    confirmed: int = 0
    refused: int = 0
    value: int = 0

    @property
    def lost(self) -> int:
        """Additions that were confirmed to somebody, and are not in the counter."""
        return self.confirmed - self.value


def _adding(resource: Resource, token: int, outcome: Outcome) -> Iterator[None]:
    """One holder adds one: a read, a pause, a write."""
    try:
        value = resource.read(token)
        yield
        resource.write(token, value + 1)
        outcome.confirmed += 1
    except StaleToken:
        outcome.refused += 1


def run(seed: int, *, reads: bool, holders: int = 8) -> Outcome:
    """Grant the lock to one holder after another, each before or after the one before it is done."""
    random = Random(seed)
    resource, outcome = Resource(reads), Outcome()
    under_way: list[Iterator[None]] = []
    for token in range(1, holders + 1):
        under_way.append(_adding(resource, token, outcome))
        while under_way and random.random() < 0.7:
            _step(random, under_way)
    while under_way:
        _step(random, under_way)
    outcome.value = resource.value
    return outcome


def _step(random: Random, under_way: list[Iterator[None]]) -> None:
    one = under_way[int(random.random() * len(under_way))]
    if next(one, "done") == "done":
        under_way.remove(one)
