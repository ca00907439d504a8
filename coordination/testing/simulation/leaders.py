"""The library's own leader election under simulation, on a simulated store.

`Elections`: candidates of one version. `Takeovers`: newer versions come and take over from older ones.
"""

from __future__ import annotations

from coordination.testing.simulation.leader_parts import Leaders
from coordination.testing.simulation.store import GuardedStore, PlainStore, SimulatedStore
from coordination.testing.simulation.world import World


class Elections(Leaders):
    """Among equals."""


class PlainElections(Elections):
    """The same on a store that has only what the contract asks for, and tells nobody of expiry."""

    def store(self, world: World) -> SimulatedStore:
        """Only tries find out that somebody is gone."""
        return PlainStore(world)


class Takeovers(Leaders):
    """Newer versions come while an older one works."""

    versions = ((1,), (2, 1), (2, 3, 1))
    ttls = (6.0, 3.0)
    work_for = (9.0, 0.5)
    parts = (Leaders.leads, Leaders.leads, Leaders.hurries, Leaders.again, Leaders.hands_over, Leaders.closes)


class PlainTakeovers(Takeovers):
    """The same on a store that tells nobody of expiry."""

    def store(self, world: World) -> SimulatedStore:
        """Only tries find out that somebody is gone."""
        return GuardedStore(world)


class Chains(Leaders):
    """A newer version comes while a new one still waits for the end of an old one, which takes its time."""

    versions = ((1,), (2,), (3,))
    ttls = (6.0, 3.0)
    come_at = ((0.0,), (1.0,), (2.0, 4.0))
    work_for = (15.0,)
    wind_up_for = (1.5, 9.0)
    parts = (Leaders.leads,)
