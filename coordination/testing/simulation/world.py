"""One schedule of a scenario: whose turn it is, what becomes of that turn, and when time passes.

Time stands still while anybody is ready; it jumps to the next point at which something is due when
nobody is. Whoever is ready may be made to wait all the same, by the faults that delay.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from coordination.testing.simulation.between import Between
from coordination.testing.simulation.choices import Choices, Fault
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.fates import Fate, Limits
from coordination.testing.simulation.faults import Faults
from coordination.testing.simulation.runtime import SimulatedClock
from coordination.testing.simulation.scenario import Violation
from coordination.testing.simulation.turns import Event, Turn, unheard

if TYPE_CHECKING:
    from coordination.testing.simulation.scenario import Scenario


NOTHING: list[Fault] = []


class World:
    """The true time, the store, the clients, and whoever is ready to go on."""

    def __init__(
        self, scenario: Scenario, limits: Limits, choices: Choices, story: list[str] | None = None
    ) -> None:
        self.now = 0.0
        self.limits = limits
        self.story = story
        self.counted = False
        """Whether a client crashed or an answer got lost."""
        self.ready: list[Turn] = []
        self.unfinished = 0
        self.underway = 0
        """Requests that will reach the store although nobody waits for them any more."""
        self.clients: list[Client] = []
        self.clock = SimulatedClock(self, 1.0, 0.0)
        self.store = scenario.store(self)
        self._scenario = scenario
        self._choices = choices
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._timed = 0
        self._faults = Faults(limits)
        self.between = Between(self, choices, self._faults)
        self._ending = False
        self._turns = 0
        self._ends_at = limits.seconds

    # For scenarios.

    def client(self, name: str) -> Client:
        """A new client, a process of its own."""
        number = len(self.clients)
        rate = 1.0 + self._choices.rate(number) * self.limits.skew
        made = Client(self, number, name, rate)
        self.clients.append(made)
        return made

    def choose(self, options: int) -> int:
        """A choice of the scenario's own, from 0 on: a part of the schedule like all others."""
        return self._choices.pick(options)

    def tell(self, what: str) -> None:
        """Add a line to the story of a schedule that is replayed."""
        if self.story is not None:
            self.story.append(f"{self.now:10.3f}  {what}")

    # For clients and stores.

    def at(self, due: float, call: Callable[[], object]) -> None:
        """Make a call at a point of true time."""
        self._timed += 1
        heapq.heappush(self._timers, (due, self._timed, call))

    def late(self, request: Callable[[], object]) -> None:
        """A request reaches the store later than anybody waits for it: nobody hears of its answer either."""
        self.underway += 1

        def land() -> None:
            self.underway -= 1
            unheard(request)

        self.at(self.now + self.length(), partial(self.ready.append, Event(None, land)))

    def length(self) -> float:
        """How long a delay takes."""
        return self.limits.lengths[self.choose(len(self.limits.lengths))]

    # The schedule.

    def run(self) -> None:
        """From beginning to end; raises what the scenario's checks and the clients' tasks raise."""
        scenario = self._scenario
        try:
            scenario.begin(self)
            while self._step():
                if self.between.failure is not None:
                    raise self.between.failure
                scenario.after_step(self)
            scenario.at_end(self)
        finally:
            self._close()

    def _step(self) -> bool:
        """One turn, or time passing until somebody has one; False at the end."""
        if self._timers and self._timers[0][0] <= self.now:
            self._fire()
        if not self.ready:
            return self._rest()
        self.turn()
        return True

    def turn(self) -> None:
        """Somebody who is ready goes on, or something goes wrong."""
        self._turns += 1
        if self._turns > self.limits.steps:
            raise Violation(f"no end: of {self._unfinished()}, after {self.limits.steps} steps")
        plain, faults, chosen = len(self.ready), NOTHING, 0
        if self._faults.left:
            if self._choices.considers_faults():
                faults = self._faults.possible(self)
                chosen = self._choices.pick(plain, faults)
            elif plain > 1:
                chosen = self._choices.pick(plain)
            else:
                self._choices.trace.append(0)
        elif plain > 1:
            chosen = self._choices.pick(plain)
        if chosen < plain:
            self.ready.pop(chosen).go()
        else:
            self._faults.strike(self, *faults[chosen - plain])

    def check(self) -> None:
        """Have the scenario look, after a step within a step."""
        self._scenario.after_step(self)

    def pass_time(self, until: float) -> bool:
        """Let time pass to the next point at which something is due; False if that is not before `until`."""
        if not self._timers or self._timers[0][0] >= until:
            return False
        self.now = max(self.now, self._timers[0][0])
        self._fire()
        return True

    def _rest(self) -> bool:
        """Nobody is ready: let time pass until somebody is; False at the end."""
        if not self.unfinished and not self._ending:
            self._ending = True
            self._faults.left = 0
            self._ends_at = self.now + self.limits.settle
        scenario = self._scenario
        scenario.at_rest(self)
        if not self.unfinished and scenario.settled(self):
            return False
        while self.pass_time(self._ends_at):
            if self.ready:
                return True
        if self.unfinished:
            raise Violation(f"no end: of {self._unfinished()}, {self.now:.0f} s after the beginning")
        self.now = self._ends_at
        return False

    def _fire(self) -> None:
        """Whatever is due now."""
        while self._timers and self._timers[0][0] <= self.now:
            heapq.heappop(self._timers)[2]()

    def _unfinished(self) -> str:
        tasks = [task for client in self.clients if not client.crashed for task in client.tasks]
        return ", ".join(repr(task) for task in tasks if task.foreground) or "what goes on in the background"

    def _close(self) -> None:
        """Whatever is still under way ends here, and what it does in ending has no effect."""
        for client in self.clients:
            client.crashed = True
            client.line.fate = Fate.CRASH
        for client in self.clients:
            for task in client.tasks:
                task.close()
