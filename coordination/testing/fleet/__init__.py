"""The acceptance cases of fleet's lease manager, for the managers on any store: get, acquire, steal.

    class TestFleetOnMyStore(FleetContract):
        @pytest.fixture
        def harness(self) -> ManagerHarness:
            clock = FakeClock()
            store = MyStore(clock)
            return ManagerHarness(lambda: store, clock.advance, period=10.0, clock=clock)

Where `StoreContract` asks a store for single steps, this asks for what they come to: who holds the
name, under which token and index, for how long, and who is told that he does not any more. Letters
with numbers (D5, R2, A3 …) are fleet's own cases, and those that its tests ought to have had: in
cases without them the sentence says what went wrong elsewhere. It never skips.
"""

from __future__ import annotations

from coordination.testing.fleet.acquiring import AcquireCases
from coordination.testing.fleet.doubts import DoubtCases
from coordination.testing.fleet.harness import ManagerHarness
from coordination.testing.fleet.identity import IdentityCases
from coordination.testing.fleet.looking import LookCases
from coordination.testing.fleet.periods import PeriodCases
from coordination.testing.fleet.releasing import ReleaseCases
from coordination.testing.fleet.renewing import RenewCases
from coordination.testing.fleet.stealing import StealCases
from coordination.testing.fleet.upgrades import UpgradeCases
from coordination.testing.fleet.values import ValueCases

__all__ = ["FleetContract", "ManagerHarness"]


class FleetContract(
    LookCases,
    AcquireCases,
    StealCases,
    IdentityCases,
    RenewCases,
    PeriodCases,
    ReleaseCases,
    ValueCases,
    UpgradeCases,
    DoubtCases,
):
    """Everything that fleet's users rely on, with the deviations that are ours on purpose."""
