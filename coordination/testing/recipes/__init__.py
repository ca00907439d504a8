"""The acceptance cases of locks, for the managers on any store, and for both faces.

    class TestRecipesOnMyStore(RecipeContract):
        @pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
        def harness(self, request: pytest.FixtureRequest) -> RecipeHarness:
            clock = FakeClock()
            store = MyStore(clock)
            return RecipeHarness(
                lambda: store, clock.advance, period=10.0, clock=clock, aio=request.param
            )

Where `StoreContract` asks a store for single steps, this asks for what they come to: who holds a name,
who is next, who is told. Letters with numbers (U1, C4, D9 …) are those of dlock's own tests, and those
that its tests ought to have had (D1 and D15 need processes and endpoints, so they are elsewhere); each
runs on managers with separate connections. It never skips.
"""

from __future__ import annotations

from coordination.testing.recipes.cancelling import CancelCases
from coordination.testing.recipes.crowds import CrowdCases
from coordination.testing.recipes.doubting import DoubtCases
from coordination.testing.recipes.harness import RecipeHarness
from coordination.testing.recipes.inspecting import InspectCases
from coordination.testing.recipes.locking import LockCases
from coordination.testing.recipes.losing import LossCases
from coordination.testing.recipes.releasing import ReleaseCases
from coordination.testing.recipes.scheduling import SchedulingCases
from coordination.testing.recipes.telling import CommitCases, TellCases
from coordination.testing.recipes.using import UseCases

__all__ = ["RecipeContract", "RecipeHarness"]


class RecipeContract(
    SchedulingCases,
    LockCases,
    UseCases,
    CancelCases,
    DoubtCases,
    CrowdCases,
    ReleaseCases,
    LossCases,
    InspectCases,
    TellCases,
    CommitCases,
):
    """Everything that a program relies on that takes locks."""
