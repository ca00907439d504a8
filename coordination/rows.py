"""Cutting a batch into rows that one request of a store can carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coordination.store import Swap


def rows(swaps: Sequence[Swap], most: int, heaviest: int) -> Iterator[list[Swap]]:
    """In their order, at most so many and so many bytes of values in each; a single one may be heavier."""
    row: list[Swap] = []
    weight = 0
    for swap in swaps:
        if row and (len(row) == most or weight + len(swap.value) > heaviest):
            yield row
            row, weight = [], 0
        row.append(swap)
        weight += len(swap.value)
    if row:
        yield row
