"""A runtime that suspends at every wait, and tasks that a test takes on step by step: no threads, no time."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from coordination.clock import Clock
from coordination.runtime import Signal

Result = TypeVar("Result")


class Cancelled(BaseException):
    """What a task is cancelled by, as asyncio does it."""


class Bell:
    """A `Signal`; `on_set` lets a test have something happen at exactly that moment."""

    def __init__(self) -> None:
        self.rung = False
        self.on_set: Callable[[], object] = lambda: None

    def set(self) -> None:
        """It happened."""
        self.rung = True
        self.on_set()

    def clear(self) -> None:
        """Forget that."""
        self.rung = False


@types.coroutine
def suspend() -> Generator[None, None, None]:
    """Leave it to the test when to go on."""
    yield


class Stepping:
    """A `Runtime`. While `slow`, each request is suspended before it is made and before it is answered."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.slow = False
        self.bells: list[Bell] = []
        self.unmade: list[Callable[[], object]] = []
        """Requests whose callers were cancelled before they were made; a thread would make them still."""

    def signal(self) -> Signal:
        """A new one."""
        self.bells.append(Bell())
        return self.bells[-1]

    async def wait(self, signal: Signal, timeout: float | None) -> bool:
        """Suspended until it is set, or the time is over on the clock."""
        assert isinstance(signal, Bell)
        until = None if timeout is None else self.clock.now() + timeout
        while not signal.rung and (until is None or self.clock.now() < until):
            await suspend()
        return signal.rung

    async def call(self, step: Callable[[], Result], *, leaving: bool = False) -> Result:
        """Make the request."""
        if not self.slow:
            return step()
        try:
            await suspend()
        except BaseException:
            self.unmade.append(step)
            raise
        answer = step()
        await suspend()
        return answer


class Task(Generic[Result]):
    """A recipe under way; it has taken its first steps."""

    def __init__(self, recipe: Coroutine[Any, Any, Result]) -> None:
        self._recipe = recipe
        self._result: list[Result] = []
        self.error: BaseException | None = None
        self.go()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return bool(self._result) or self.error is not None

    @property
    def result(self) -> Result:
        """What it returned; the test fails if it has not."""
        assert self._result, f"not returned: {self.error!r}"
        return self._result[0]

    def go(self, steps: int = 1) -> bool:
        """Take it on until it waits again, so many times at most; whether it has ended."""
        for _ in range(steps):
            if not self.done:
                self._step(lambda: self._recipe.send(None))
        return self.done

    def to_the_end(self) -> Result:
        """Take it on until it ends, which must be soon."""
        self.go(50)
        if self.error is not None:
            raise self.error
        return self.result

    def cancel(self, error: BaseException | None = None) -> bool:
        """Throw into it; whether it ended by that very error."""
        thrown = error or Cancelled()
        self._step(lambda: self._recipe.throw(thrown))
        return self.error is thrown

    def _step(self, step: Callable[[], object]) -> None:
        try:
            step()
        except StopIteration as end:
            self._result.append(end.value)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def close(self) -> None:
        """Nobody takes it on any more."""
        self._recipe.close()
