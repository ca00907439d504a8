"""The acceptance cases of leadership, for the managers on any store, and for both faces.

    class TestLeadingOnMyStore(LeaderContract):
        @pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
        def harness(self, request: pytest.FixtureRequest) -> LeaderHarness:
            clock = FakeClock()
            store = MyStore(clock)
            return LeaderHarness(
                lambda: store, clock.advance, period=10.0, clock=clock, aio=request.param
            )

It asks what everything comes to: who leads, who may not, what is told to whose work, and what is over
before the next one begins. Letters with numbers are those of the systems it stands for: P, L and D of
bobg/lease (its D5 to D8 are asked of leases, in `FleetContract`), V, A, I, T and `fleet_d` of fleet.
Where time passes, a harness with a fake clock lets it pass at once; on real servers the same things
happen in the same order, and it waits for the server's own expiry. It never skips.
"""

from __future__ import annotations

from coordination.testing.leading.doubting import DoubtCases
from coordination.testing.leading.electing import ElectCases
from coordination.testing.leading.gating import GateCases
from coordination.testing.leading.harness import LeaderHarness
from coordination.testing.leading.outcomes import RunCases
from coordination.testing.leading.pacing import PaceCases
from coordination.testing.leading.proclaiming import ProclaimCases
from coordination.testing.leading.providing import ProviderCases
from coordination.testing.leading.reconciling import ReconcileCases
from coordination.testing.leading.taking import TakeoverCases
from coordination.testing.leading.terms import TermCases
from coordination.testing.leading.transferring import TransferCases
from coordination.testing.leading.upgrading import UpgradeCases

__all__ = ["LeaderContract", "LeaderHarness"]


class LeaderContract(
    ProviderCases,
    ElectCases,
    RunCases,
    TermCases,
    PaceCases,
    ProclaimCases,
    GateCases,
    TakeoverCases,
    UpgradeCases,
    TransferCases,
    DoubtCases,
    ReconcileCases,
):
    """Everything that a program relies on that has leaders."""
