"""Waiting, in the suite of leadership: for what has to happen, for what must not, and for time to pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import LeaseLost
from coordination.testing.leading.onlooker import LeaderOnlooker
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.harness import NAME
from coordination.testing.recipes.onlooker import REAL

if TYPE_CHECKING:
    from coordination.term import Term
    from coordination.testing.leading.running import Running

SOON, AT_ONCE = 0.2, 0.1
"""Real seconds given to what must not happen, where nothing tells that it has been considered: on servers,
and where nothing takes time."""


@dataclass
class Waits(LeaderOnlooker):
    """The part of `LeaderHarness` that waits."""

    @property
    def exact(self) -> bool:
        """Whether nothing is ever late here, as on a fake clock."""
        return self.slack == 0

    @staticmethod
    def refused(call: Callable[[], object]) -> str:
        """The reason of the loss that this call has to raise."""
        try:
            answer = call()
        except LeaseLost as loss:
            return loss.reason
        raise AssertionError(f"it was not refused: {answer!r}")

    @property
    def ample(self) -> float:
        """A ttl that no pause of a busy machine reaches; half of it is long, where nobody has to wait."""
        return max(5 * self.period, 15.0)

    # For what has to happen.

    def taken_by(self, machine: str, name: str = NAME) -> None:
        """Wait until the record says that this machine leads, or is about to."""
        self.eventually(lambda: self.seated(name).machine_id == machine, f"{machine} takes {name!r}")

    def told_of_loss(self, term: Term) -> None:
        """Wait until the term is lost."""
        self.eventually(lambda: term.lost is not None, "the loss is told")

    def who_works(self, runs: Sequence[Running]) -> Running:
        """Wait until one of them works, and fail if two do."""
        self.eventually(lambda: any(it.work.working for it in runs), "one of them works")
        (works,) = [it for it in runs if it.work.working]
        return works

    def renewed(self, times: int, name: str = NAME) -> None:
        """Let time pass until the record has been renewed so many times, by the same holder."""
        before = self.seated(name)
        seen = {before.nonce}

        def often() -> bool:
            now = self.seated(name)
            assert now.machine_id == before.machine_id
            seen.add(now.nonce)
            return len(seen) > times

        self.until(often, 2 * self.period, f"{times} renewals")

    # For what must not.

    def considered(self, call: Call) -> None:
        """Give it time to do what it must not do."""
        until = REAL.now() + (AT_ONCE if self.exact else SOON)
        while REAL.now() < until and not call.done:
            REAL.sleep(0.01)
        assert not call.done, f"it did not wait: {call.ended()!r}"

    def considered_nothing(self) -> None:
        """The same where no call is under way."""
        REAL.sleep(AT_ONCE if self.exact else SOON)

    # Time.

    def pass_slowly(self, seconds: float, *terms: Term) -> None:
        """Let time pass in steps small enough for beats; fail if one of these terms is lost meanwhile."""
        until = self.clock.now() + seconds
        while self.clock.now() < until:
            self.let_pass(min(self.period / 20, max(0.001, until - self.clock.now())))
            for term in terms:
                self.eventually(partial(self._renewed, term), "it is renewed")
                assert term.held, f"lost: {term.lost}"
            REAL.sleep(0.002)

    @property
    def _least(self) -> float:
        return self.granted(self.period)

    def until(self, condition: Callable[[], object], within: float, what: str) -> float:
        """Let time pass, in small steps, until it holds; the point on the clock at which it was found to.

        After `within` seconds threads that are late have as long as patience lasts, but hardly time.
        """
        end = self.clock.now() + within
        while not condition() and self.clock.now() < end:
            self.let_pass(self.period / 40)
            self.settle()
        self.eventually(condition, what)
        return self.clock.now()

    def until_done(self, call: Call, within: float) -> float:
        """The same for a call that has to end, and may not raise."""
        at = self.until(lambda: call.done, within, "the call ends")
        call.answer()
        return at

    def settle(self) -> None:
        """Give threads a moment of real time to act on where a fake clock now stands."""
        REAL.sleep(0.005 if self.exact else 0.0)

    def _renewed(self, term: Term) -> bool:
        return term.lost is not None or term.remaining > 0.5 * self._least
