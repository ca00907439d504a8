"""The suites of issue 1."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

SUITES = (
    Suite("contract suite on the memory store", 40, ("tests/stores/test_memory_contract.py",)),
    Suite("contract suite on the file store", 40, ("tests/stores/test_file_contract.py",)),
    Suite("broken stores, each failing a different named test", 8, ("tests/testing/test_broken_stores.py",)),
    Suite(
        "coordination run: TERM ignored, grandchildren, exit 7, terminal, theft, dead store, ^C, kill -9",
        8,
        ("integration/run",),
    ),
    Suite("what needs root: full disk, namespaces", 1, ("-m", "root", "tests", "integration")),
)


def figures() -> Iterator[Figure]:
    """One figure per suite."""
    for suite in SUITES:
        yield run(suite).figure()
