"""Running one case of a suite by itself, to see whether it fails."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, RecipeHarness

PATIENCE = 5.0
"""Real seconds for what never comes, where something is broken."""


def failure(suite: type[Any], name: str) -> BaseException | None:
    """Why this case fails on memory; None if it passes."""
    clock = FakeClock()
    store = MemoryStore(clock)
    harness = RecipeHarness(lambda: store, clock.advance, period=10.0, clock=clock, patience=PATIENCE)
    try:
        getattr(suite(), name)(harness)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  not passed is not passed
        return error
    finally:
        harness.close()
    return None
