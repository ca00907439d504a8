"""What can have a turn in a simulated world: a task, a notification, a call at its time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from coordination.testing.simulation.store import Crashed

if TYPE_CHECKING:
    from coordination.testing.simulation.client import Client
    from coordination.testing.simulation.runtime import SimulatedSignal


class Cancelled(BaseException):
    """Raised in a task where it is cancelled, as asyncio or a KeyboardInterrupt would."""


class Turn:
    """Something that is ready, of one client or (`client` is None) of the network.

    `step` is what a task is about to ask the store, None for anything else.
    """

    __slots__ = ("client", "step")

    client: Client | None
    step: Callable[[], object] | None

    def go(self) -> None:
        """Have the turn."""
        raise NotImplementedError


class Event(Turn):
    """A call that is made once."""

    __slots__ = ("_call",)

    def __init__(self, client: Client | None, call: Callable[[], object]) -> None:
        self.client = client
        self.step = None
        self._call = call

    def go(self) -> None:
        """Make it."""
        self._call()

    def __repr__(self) -> str:
        return f"{self.client}: a call that is due"


class Mailbox(Turn):
    """The notifications for one client, one for each turn, in the order in which they were sent."""

    __slots__ = ("_letters", "queued")

    def __init__(self, client: Client) -> None:
        self.client = client
        self.step = None
        self.queued = False
        self._letters: deque[Callable[[], object]] = deque()

    def put(self, letter: Callable[[], object]) -> None:
        """Deliver it some time."""
        self._letters.append(letter)
        self.again()

    def go(self) -> None:
        """Deliver the first."""
        self._letters[0]()
        self.drop()

    def drop(self) -> None:
        """Lose the first."""
        self._letters.popleft()
        self.queued = False
        self.again()

    def again(self) -> None:
        """Have a turn, if there is anything to deliver and a way to do so."""
        assert self.client is not None
        if self._letters and not self.queued and not self.client.cut:
            self.queued = True
            self.client.take_turn(self)

    def __repr__(self) -> str:
        return f"{self.client}: a notification"


class Waiting:
    """What a task yields in order to wait. To call it yields the step, and None to let others go first."""

    __slots__ = ("signal", "timeout")

    def __init__(self, signal: SimulatedSignal, timeout: float | None) -> None:
        self.signal = signal
        self.timeout = timeout


class Task(Turn):
    """A coroutine of a client, on its way."""

    __slots__ = ("_coroutine", "_waiting", "cancellable", "done", "foreground", "name", "result")

    client: Client

    def __init__(
        self, client: Client, work: Coroutine[Any, Any, object], *, foreground: bool, cancellable: bool
    ) -> None:
        self.client = client
        self.step = None
        self.foreground = foreground
        self.cancellable = cancellable
        self.done = False
        self.result: object = None
        self.name = getattr(work, "__name__", "task")
        self._coroutine = work
        self._waiting: Waiting | None = None

    def __repr__(self) -> str:
        return f"{self.client}.{self.name}"

    @property
    def asleep(self) -> bool:
        """Whether it waits for a signal or for time to pass."""
        return self._waiting is not None

    def go(self) -> None:
        """Go on to the next suspension."""
        self.step = None
        self._go(self._coroutine.send, None)

    def wake(self, waiting: Waiting) -> None:
        """What it waited for came, or its time is up; nothing if it is not waiting for that any more."""
        if self._waiting is waiting:
            self._waiting = None
            self.client.take_turn(self)

    def cancel(self) -> None:
        """Raise `Cancelled` where it is; a request under way goes on without it."""
        if self.step is not None:
            self.client.soon(partial(self.client.make_unheard, self.step))
        self.client.withdraw(self)
        self.step, self._waiting = None, None
        self._go(self._coroutine.throw, Cancelled())

    def close(self) -> None:
        """The world ends; nothing that the coroutine still does has any effect."""
        try:
            self._coroutine.close()
        except (Crashed, RuntimeError, Exception):  # noqa: BLE001
            return

    def _go(self, resume: Callable[[Any], object], value: object) -> None:
        try:
            what = resume(value)
        except StopIteration as end:
            self.result = end.value
            self._ended()
        except Cancelled:
            self._ended()
        except Crashed:  # In the middle of a step: nobody waits for the rest of it.
            return
        else:
            self._suspended(what)
        self.client.catch_up()

    def _suspended(self, what: object) -> None:
        if not isinstance(what, Waiting):
            self.step = what if callable(what) else None
            self.client.take_turn(self)
            return
        self._waiting = what
        what.signal.waiting.append((self, what))
        if what.timeout is not None:
            clock = self.client.clock
            self.client.world.at(clock.true(clock.now() + what.timeout), partial(self.wake, what))

    def _ended(self) -> None:
        self.done = True
        self.client.tasks.remove(self)
        if self.foreground:
            self.client.world.unfinished -= 1


def unheard(step: Callable[[], object]) -> None:
    """Run a request although whoever asked for it has gone."""
    try:
        step()
    except (Exception, Crashed):  # noqa: BLE001 - nobody is there to hear of it
        return
