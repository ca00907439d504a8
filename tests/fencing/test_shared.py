"""Why shared grants have a rule of their own: readers who are paused see no mixture of two states."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from coordination import StaleToken
from coordination.fencing import Fence

SEEDS = range(500)
NAME = "pair"


class Pair:
    """Two numbers that belong together: each writer sets both to its token, each reader reads one by one."""

    def __init__(self, *, fenced: bool) -> None:
        self.fence = Fence()
        self.fenced = fenced
        self.left = self.right = 0
        self.seen: list[tuple[int, int, int]] = []
        self.refused = 0

    def writing(self, token: int) -> Iterator[None]:
        yield
        self.fence.check(NAME, token)
        self.left = self.right = token

    def reading(self, token: int) -> Iterator[None]:
        self._look(token)
        left = self.left
        yield
        self._look(token)
        self.seen.append((token, left, self.right))

    def _look(self, token: int) -> None:
        if self.fenced:
            self.fence.check(NAME, token, shared=True)


def run(seed: int, *, fenced: bool) -> Pair:
    """Grants of readers and writers, each paused at any moment, some of them for too long."""
    random, pair = Random(seed), Pair(fenced=fenced)
    under_way: list[Iterator[None]] = []
    for token in range(1, 13):
        act = pair.writing if random.random() < 0.4 else pair.reading
        under_way.append(act(token))
        while under_way and random.random() < 0.6:
            _step(random, under_way, pair)
    while under_way:
        _step(random, under_way, pair)
    return pair


def _step(random: Random, under_way: list[Iterator[None]], pair: Pair) -> None:
    one = under_way[int(random.random() * len(under_way))]
    try:
        over = next(one, "over") == "over"
    except StaleToken:
        pair.refused += 1
        over = True
    if over:
        under_way.remove(one)


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "unfenced"])
def test_readers_see_one_state(fenced: bool) -> None:
    """No reader that was let in twice saw two states, or one of a later grant; unfenced ones do."""
    pairs = [run(seed, fenced=fenced) for seed in SEEDS]
    seen = [one for pair in pairs for one in pair.seen]
    wrong = [one for one in seen if one[1] != one[2] or one[2] > one[0]]
    assert len(seen) > len(SEEDS)
    assert bool(wrong) is not fenced


def test_a_late_writer_does_not_change_what_a_younger_reader_has_seen() -> None:
    """Of two readers the one with the higher token never saw the older state, whenever they looked."""
    pairs = [run(seed, fenced=True) for seed in SEEDS]
    assert sum(pair.refused for pair in pairs) > len(SEEDS)
    for pair in pairs:
        states = [state for _, state, _ in sorted(pair.seen)]
        assert states == sorted(states)
