"""The two faces of the recipes, called in the same way, so that one text of the suite serves both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from coordination import LockScheduler, Once, aio, connect
from coordination.clock import Clock
from coordination.hold import Hold
from coordination.lock import Lock
from coordination.manager import Manager
from coordination.testing.bridge import Bridge, Bridged
from coordination.testing.recipes.calls import BOUND, Call, TaskCall, ThreadCall
from coordination.testing.recipes.interrupting import Interruptible


class Face(Protocol):
    """What differs between them; everything else is called by its name."""

    def connect(self, target: Any, **options: Any) -> Manager:
        """Another manager."""
        ...

    def begin(self, of: Any, verb: str, *args: Any, **kwargs: Any) -> Call:
        """Call `of.verb(…)` in the background: a thread, or a task."""
        ...

    def within(self, lock: Lock, body: Callable[[Hold], Any]) -> Any:
        """Run `body(hold)` in a `with lock`, or `async with`."""
        ...

    def decorated(self, lock: Lock, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, decorated with the lock."""
        ...

    def scheduler(self) -> LockScheduler:
        """A new turn-taker."""
        ...

    def once(self) -> Once:
        """A new action that is run once at most."""
        ...

    def close(self) -> None:
        """End it, after the managers."""
        ...


class Blocking:
    """`coordination`, on threads. Waits are on a clock that lets them be interrupted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = Interruptible(clock)

    def connect(self, target: Any, **options: Any) -> Manager:
        """Another manager."""
        return connect(target, **{**options, "clock": self._clock})

    def begin(self, of: Any, verb: str, *args: Any, **kwargs: Any) -> Call:
        """On a thread of its own."""
        return ThreadCall(self._clock, lambda: getattr(of, verb)(*args, **kwargs))

    def within(self, lock: Lock, body: Callable[[Hold], Any]) -> Any:
        """In a `with`."""
        with lock as hold:
            return body(hold)

    def decorated(self, lock: Lock, function: Callable[..., Any]) -> Callable[..., Any]:
        """As it is."""
        return lock(function)

    def scheduler(self) -> LockScheduler:
        """A new one."""
        return LockScheduler()

    def once(self) -> Once:
        """A new one."""
        return Once()

    def close(self) -> None:
        """There is nothing to end."""


class Asyncio:
    """`coordination.aio`, on one event loop on a thread of its own."""

    def __init__(self) -> None:
        self.bridge = Bridge()

    def connect(self, target: Any, **options: Any) -> Manager:
        """Another manager."""
        return self.bridge.connect(target, **options)

    def begin(self, of: Any, verb: str, *args: Any, **kwargs: Any) -> Call:
        """As a task of the loop."""
        return TaskCall(self.bridge, getattr(of.bridged, verb), *args, **kwargs)

    def within(self, lock: Lock, body: Callable[[Hold], Any]) -> Any:
        """In an `async with`."""

        async def entered() -> Any:
            async with cast(Any, lock).bridged as hold:
                return await asyncio.to_thread(body, cast(Hold, Bridged(self.bridge, hold)))

        return self._run(entered)

    def decorated(self, lock: Lock, function: Callable[..., Any]) -> Callable[..., Any]:
        """Driven on the loop."""

        async def awaited(*args: Any) -> Any:
            return await asyncio.to_thread(function, *args)

        locked = cast(Any, lock).bridged(awaited)
        return lambda *args: self._run(locked, *args)

    def scheduler(self) -> LockScheduler:
        """A new one."""
        return cast(LockScheduler, Bridged(self.bridge, aio.LockScheduler()))

    def once(self) -> Once:
        """A new one."""
        return cast(Once, Bridged(self.bridge, aio.Once()))

    def close(self) -> None:
        """The loop and its thread."""
        self.bridge.close()

    def _run(self, function: Callable[..., Any], *args: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(function(*args), self.bridge.loop).result(BOUND)
