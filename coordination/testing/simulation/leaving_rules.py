"""What must not be left behind by anybody who did not crash: records, sessions, work in the ledgers."""

from __future__ import annotations

from coordination.testing.simulation.client import Client
from coordination.testing.simulation.keeper import SimulatedKeeper
from coordination.testing.simulation.scenario import Scenario, Violation
from coordination.testing.simulation.world import World


class LeavingRules(Scenario):
    """Looks at the end, when everything has had time to go."""

    def __init__(self) -> None:
        self.keepers: dict[Client, SimulatedKeeper] = {}

    def enlist(self, client: Client) -> SimulatedKeeper:
        """The client has a manager from now on."""
        keeper = self.keepers[client] = SimulatedKeeper(client)
        return keeper

    def settled(self, world: World) -> bool:
        """Nothing is there, and nothing is on its way that could appear."""
        return not (world.underway or self.left(world))

    def at_end(self, world: World) -> None:
        """Nothing is left, but what is meant to stay."""
        if left := self.left(world):
            raise Violation(f"left behind: {left}")

    def left(self, world: World) -> list[str]:
        """Records of sessions, those sessions, leases that are kept alive, and holds."""
        ours = {
            shared.session.id
            for keeper in self.keepers.values()
            if not keeper.closed
            for shared in keeper.sharing.sessions()
        }
        left = [f"session {it.lstrip('0')}" for it in world.store.alive() if it not in ours]
        records = [it for it in world.store.under("/") if it.session is not None]
        left += [it.key for it in records if not it.key.startswith("/sentinels/")]
        for client, keeper in self.keepers.items():
            if not (client.crashed or keeper.closed):
                left += [f"{lease!r} of {client}" for lease in keeper.kept()]
                left += [f"{key} in its ledger" for it in keeper.sharing.sessions() for key in it.places]
        return left
