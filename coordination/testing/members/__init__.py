"""The acceptance cases of membership, for the managers on any store, and for both faces.

    class TestMembersOnMyStore(MembershipContract):
        @pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
        def harness(self, request: pytest.FixtureRequest) -> RecipeHarness:
            ...

with the same harness as `RecipeContract`. What fleet's machines do, who register their presence under
their machine id (003), and what its users asked for: that a second machine with the same id is refused
and told, instead of both fighting for the record (#615, #1181, #1241); that a machine whose session
died is there again by itself. It never skips.
"""

from __future__ import annotations

from coordination.testing.members.doubting import DoubtfulJoinCases
from coordination.testing.members.duplicates import DeadPredecessorCases, DuplicateCases
from coordination.testing.members.joining import JoinCases
from coordination.testing.members.naming import MemberNameCases
from coordination.testing.members.returning import ReturnCases
from coordination.testing.members.watching import WatchCases

__all__ = ["MembershipContract"]


class MembershipContract(
    JoinCases,
    MemberNameCases,
    WatchCases,
    ReturnCases,
    DuplicateCases,
    DeadPredecessorCases,
    DoubtfulJoinCases,
):
    """Everything that a program relies on that keeps a list of who is there."""
