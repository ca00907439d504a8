"""The user's callbacks, on his event loop: functions are called there, coroutine functions become tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from coordination._asyncio import AsyncioRuntime
from coordination.notifier import Notifier


class Teller:
    """Calls back on the loop of a runtime; what goes wrong there is told as an event, and ends nothing.

    A loop that is closed calls nobody: code written for it must not run on some other thread instead.
    An event says so, and what the callback was about is seen by whoever looks.
    """

    def __init__(self, runtime: AsyncioRuntime, notifier: Notifier) -> None:
        self._runtime = runtime
        self._notifier = notifier
        self._tasks: set[asyncio.Future[Any]] = set()  # A loop keeps its tasks alive by nothing else.

    def tell(self, callback: Callable[..., object], *args: object) -> None:
        """Have it called soon; from any thread."""
        if not self._runtime.tell(partial(self._call, callback, args)):
            self._notifier.warning("callback-dropped", callback=repr(callback), error="the loop is closed")

    def warning(self, event: str, **fields: object) -> None:
        """Have an event logged, off the loop: a log handler may block."""
        self._notifier.warning(event, **fields)

    def _call(self, callback: Callable[..., object], args: tuple[object, ...]) -> None:
        try:
            answer = callback(*args)
            if isinstance(answer, Awaitable):
                task = asyncio.ensure_future(answer)
                self._tasks.add(task)
                task.add_done_callback(self._done)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - the user's code may raise anything, also CancelledError
            self._raised(error)

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._raised(error)

    def _raised(self, error: BaseException) -> None:
        self._notifier.warning("callback-raised", error=repr(error))
