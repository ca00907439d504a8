"""What the parts of the fleet suite share: the fixture that a store fills in, and the harness's end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.testing.fleet.harness import ManagerHarness


class Fleet:
    """A part of the suite. Every test takes the harness and nothing else, so it can be called alone."""

    @pytest.fixture
    def harness(self) -> ManagerHarness:
        """Override this one."""
        raise NotImplementedError("a subclass of the fleet suite has to define `harness`")

    @pytest.fixture(autouse=True)
    def harness_is_closed(self, harness: ManagerHarness) -> Iterator[None]:
        """Close every manager and store when the test is over."""
        yield
        harness.close()
