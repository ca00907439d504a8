"""How time and waiting look to a client of a simulated world: its clock, its signals, its runtime."""

from __future__ import annotations

import types
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar, cast

from coordination.clock import Clock, Waitable
from coordination.runtime import Signal
from coordination.testing.simulation.store import Crashed
from coordination.testing.simulation.turns import Task, Waiting

if TYPE_CHECKING:
    from coordination.testing.simulation.client import Client
    from coordination.testing.simulation.world import World

Result = TypeVar("Result")


class SimulatedClock:
    """A `Clock` that runs at its own rate. Nobody can sleep on it: recipes wait by their runtime."""

    __slots__ = ("_began", "_rate", "_world", "late_by", "stepping")

    def __init__(self, world: World, rate: float, began: float) -> None:
        self._world = world
        self._rate = rate
        self._began = began
        self.late_by = 0.0
        """True seconds that an answer took which the client is just dealing with."""
        self.stepping = False
        """Whether a step is under way, which may take its time."""

    def now(self) -> float:
        """Seconds."""
        return self._began + (self._world.now + self.late_by) * self._rate

    def wall(self) -> float:
        """Unix seconds."""
        return 1_700_000_000.0 + self._world.now + self.late_by

    def true(self, point: float) -> float:
        """The true time of a point on this clock, or just after it: nobody is woken too early."""
        return (point - self._began) / self._rate + 1e-6

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Not in the simulator."""
        raise RuntimeError("what is simulated waits by `runtime.wait`")

    def sleep(self, seconds: float) -> None:
        """Within a step, between two requests; nowhere else."""
        if not self.stepping:
            raise RuntimeError("what is simulated waits by `runtime.wait`")
        self.late_by += seconds / self._rate


class SimulatedSignal:
    """A `Signal`; who waits for it is woken when it is set."""

    __slots__ = ("happened", "waiting")

    def __init__(self) -> None:
        self.happened = False
        self.waiting: list[tuple[Task, Waiting]] = []

    def set(self) -> None:
        """It happened."""
        self.happened = True
        if self.waiting:
            woken, self.waiting = self.waiting, []
            for task, waiting in woken:
                task.wake(waiting)

    def clear(self) -> None:
        """Forget that."""
        self.happened = False


@types.coroutine
def _suspend(what: object) -> Generator[object, None, None]:
    yield what


class SimulatedRuntime:
    """A `Runtime` that suspends at every step, so that the schedule decides who goes on."""

    __slots__ = ("_client", "clock")

    def __init__(self, client: Client) -> None:
        self._client = client
        self.clock: Clock = client.clock

    def signal(self) -> Signal:
        """A new one."""
        return SimulatedSignal()

    async def wait(self, signal: Signal, timeout: float | None) -> bool:
        """Suspended until it is set or the time is up, on the client's clock."""
        if self._client.crashed:
            raise Crashed
        ours = cast(SimulatedSignal, signal)
        if not ours.happened and (timeout is None or timeout > 0):
            await _suspend(Waiting(ours, timeout))
        return ours.happened

    async def call(self, step: Callable[[], Result], *, leaving: bool = False) -> Result:
        """Suspended before the step; whether it is applied and answered is the schedule's choice."""
        client = self._client
        if client.crashed:
            raise Crashed
        await _suspend(step)
        try:
            return client.make(step)
        finally:
            if client.lingers:
                client.lingers = False
                await _suspend(None)
