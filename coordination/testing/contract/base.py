"""What the parts of the suite share: the fixture that a store fills in, and the harness's end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.testing.harness import StoreHarness


class Contract:
    """A part of the suite. Every test takes the harness and nothing else, so it can be called alone."""

    @pytest.fixture
    def harness(self) -> StoreHarness:
        """Override this one."""
        raise NotImplementedError("a store's subclass of the suite has to define `harness`")

    @pytest.fixture(autouse=True)
    def harness_is_closed(self, harness: StoreHarness) -> Iterator[None]:
        """Close every handle when the test is over."""
        yield
        harness.close()


def contract_tests(contract: type) -> list[str]:
    """The names of the tests that a suite, or a subclass of it, consists of."""
    return sorted(name for name in dir(contract) if name.startswith("test_"))
