"""One client of a simulated world: its clock, its line to the store, its tasks, its mailbox."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from coordination.runtime import Runtime
from coordination.store import Store
from coordination.testing.simulation.line import line_to
from coordination.testing.simulation.runtime import SimulatedClock, SimulatedRuntime
from coordination.testing.simulation.turns import Event, Mailbox, Task, Turn, unheard

if TYPE_CHECKING:
    from coordination.testing.simulation.world import World


Result = TypeVar("Result")
Option = TypeVar("Option")


class Client:
    """A process of its own: it shares nothing with the others but the store."""

    def __init__(self, world: World, number: int, name: str, rate: float) -> None:
        self.name = name
        self.world = world
        self.clock = SimulatedClock(world, rate, 1_000.0 * (number + 1))
        self.line = line_to(type(world.store))(world, self, world.store)
        self.store = cast(Store, self.line)
        self.runtime: Runtime = SimulatedRuntime(self)
        self.crashed = False
        self.frozen = False
        self.lingers = False
        """Whether the answer to the request under way will be heard of only at another turn."""
        self.lingered_at = -1e9
        """When, in true time, that last happened."""
        self.troubled_until = -1e9
        """When, in true time, the last thing that went wrong for it was over."""
        self.tasks: list[Task] = []
        self.backlog: list[Turn] = []
        self._stalled: list[Turn] = []
        self._mailbox = Mailbox(self)

    def __repr__(self) -> str:
        return self.name

    @property
    def cut(self) -> bool:
        """Whether nothing comes through to the store, and from it."""
        return self.world.now < self.line.cut_until

    # What a scenario starts.

    def start(self, work: Coroutine[Any, Any, object], *, cancellable: bool = False) -> Task:
        """Do this in the foreground: the schedule ends some time after all of that has ended."""
        self.world.unfinished += 1
        task = Task(self, work, foreground=True, cancellable=cancellable)
        self.tasks.append(task)
        self.take_turn(task)
        return task

    def background(self, work: Coroutine[Any, Any, object]) -> Task:
        """Do this in the background, up to its first request at once: nobody waits for its end."""
        task = Task(self, work, foreground=False, cancellable=False)
        self.tasks.append(task)
        if self.frozen or self.clock.late_by:
            self.take_turn(task)
        else:
            task.go()
        return task

    def at(self, due: float, call: Callable[[], object]) -> None:
        """Run this as a turn of this client at a point on its clock, or now if that has passed."""
        turn = Event(self, call)
        self.world.at(max(self.world.now, self.clock.true(due)), partial(self.take_turn, turn))

    def soon(self, call: Callable[[], object]) -> None:
        """Run this as a turn of this client."""
        self.take_turn(Event(self, call))

    def make(self, step: Callable[[], Result]) -> Result:
        """Make the requests of one step."""
        self.line.asked = 0
        self.clock.stepping = True
        try:
            return step()
        finally:
            self.clock.stepping = False

    def make_unheard(self, step: Callable[[], object]) -> None:
        """The same, although whoever asked for it has gone."""
        unheard(partial(self.make, step))
        self.catch_up()

    def catch_up(self) -> None:
        """What the last step took: nothing of the client runs for so long."""
        if self.clock.late_by:
            late, self.clock.late_by = self.clock.late_by, 0.0
            self.freeze(late)

    def among(self, options: Sequence[Option]) -> Option:
        """One of these: a choice of the schedule, if there is more than one."""
        return options[self.world.choose(len(options))] if len(options) > 1 else options[0]

    async def sleep(self, seconds: float) -> None:
        """Let time pass on this client's clock."""
        await self.runtime.wait(self.runtime.signal(), seconds)

    # What becomes of it.

    def take_turn(self, turn: Turn) -> None:
        """It is ready to go on: the schedule decides when."""
        if self.crashed:
            return
        (self.backlog if self.frozen else self.world.ready).append(turn)

    def withdraw(self, turn: Turn) -> None:
        """It is not ready after all."""
        for waiting in (self.world.ready, self.backlog, self._stalled):
            if turn in waiting:
                waiting.remove(turn)

    def stall(self, turn: Turn, seconds: float) -> None:
        """A turn that is ready comes so many true seconds later."""
        self.trouble(seconds)
        self.world.ready.remove(turn)
        self._stalled.append(turn)
        self.world.at(self.world.now + seconds, partial(self._go_on, turn))

    def mail(self, notify: Callable[[Any], object], *news: Any) -> None:
        """A notification is on its way."""
        self._mailbox.put(partial(notify, *news))

    def crash(self) -> None:
        """It is gone from one instant to the next; what it wrote stays as it is."""
        self.crashed = True
        self.line.cut()
        self.world.ready = [turn for turn in self.world.ready if turn.client is not self]
        self.world.unfinished -= sum(task.foreground and not task.done for task in self.tasks)

    def freeze(self, seconds: float) -> None:
        """Nothing of it runs for so many true seconds, as after SIGSTOP."""
        self.stop()
        self.trouble(seconds)
        self.world.at(self.world.now + seconds, self.thaw)

    def stop(self) -> None:
        """Nothing of it runs until it is thawed."""
        self.frozen = True
        self.backlog += [turn for turn in self.world.ready if turn.client is self]
        self.world.ready = [turn for turn in self.world.ready if turn.client is not self]

    def trouble(self, seconds: float) -> None:
        """Something goes wrong for so many seconds."""
        self.troubled_until = max(self.troubled_until, self.world.now + seconds)

    def cut_off(self, seconds: float) -> None:
        """Nothing comes through between it and the store for so many true seconds."""
        self.line.cut_until = max(self.line.cut_until, self.world.now + seconds)
        self.trouble(seconds)
        self.withdraw(self._mailbox)
        self._mailbox.queued = False
        self.world.at(self.line.cut_until, self._mailbox.again)

    def slow(self, seconds: float) -> None:
        """An answer took so long: what is done about it is done then, and nothing before."""
        self.clock.late_by = seconds

    def _go_on(self, turn: Turn) -> None:
        if turn in self._stalled:
            self._stalled.remove(turn)
            self.take_turn(turn)

    def thaw(self) -> None:
        """It goes on."""
        self.frozen = False
        self.world.ready += self.backlog
        self.backlog = []
