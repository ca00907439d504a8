"""A storage of each test's own, with as many processes on it as it asks for."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.leading.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Its managers are closed at the end."""
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """It raises KeyboardInterrupt; a program that a shell began in the background may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
