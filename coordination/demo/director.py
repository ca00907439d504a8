"""The director: sets the stage, plays the acts one after the other, and hands the logs to the judge.

Each act goes on as soon as what it waits for is seen in the resource's log, and gives up after a while;
an act that gave up, or a writer refused while it believed it owned, ends the play, for its outcome is
known then.
"""

from __future__ import annotations

import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from coordination.clock import SystemClock
from coordination.demo.acts import NAMES, UNITS, Acts
from coordination.demo.log import keep
from coordination.demo.operator import Operator
from coordination.demo.report import Report, report
from coordination.demo.resource import Resource
from coordination.demo.scene import Scene
from coordination.demo.stage import Stage

View = Callable[[Scene], None]
"""Called about five times a second with the scene as it is now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play. `store`: its URL, None for files of the demo's own; `keep`: a folder to keep, if any."""

    store: str | None = None
    keep: Path | None = None
    break_store: bool = False


def perform(plan: Plan, view: View) -> Report:
    """Play it and judge it, on the main thread. Leaves no process, and no folder but the one to keep."""
    clock = SystemClock()
    namespace = f"demo-{secrets.token_hex(4)}"
    with (
        _terminated_like_interrupted(),
        Resource(clock) as resource,
        Stage(plan.keep, plan.store, broken=plan.break_store) as stage,
    ):
        command = [sys.executable, "-m", "coordination.demo.scheduler.work", resource.address]
        with Operator(map(stage.url, NAMES), namespace, command) as operator:
            acts = Acts(UNITS, operator.ttl(), namespace, view, stage, resource, clock)
            acts.play(operator)
            if plan.store is not None:
                operator.clear()
        logs = resource.logs()
        if plan.keep is not None:
            keep(logs, stage.folder / "writes.jsonl")
        return report(logs, acts.story, acts.failures)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM and a closed terminal unwind the stack as ^C does, so that the cleaning up happens."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(number, signal.signal(number, leave)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
