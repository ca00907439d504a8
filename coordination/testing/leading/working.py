"""The work of a leader on threads and on asyncio: what each face hands it, and how it is cut off there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from coordination.testing.bridge import Bridge, Bridged
from coordination.testing.leading.work import IGNORES, OBEYS, Order, Work
from coordination.testing.recipes.onlooker import REAL

if TYPE_CHECKING:
    from coordination.term import Term

_GLANCE = 0.003
"""Real seconds between two looks whether there is anything to do."""


class ThreadWork(Work):
    """On a thread."""

    @property
    def callback(self) -> Callable[..., Any]:
        """A function."""
        return self._run

    @staticmethod
    def _done(order: Order) -> None:
        try:
            order.answer.set_result(order.do())
        except Exception as error:  # noqa: BLE001 - handed to whoever ordered it
            order.answer.set_exception(error)

    def _run(self, term: Term) -> Any:
        self._begin(term)
        told = False
        try:
            while True:
                order = self._next()
                if order is not None and order.last:
                    return order.do()
                if order is not None:
                    self._done(order)
                if term.stop.is_set() and not told:
                    told = True
                    self.cuts.append(None)
                    if self.manner == OBEYS:
                        return term.check()
                    if self.manner != IGNORES:
                        return self._answered()
                REAL.sleep(_GLANCE)
        finally:
            self._end()


class TaskWork(Work):
    """As a task of the bridge's loop."""

    def __init__(self, bridge: Bridge, *args: Any) -> None:
        super().__init__(*args)
        self._bridge = bridge

    @property
    def callback(self) -> Callable[..., Any]:
        """A coroutine function."""
        return self._run

    @staticmethod
    async def _done(order: Order) -> None:
        try:
            answer = order.do()
            order.answer.set_result(await answer if isawaitable(answer) else answer)
        except Exception as error:  # noqa: BLE001 - handed to whoever ordered it
            order.answer.set_exception(error)

    async def _run(self, term: Any) -> Any:
        self._begin(cast("Term", Bridged(self._bridge, term)))
        try:
            while True:
                try:
                    order = self._next()
                    if order is not None and order.last:
                        return order.do()
                    if order is not None:
                        await self._done(order)
                    await asyncio.sleep(_GLANCE)
                except asyncio.CancelledError as cancelled:
                    self.cuts.append(cancelled.args[0] if cancelled.args else None)
                    if self.manner == OBEYS:
                        raise
                    if self.manner != IGNORES:
                        return self._answered()
        finally:
            self._end()
