"""The acceptance cases of pools of units, for the managers on any store, and for both faces.

    class TestPoolsOnMyStore(PoolContract):
        @pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
        def harness(self, request: pytest.FixtureRequest) -> RecipeHarness:
            ...

with the same harness as `RecipeContract`. Letters with numbers (K1, D8 …) are the cases of
intercom/lease (004) and those its tests ought to have had; fleet's ownership of units by machines (003)
is the other half. We differ from 004 on purpose where its answer is unsafe: who owns a unit is one
incarnation, never a lessee id, so there is no re-entrancy by name and no revival after expiry; a fresh
unit is obtainable at once; units can be given back; the store's clock decides. It never skips.
"""

from __future__ import annotations

from coordination.testing.pools.balancing import BalanceCases
from coordination.testing.pools.checkpoints import CheckpointCases
from coordination.testing.pools.defining import DefineCases
from coordination.testing.pools.doubting import DoubtfulUnitCases
from coordination.testing.pools.draining import DrainCases
from coordination.testing.pools.duplicates import DuplicateMachineCases, TellCases
from coordination.testing.pools.naming import NameCases
from coordination.testing.pools.obtaining import ClaimCases, ObtainCases
from coordination.testing.pools.owning import OwnCases
from coordination.testing.pools.stealing import StealCases
from coordination.testing.pools.storms import StormCases
from coordination.testing.pools.waiting import WaitCases

__all__ = ["PoolContract"]


class PoolContract(
    DefineCases,
    NameCases,
    ObtainCases,
    ClaimCases,
    WaitCases,
    OwnCases,
    CheckpointCases,
    StealCases,
    BalanceCases,
    DrainCases,
    StormCases,
    DoubtfulUnitCases,
    DuplicateMachineCases,
    TellCases,
):
    """Everything that a program relies on whose machines share units of work."""
