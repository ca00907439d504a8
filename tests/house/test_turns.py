"""What `make test` leaves out of the suites on servers is what runs on another version all the same."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from integration.servers.faces import repeats
from integration.servers.ways import CONTAINER, Variant

CASES = [f"test_{number}" for number in range(40)]
CLUSTERS = [Variant(f"{version}-{size}", version, size) for version, size in product(("3.4", "3.5"), (1, 3))]


@dataclass(frozen=True)
class Item:
    """A test on a variant, as far as `repeats` looks at it."""

    originalname: str
    variant: Variant
    harness: str = "in turn"
    path: Path = Path("integration/etcd/test_pool.py")

    @property
    def callspec(self) -> Any:
        return SimpleNamespace(params={"harness": self.harness, "variant": self.variant})


def kept(*items: Item) -> set[Item]:
    """What is no repetition."""
    given: Any = items
    left_out: Any = list(repeats(given))
    return set(items) - set(left_out)


def test_each_case_is_left_on_one_version_in_both_sizes() -> None:
    """And about half of the cases on each version: a suite sees both."""
    left = kept(*(Item(case, variant) for case in CASES for variant in CLUSTERS))
    versions = {case: {item.variant.version for item in left if item.originalname == case} for case in CASES}
    assert all(len(found) == 1 for found in versions.values())
    assert len(left) == 2 * len(CASES)
    on_the_old = sum(found == {"3.4"} for found in versions.values())
    assert len(CASES) / 4 < on_the_old < 3 * len(CASES) / 4


def test_each_case_of_one_version_is_left_on_one_size() -> None:
    """And about half of the cases on each."""
    left = kept(*(Item(case, variant) for case in CASES for variant in CLUSTERS[:2]))
    assert sorted(item.originalname for item in left) == sorted(CASES)
    alone = sum(item.variant.members == 1 for item in left)
    assert len(CASES) / 4 < alone < 3 * len(CASES) / 4


@pytest.mark.parametrize(
    "variants",
    [CLUSTERS[:1], CLUSTERS[:3], [CONTAINER, *CLUSTERS], [CONTAINER]],
    ids=["one size", "one without a cluster", "a container too", "a container"],
)
def test_nothing_else_is_left_out(variants: list[Variant]) -> None:
    """Where versions lack a size, one alone might not have both faces."""
    items = [Item(case, variant) for case in CASES for variant in variants]
    assert kept(*items) == set(items)


def test_suites_that_take_no_turns_are_left_alone() -> None:
    """The contracts of stores run on every variant."""
    items = [Item(case, variant, harness="asyncio") for case in CASES for variant in CLUSTERS]
    assert kept(*items) == set(items)
