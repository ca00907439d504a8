"""What is to go wrong, and when: the half of `FaultyStore` that knows nothing of stores' calls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from coordination.clock import Clock, default_clock
from coordination.errors import OutcomeUnknown, StoreUnavailable

T = TypeVar("T")

ANY = "*"

CALLS = frozenset(
    {
        "open_session",
        "renew_session",
        "close_session",
        "create",
        "replace",
        "delete",
        "read",
        "list",
        "watch",
        "health",
        "commit",
        "replace_all",
        "renew_sessions",
        "enter",
        "standing",
        "departures",
        "prove",
    }
)
"""What can be made to fail. `close` cannot: it never fails."""


@dataclass
class _Plan:
    """One thing that is to happen to the next `times` calls of a name."""

    call: str
    times: int
    action: Callable[[], object] = lambda: None
    seconds: float = 0.0


@dataclass
class _Plans:
    """All of them by kind; those of one kind queue up, those of different kinds strike together."""

    refuse: list[_Plan] = field(default_factory=list)
    lose: list[_Plan] = field(default_factory=list)
    delay: list[_Plan] = field(default_factory=list)
    before: list[_Plan] = field(default_factory=list)
    after: list[_Plan] = field(default_factory=list)


class Faults:
    """The faults of one connection. Thread-safe; hooks run in the caller's thread and may call anything."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.calls: list[str] = []
        self._clock = clock or default_clock()
        self._mutex = threading.Lock()
        self._plans = _Plans()
        self._cut = threading.Event()

    def refuse(self, call: str, times: int = 1) -> None:
        """The next `times` calls of this name are not applied: `StoreUnavailable`."""
        self._plan(self._plans.refuse, _Plan(call, times))

    def lose_answer(self, call: str, times: int = 1) -> None:
        """The next `times` calls of this name are applied, and their answer is lost: `OutcomeUnknown`."""
        self._plan(self._plans.lose, _Plan(call, times))

    def delay(self, call: str, seconds: float, times: int = 1) -> None:
        """The next `times` calls of this name reach the store `seconds` later, on the clock given.

        Where that is as long as the call's timeout or longer, they are `StoreUnavailable` at the timeout.
        """
        self._plan(self._plans.delay, _Plan(call, times, seconds=seconds))

    def before(self, call: str, action: Callable[[], object], times: int = 1) -> None:
        """Run `action` before the next `times` calls of this name are applied; what it raises, they raise."""
        self._plan(self._plans.before, _Plan(call, times, action))

    def after(self, call: str, action: Callable[[], object], times: int = 1) -> None:
        """Run `action` after the next `times` calls of this name were applied, before they are answered."""
        self._plan(self._plans.after, _Plan(call, times, action))

    def cut(self) -> None:
        """From now on nothing gets through; what is already applied loses its answer."""
        self._cut.set()

    def mend(self) -> None:
        """From now on everything gets through again."""
        self._cut.clear()

    def _plan(self, queue: list[_Plan], plan: _Plan) -> None:
        if plan.call != ANY and plan.call not in CALLS:
            raise ValueError(f"a store has no call {plan.call!r}; it has {sorted(CALLS)}")
        with self._mutex:
            queue.append(plan)

    def _run(self, call: str, timeout: float, apply: Callable[[float], T]) -> T:
        """Apply a call with what is planned for it; `apply` gets the time that is left."""
        with self._mutex:
            self.calls.append(call)
            plans = {kind: _next(queue, call) for kind, queue in vars(self._plans).items()}
        _act(plans["before"])
        left = self._delayed(plans["delay"], timeout)
        if self._cut.is_set() or plans["refuse"]:
            raise StoreUnavailable(f"{call} was refused by a FaultyStore; it was not applied")
        answer = apply(left)
        _act(plans["after"])
        if self._cut.is_set() or plans["lose"]:
            raise OutcomeUnknown(f"a FaultyStore lost the answer to {call}; it was applied")
        return answer

    def _delayed(self, plan: _Plan | None, timeout: float) -> float:
        if plan is None or self._cut.is_set():
            return timeout
        self._clock.sleep(min(plan.seconds, timeout))
        if plan.seconds >= timeout:
            raise StoreUnavailable(f"a FaultyStore kept the call for {timeout} s; it was not applied")
        return timeout - plan.seconds


def _next(queue: list[_Plan], call: str) -> _Plan | None:
    """The first plan for this call; it is spent after its last time."""
    for plan in queue:
        if plan.call in (call, ANY):
            plan.times -= 1
            if plan.times <= 0:
                queue.remove(plan)
            return plan
    return None


def _act(plan: _Plan | None) -> None:
    if plan is not None:
        plan.action()
