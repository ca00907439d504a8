"""A Consul without a network, and watches on it that leave no thread behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import threads


@pytest.fixture
def consul() -> FakeConsul:
    return FakeConsul()


@pytest.fixture
def watches(consul: FakeConsul) -> Iterator[Watches]:
    opened = consul.watches()
    yield opened
    opened.close()
    assert eventually(lambda: not threads()), "a thread outlived its store"
