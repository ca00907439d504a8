"""What happens between two requests of one step: others go on, time passes, something goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coordination.testing.simulation.choices import Choices
from coordination.testing.simulation.faults import Faults
from coordination.testing.simulation.turns import Turn

if TYPE_CHECKING:
    from coordination.testing.simulation.client import Client
    from coordination.testing.simulation.world import World


class Between:
    """A step that makes several requests is not atomic; only its own client does nothing else meanwhile."""

    def __init__(self, world: World, choices: Choices, faults: Faults) -> None:
        self.failure: Exception | None = None
        """What a check found meanwhile: not the fault of whoever waits for an answer."""
        self._world = world
        self._choices = choices
        self._faults = faults

    def requests(self, client: Client) -> None:
        """One was answered, and the next one is about to be made."""
        late, client.clock.late_by = client.clock.late_by, 0.0
        if late:
            self._elapse(late)
        self._others()
        if self._faults.left and not client.cut:
            self._mishap(client)

    def _others(self) -> None:
        """Whoever else is ready may go on, unless he is in the middle of a step, and waits for this one."""
        while self.failure is None and (others := self._ready()) and self._choices.pick(2):
            turn = others[self._choices.pick(len(others)) if len(others) > 1 else 0]
            self._world.ready.remove(turn)
            self._checked(turn.go)

    def _elapse(self, seconds: float) -> None:
        """The answer took so long: everybody else goes on for that time, and who is in a step waits."""
        world = self._world
        until = world.now + seconds
        stopped = [client for client in world.clients if client.clock.stepping and not client.frozen]
        for client in stopped:
            client.stop()
        while self.failure is None:
            if world.ready:
                self._checked(world.turn)
            elif not world.pass_time(until):
                break
        world.now = max(world.now, until)
        for client in stopped:
            client.thaw()

    def _mishap(self, client: Client) -> None:
        """The next request may be struck by what may strike any, or the client be gone before it."""
        if not self._choices.considers_faults():
            self._choices.trace.append(0)
            return
        faults = self._faults.of_a_request(client)
        chosen = self._choices.pick(1, faults)
        if chosen:
            self._faults.strike_within(self._world, faults[chosen - 1][0], client)

    def _ready(self) -> list[Turn]:
        ready = self._world.ready
        return [turn for turn in ready if turn.client is None or not turn.client.clock.stepping]

    def _checked(self, go: Callable[[], object]) -> None:
        try:
            go()
            self._world.check()
        except Exception as failure:  # noqa: BLE001 - kept for the schedule, which ends with it
            self.failure = failure
