"""The conformance suite that every store passes: one small test for each promise of the contract.

    class TestMyStore(StoreContract, GuardedWritesContract, BatchedRenewalsContract):
        @pytest.fixture
        def harness(self, tmp_path: Path) -> StoreHarness:
            clock = FakeClock()
            return StoreHarness(lambda: MyStore(tmp_path, clock), clock.advance, ttl=10.0)

It asserts what `coordination.store` promises and not more: that indexes rise, not by how much; that
an unrenewed session dies within its granted ttl and the harness's slack, not when. It never skips.
A store that offers `GuardedWrites`, `BatchedRenewals`, `Queues`, `Departures` or `Proofs` has to run
that suite too; `StoreContract` fails if it does not, and also if it runs one whose calls it does not
offer.
For failures that explain themselves call
`pytest.register_assert_rewrite("coordination.testing")` in the `conftest.py`.
"""

from __future__ import annotations

from coordination.testing.contract.base import Contract, contract_tests
from coordination.testing.contract.batched import BatchedRenewalsContract
from coordination.testing.contract.closing import ClosingRules
from coordination.testing.contract.creating import CreateRules
from coordination.testing.contract.departures import DeparturesContract
from coordination.testing.contract.guarded import GuardedWritesContract
from coordination.testing.contract.ordering import OrderRules
from coordination.testing.contract.proofs import ProofsContract
from coordination.testing.contract.queues import QueuesContract
from coordination.testing.contract.races import RaceRules
from coordination.testing.contract.reading import ReadRules
from coordination.testing.contract.replacing import ReplaceRules
from coordination.testing.contract.sessions import SessionRules
from coordination.testing.contract.values import ValueRules
from coordination.testing.contract.watching import WatchRules

__all__ = [
    "BatchedRenewalsContract",
    "Contract",
    "DeparturesContract",
    "GuardedWritesContract",
    "ProofsContract",
    "QueuesContract",
    "StoreContract",
    "contract_tests",
]


class StoreContract(
    SessionRules,
    CreateRules,
    ReplaceRules,
    OrderRules,
    ReadRules,
    ValueRules,
    WatchRules,
    RaceRules,
    ClosingRules,
):
    """Everything that `coordination.store.Store` promises."""
