"""What the parts of the suite of leadership share: the fixture that a store fills in, and its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.testing.leading.harness import LeaderHarness


class Leading:
    """A part of the suite. Every test takes the harness and nothing else, so it can be called alone."""

    @pytest.fixture
    def harness(self) -> LeaderHarness:
        """Override this one."""
        raise NotImplementedError("a subclass of the suite of leadership has to define `harness`")

    @pytest.fixture(autouse=True)
    def harness_is_closed(self, harness: LeaderHarness) -> Iterator[None]:
        """End every call, manager and store when the test is over."""
        yield
        harness.close()
