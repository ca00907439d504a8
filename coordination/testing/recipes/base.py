"""What the parts of the suite of recipes share: the fixture that a store fills in, and the harness's end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination.testing.recipes.harness import RecipeHarness


class Recipes:
    """A part of the suite. Every test takes the harness and nothing else, so it can be called alone."""

    @pytest.fixture
    def harness(self) -> RecipeHarness:
        """Override this one."""
        raise NotImplementedError("a subclass of the suite of recipes has to define `harness`")

    @pytest.fixture(autouse=True)
    def harness_is_closed(self, harness: RecipeHarness) -> Iterator[None]:
        """End every call, manager and store when the test is over."""
        yield
        harness.close()
