"""One blocking request, made on a thread for a task that waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from coordination._asyncio.mailbox import Mailbox

Result = TypeVar("Result")


class Request(Generic[Result]):
    """`step`, once. `leaving`: also if nobody waits for it any more when its turn comes."""

    __slots__ = ("_answer", "_error", "_leaving", "_mailbox", "_step", "future")

    def __init__(self, mailbox: Mailbox, step: Callable[[], Result], *, leaving: bool) -> None:
        self._mailbox = mailbox
        self._step = step
        self._leaving = leaving
        self._answer: Result
        self._error: BaseException | None = None
        self.future: asyncio.Future[Result] = mailbox.loop.create_future()

    def run(self) -> None:
        """On a thread of the pool."""
        if not self._leaving and self.future.cancelled():
            return
        try:
            self._answer = self._step()
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is awaited
            self._error = error
        self._mailbox.post(self._deliver)

    def _deliver(self) -> None:
        """On the loop."""
        if self.future.done():
            return  # Cancelled.
        if self._error is None:
            self.future.set_result(self._answer)
            return
        error, self._error = self._error, None  # The error's own frames know this request.
        self.future.set_exception(error)
