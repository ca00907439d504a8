"""The suite of recipes notices: every broken lock or store fails the case that stands against its mistake."""

from __future__ import annotations

from typing import Any

import pytest

from coordination import Manager
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, RecipeContract
from tests.noticing import Noticing
from tests.testing.broken_recipes import BROKEN, BrokenHarness, RunsOnceIfItWorks

pytestmark = pytest.mark.untraced


class TestRecipesNotice(Noticing):
    """Managers of a broken kind, or on a store of a broken kind."""

    suite = RecipeContract
    broken = BROKEN

    def made(self, mistake: Any, _patch: pytest.MonkeyPatch) -> BrokenHarness:
        """It is a class of its own, and nothing is patched."""
        kind: type[Any] = mistake or Manager
        clock = FakeClock()
        store = kind(clock) if issubclass(kind, MemoryStore) else MemoryStore(clock)
        harness = BrokenHarness(
            lambda: store, clock.advance, period=10.0, clock=clock, patience=self.patience
        )
        harness.kind = kind
        if kind is RunsOnceIfItWorks:
            harness.face.once = kind  # type: ignore[method-assign]
        return harness
