"""What a simulation is about: who does what, and what must never be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coordination.testing.simulation.store import SimulatedStore

if TYPE_CHECKING:
    from coordination.testing.simulation.world import World


class Violation(AssertionError):
    """What must never be seen was seen. Say in a sentence what."""


class Scenario:
    """Override what you need. One object serves one schedule: keep what you check in its attributes.

    A check raises `Violation`, or asserts. It must not change anything.
    """

    def store(self, world: World) -> SimulatedStore:
        """The store everybody talks to."""
        return SimulatedStore(world)

    def begin(self, world: World) -> None:
        """Make the clients by `world.client(name)`, and start what they do by `client.start(...)`."""
        raise NotImplementedError

    def after_step(self, world: World) -> None:
        """Called after each step of anybody."""

    def at_rest(self, world: World) -> None:
        """Called when nobody has anything left to do until time passes."""

    def settled(self, world: World) -> bool:
        """Asked after everybody has finished: whether nothing more is expected to happen."""
        return False

    def at_end(self, world: World) -> None:
        """Called at the end of the schedule."""
