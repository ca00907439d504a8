"""The kit as its users see it: what it exports, and that nothing of a suite goes missing."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import coordination.testing as kit
from coordination.testing import (
    BatchedRenewalsContract,
    DeparturesContract,
    FleetContract,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    RecipeContract,
    StoreContract,
    contract_tests,
)

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = set(contract_tests(StoreContract)) | set(contract_tests(GuardedWritesContract))
FAST_PATHS = (BatchedRenewalsContract, QueuesContract, DeparturesContract, ProofsContract)
FAST = {test for suite in FAST_PATHS for test in contract_tests(suite)}
WITHOUT_FAST_PATHS = {"test_file_contract.py"}
FLEET = set(contract_tests(FleetContract))
RECIPES = set(contract_tests(RecipeContract))
DLOCKS = [f"u{n}" for n in range(1, 5)] + [f"c{n}" for n in range(1, 14)] + [f"d{n}" for n in range(2, 18)]
STORES = sorted(path.name for path in (ROOT / "tests" / "stores").glob("test_*_contract.py"))


def test_everything_exported_is_there() -> None:
    """Each name of `__all__` can be had, and comes from the kit."""
    for name in kit.__all__:
        assert getattr(kit, name).__module__.startswith("coordination.testing.")


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A typing error in an import is told as one."""
    with pytest.raises(AttributeError, match="FackClock"):
        _ = kit.FackClock


def test_dir_shows_what_is_exported() -> None:
    """Who looks around in a shell finds the names that are loaded later."""
    assert set(kit.__all__) <= set(dir(importlib.import_module("coordination.testing")))


def test_the_suites_are_of_some_size() -> None:
    """Forty tests at least show the store contract, and fleet's; ten each of the optional ones, or seven."""
    assert len(contract_tests(StoreContract)) >= 40
    assert len(FLEET) >= 40
    assert len(contract_tests(GuardedWritesContract)) >= 10
    for suite in FAST_PATHS:
        assert len(contract_tests(suite)) >= (7 if suite is DeparturesContract else 10), suite
    assert len(FAST) == sum(len(contract_tests(suite)) for suite in FAST_PATHS), "two tests of one name"


def test_the_memory_store_is_among_the_stores() -> None:
    """The files looked at here are the ones that are meant."""
    assert "test_memory_contract.py" in STORES


@pytest.mark.parametrize("name", STORES)
def test_no_test_of_the_suite_goes_missing(name: str) -> None:
    """For each store, and each of its variants, pytest collects exactly the tests that are defined."""
    suite = ALWAYS if name in WITHOUT_FAST_PATHS else ALWAYS | FAST
    for variant, tests in collected(f"tests/stores/{name}").items():
        assert len(tests) == len(suite), variant
        assert set(tests) == suite, variant


def test_no_case_of_fleets_goes_missing() -> None:
    """On memory and on files, pytest collects exactly the cases that are defined."""
    found = collected("tests/leases/test_fleet.py")
    assert {name for name, _ in found} == {"TestFleetOnMemory", "TestFleetOnFiles"}
    for variant, tests in found.items():
        assert len(tests) == len(FLEET), variant
        assert set(tests) == FLEET, variant


@pytest.mark.parametrize("store", ["memory", "files"])
def test_no_case_of_locks_goes_missing(store: str) -> None:
    """On both, and on both faces, pytest collects exactly the cases that are defined."""
    found = collected(f"tests/recipes/test_{store}.py")
    assert {variant for _, variant in found} == {"[blocking]", "[asyncio]"}
    for variant, tests in found.items():
        assert len(tests) == len(RECIPES), variant
        assert set(tests) == RECIPES, variant


def test_every_case_of_dlocks_has_a_test_of_its_name() -> None:
    """U1 to U4, C1 to C13, D2 to D17; D15 needs endpoints, and is among the tests of clusters, as D1 is."""
    for case in DLOCKS:
        if case != "d15":
            assert [name for name in RECIPES if name.startswith(f"test_{case}_")], case


def collected(path: str) -> dict[tuple[str, str], list[str]]:
    """The tests that a file of contract tests collects, by class and fixture parameter."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run([*command, path], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in ran.stdout.splitlines():
        if match := re.fullmatch(r"\S+::(Test\w+)::(test_\w+)(\[.*\])?", line):
            found[match[1], match[3] or ""].append(match[2])
    assert found, ran.stdout
    return found
