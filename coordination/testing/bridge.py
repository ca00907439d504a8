"""Driving the asyncio face from blocking tests, so that one suite serves both faces.

    bridge = Bridge()
    manager = bridge.connect(store, clock=clock)   # used like a blocking manager
    ...
    manager.close()
    bridge.close()

Everything is called on one event loop, which runs on a thread of its own, and awaited there if it has
to be. What comes back from the asyncio face, and what callbacks are handed, is wrapped in turn.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from functools import partial
from inspect import isawaitable
from typing import Any, cast

from coordination import aio
from coordination.manager import Manager
from coordination.store import Store

_BOUND = 120.0
"""Real seconds after which a call counts as hung; longer than any store may take."""

_FACE = "coordination.aio"


class Bridge:
    """An event loop on a thread of its own, for any number of managers."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bridge", daemon=True)
        self._thread.start()

    def connect(self, target: str | Store | None = None, **options: Any) -> Manager:
        """As `coordination.connect`: the asyncio face, to be called like the blocking one."""
        return cast(Manager, Bridged(self, aio.connect(target, **options)))

    def drive(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call it on the loop, and await its answer if it is to be awaited; not for use on the loop."""
        handed = [self._handed(it) for it in args]
        named = {name: self._handed(it) for name, it in kwargs.items()}

        async def call() -> Any:
            answer = function(*handed, **named)
            return await answer if isawaitable(answer) else answer

        return self._wrapped(asyncio.run_coroutine_threadsafe(call(), self.loop).result(_BOUND))

    def close(self) -> None:
        """End the loop and its thread. Close the managers before."""
        asyncio.run_coroutine_threadsafe(self.loop.shutdown_default_executor(), self.loop).result(_BOUND)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_BOUND)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.close()

    def _wrapped(self, answer: Any) -> Any:
        if isinstance(answer, list):
            return [self._wrapped(it) for it in answer]
        if isinstance(answer, AsyncGenerator):
            return self._iterated(answer)
        return Bridged(self, answer) if type(answer).__module__.startswith(_FACE) else answer

    def _handed(self, argument: Any) -> Any:
        if isinstance(argument, Bridged):
            return argument.bridged
        return partial(self._call_back, argument) if callable(argument) else argument

    async def _call_back(self, callback: Callable[..., Any], *args: Any) -> Any:
        """On another thread than the loop's, where it may use what it is handed."""
        return await asyncio.to_thread(callback, *map(self._wrapped, args))

    def _iterated(self, states: AsyncGenerator[Any, None]) -> Iterator[Any]:
        try:
            while True:
                try:
                    state = self.drive(states.__anext__)
                except StopAsyncIteration:
                    return
                yield state
        finally:
            self.drive(states.aclose)


class Bridged:
    """Something of the asyncio face, with its methods called on the loop; equal if it stands for the same."""

    def __init__(self, bridge: Bridge, bridged: Any) -> None:
        self._bridge = bridge
        self.bridged = bridged

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.bridged, name)
        return partial(self._bridge.drive, value) if callable(value) else value

    def __enter__(self) -> Any:
        return self._bridge.drive(self.bridged.__aenter__)

    def __exit__(self, *raised: Any) -> Any:
        return self._bridge.drive(self.bridged.__aexit__, *raised)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bridged) and self.bridged == other.bridged

    def __hash__(self) -> int:
        return hash(self.bridged)

    def __repr__(self) -> str:
        return repr(self.bridged)
