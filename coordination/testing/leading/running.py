"""A `Leader.run` under way in the background, and the event that stops it, on both faces."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coordination.errors import LeaseLost, RenewError
from coordination.testing.bridge import Bridge
from coordination.testing.leading.work import Work
from coordination.testing.recipes.calls import Call, TaskCall

if TYPE_CHECKING:
    from coordination.testing.leading.harness import LeaderHarness


class Stop:
    """On threads."""

    def __init__(self) -> None:
        self.event: Any = threading.Event()

    def set(self) -> None:
        """From the test's thread."""
        self.event.set()


class TaskStop(Stop):
    """On the bridge's loop."""

    def __init__(self, bridge: Bridge) -> None:
        self._loop = bridge.loop
        self.event = asyncio.Event()

    def set(self) -> None:
        """From the test's thread, done when it returns."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(self.event.set)
        self._loop.call_soon_threadsafe(done.set)
        done.wait(10.0)


@dataclass
class Running:
    """One run: what it does and how it ends."""

    harness: LeaderHarness
    call: Call
    work: Work

    def outcome(self) -> Any:
        """What `run` answers."""
        return self.harness.answer(self.call)

    def result(self) -> tuple[bool, object, str | None]:
        """The same as plain values: whether it ran, its value, and the reason of a loss."""
        outcome = self.outcome()
        return outcome.ran, outcome.value, None if outcome.lost is None else reason(outcome.lost)

    def error(self) -> BaseException:
        """What `run` raises."""
        self.harness.eventually(lambda: self.call.done, "the run ends")
        error = self.call.ended()
        assert error is not None, f"it raised nothing: {self.call.answer()!r}"
        return error

    def cancel(self) -> None:
        """Cancel the task, or as a KeyboardInterrupt does while the work goes on."""
        if isinstance(self.call, TaskCall) or not self.work.working:
            self.call.interrupt()
        else:
            self.work.fail(KeyboardInterrupt())


def reason(lost: RenewError) -> str:
    """Why the term was lost, as the error of a cut-off says."""
    assert isinstance(lost, RenewError), repr(lost)
    assert isinstance(lost.__cause__, LeaseLost), repr(lost.__cause__)
    return lost.__cause__.reason
