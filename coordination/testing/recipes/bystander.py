"""Somebody with a connection of his own, who looks at what is stored of a kind, and lets periods pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coordination.record import Record, encode_segment
from coordination.store import Store
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.harness import REAL, RecipeHarness

STEPS = 20
"""In which a period passes, so that on a fake clock others have a moment of real time in between."""

GLANCE = 0.005
"""That moment, in seconds."""

LINGERING = 0.5
"""Real seconds for what must not happen, and would soon; ten times as many on a fake clock."""

HASTE = 0.05
"""Seconds that pass on a fake clock for each moment of real time, where no short ttl may end by that."""


@dataclass
class Bystander:
    """Of the managers of a harness; he takes no part."""

    harness: RecipeHarness

    def __post_init__(self) -> None:
        self.store: Store = self.harness.store()
        self._haste = HASTE

    def stored(self, kind: str, name: str | None = None) -> list[Record]:
        """The live records of a kind, or of one name of it, by key."""
        prefix = f"{encode_segment(self.harness.namespace)}/{kind}/"
        if name is not None:
            prefix += f"{encode_segment(name)}/"
        return self.store.list(prefix, timeout=self.harness.timeout)

    def ttl(self, ttl: float | None) -> float:
        """One that no pause of a busy machine reaches, unless another is given: then nobody is in a haste."""
        if ttl is None:
            return self.harness.ample
        if ttl < self.harness.ample:
            self._haste = GLANCE
        return ttl

    def soon(self, condition: Callable[[], object], what: str) -> None:
        """Wait until it holds, for as long as patience lasts; time passes by that."""
        clock, give_up = self.harness.clock, REAL.now() + self.harness.patience
        while not condition():
            assert REAL.now() < give_up, f"it never comes true: {what}"
            before = clock.now()
            REAL.sleep(GLANCE)
            if clock.now() == before:
                self.harness.let_pass(self._haste)

    def answer(self, call: Call) -> Any:
        """What a call answers, while time passes; or the exception that it raised."""
        self.soon(lambda: call.done, "the call ends")
        return call.answer()

    def linger(self) -> None:
        """Give what must not happen a while: five seconds of a fake clock, and else half of one."""
        clock = self.harness.clock
        for _ in range(STEPS):
            before = clock.now()
            REAL.sleep(LINGERING / STEPS)
            if clock.now() == before:
                self.harness.let_pass(10 * LINGERING / STEPS)

    def outlast(self, condition: Callable[[], object], what: str) -> None:
        """Let a period pass; then the condition holds, as soon as the store and its news allow."""
        clock = self.harness.clock
        end = clock.now() + self.harness.brief
        while clock.now() < end and not condition():
            self.harness.let_pass(self.harness.brief / STEPS)
            REAL.sleep(GLANCE)
        self.harness.eventually(condition, what, within=self.harness.slack + self.harness.told)
