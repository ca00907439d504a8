"""A manager without threads for each test, and others beside it on the same storage."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.sharing.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """On a store with all the fast paths."""
    return Bench()


@pytest.fixture
def plain() -> Bench:
    """On a store with the contract's calls alone."""
    return Bench(plain=True)


@pytest.fixture
def other(bench: Bench) -> Bench:
    """Another process on the storage of `bench`."""
    return bench.beside()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """It raises KeyboardInterrupt; a program that a shell began in the background may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
