"""The acceptance cases of locks on files, on both faces, on a fake clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.stores.file.store import FileStore
from coordination.testing import FakeClock, RecipeContract, RecipeHarness


@pytest.mark.untraced
class TestRecipesOnFiles(RecipeContract):
    """Every manager has a store of its own on the same folder, as another process would."""

    @pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
    def harness(self, request: pytest.FixtureRequest, tmp_path: Path) -> RecipeHarness:
        """Ten seconds that pass in no time; but changes by others are looked for in real time."""
        clock = FakeClock()

        def opener() -> FileStore:
            return FileStore(tmp_path / "locks", clock, durable=False)

        return RecipeHarness(
            opener,
            clock.advance,
            period=10.0,
            clock=clock,
            acquisitions=90,
            crowd=60,
            aio=request.param,
        )
