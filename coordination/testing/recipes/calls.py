"""Calls under way in the background, on a thread or as a task: waited for, or cancelled."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any

from coordination.testing.bridge import Bridge, Bridged
from coordination.testing.recipes.interrupting import Interrupted, Interruptible

BOUND = 60.0
"""Real seconds after which a call counts as hung; far above what any store needs."""


class Call(ABC):
    """One call, begun."""

    def __init__(self) -> None:
        self._future: Future[Any] = Future()

    @property
    def done(self) -> bool:
        """Whether it answered, or raised."""
        return self._future.done()

    def answer(self, within: float = BOUND) -> Any:
        """What it answers, or the exception that it raised; fails if it does not end in time."""
        self.ended(within)
        return self._future.result(0)

    def ended(self, within: float = BOUND) -> BaseException | None:
        """What it raised, or None; fails if it does not end in time."""
        try:
            return self._future.exception(within)
        except TimeoutError:
            raise AssertionError(f"a call did not end within {within} s") from None

    def cancel(self) -> None:
        """Cancel it, and fail unless it ends by that: asyncio's way, or as by a KeyboardInterrupt."""
        self.interrupt()
        error = self.ended()
        assert isinstance(error, (Interrupted, asyncio.CancelledError)), f"it was not cancelled: {error!r}"

    @abstractmethod
    def interrupt(self) -> None:
        """Cancel it, without waiting for that. Within the call itself (a store's hook), it may raise."""


class ThreadCall(Call):
    """A blocking call, on a thread of its own."""

    def __init__(self, clock: Interruptible, function: Callable[[], Any]) -> None:
        super().__init__()
        self._clock = clock
        self._function = function
        self._ending = threading.Lock()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="call", daemon=True)
        self._thread.start()

    def interrupt(self) -> None:
        """At its next wait on the clock; at once if it asks for that itself."""
        thread = self._thread.ident
        if thread == threading.get_ident():
            raise Interrupted
        with self._ending:
            if thread is not None and not self._over:
                self._clock.interrupt(thread)

    def _run(self) -> None:
        try:
            answer = self._function()
        except BaseException as error:  # noqa: BLE001 - handed to whoever asks
            self._future.set_exception(error)
        else:
            self._future.set_result(answer)
        finally:
            with self._ending:  # Another thread may soon have its number.
                self._over = True
                self._clock.forget(threading.get_ident())


class TaskCall(Call):
    """A call of the asyncio face, as a task of the bridge's loop."""

    def __init__(self, bridge: Bridge, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self._bridge = bridge
        self._task: asyncio.Task[Any] | None = None
        bridge.loop.call_soon_threadsafe(self._start, partial(function, *args, **kwargs))

    def interrupt(self) -> None:
        """Cancel the task."""
        self._bridge.loop.call_soon_threadsafe(self._cancel)

    def _start(self, function: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._task = self._bridge.loop.create_task(function())
        self._task.add_done_callback(self._done)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _done(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():  # Perhaps before it began.
            self._future.set_exception(asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            self._future.set_exception(error)
        else:
            answer = task.result()
            wrap = type(answer).__module__.startswith("coordination.aio")
            self._future.set_result(Bridged(self._bridge, answer) if wrap else answer)
