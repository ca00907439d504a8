"""What the suite of leadership has to know: leaders of one face, their work, and what is stored of them."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from coordination.manager import Manager
from coordination.testing.leading.floor import Floor
from coordination.testing.leading.running import Running, Stop, TaskStop
from coordination.testing.leading.waits import Waits
from coordination.testing.leading.work import OBEYS, Work
from coordination.testing.leading.working import TaskWork, ThreadWork
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.faces import Asyncio
from coordination.testing.recipes.onlooker import NAME, PATIENCE, REAL

if TYPE_CHECKING:
    from coordination.leader import Leader
    from coordination.term import Term

__all__ = ["NAME", "PATIENCE", "REAL", "LeaderHarness"]


@dataclass
class LeaderHarness(Waits):
    """A storage under test, for leaders of one face: what a `RecipeHarness` asks for.

    `period` is the ttl of those terms whose end a case waits for.
    """

    terms: int = 30
    _works: list[Work] = field(default_factory=list, init=False, repr=False)

    # Leaders.

    def leader(
        self, manager: Manager, name: str = NAME, *, ttl: float | None = None, **options: Any
    ) -> Leader:
        """A candidate with a ttl that no pause of a busy machine reaches, unless another is given."""
        return manager.leader(name, ttl=self.ample if ttl is None else ttl, **options)

    def three_leaders(self, **options: Any) -> tuple[Leader, Leader, Leader]:
        """Candidates on three separate connections, of the machines m1, m2 and m3."""
        one, two, three = (self.leader(manager, **options) for manager in self.three())
        return one, two, three

    def leading(self, leader: Leader) -> Term:
        """The term of somebody who nobody keeps from leading."""
        return cast("Term", self.answer(self.begin(leader, "campaign", PATIENCE)))

    def campaigning(self, leader: Leader, timeout: float | None = None) -> Call:
        """Another who wants to lead, for at least as long as it takes him to see that he cannot."""
        call = self.begin(leader, "campaign", timeout)
        self.considered(call)
        return call

    @staticmethod
    def term_of(leader: Leader) -> Term | None:
        """The term it has, asked anew."""
        return leader.term

    # Work.

    def work(self, manner: str = OBEYS, floor: Floor | None = None) -> Work:
        """Something for a leader to do; it ends with the harness, if not before."""
        face = self.face
        new = TaskWork(face.bridge, manner, floor) if isinstance(face, Asyncio) else ThreadWork(manner, floor)
        self._works.append(new)
        return new

    def stop(self) -> Stop:
        """An event that stops a `run`."""
        face = self.face
        return TaskStop(face.bridge) if isinstance(face, Asyncio) else Stop()

    def run(
        self, leader: Leader, work: Work | None = None, *, stop: Stop | None = None, timeout: Any = None
    ) -> Running:
        """Have it run some work, in the background."""
        work = work or self.work()
        event = None if stop is None else stop.event
        call = self.begin(leader, "run", work.callback, stop=event, timeout=timeout)
        return Running(self, call, work)

    def working(self, leader: Leader, work: Work | None = None, **options: Any) -> Running:
        """The same, once the work has begun."""
        running = self.run(leader, work, **options)
        self.eventually(lambda: running.work.working or running.call.done, "it leads and works")
        assert not running.call.done, f"it ended at once: {running.call.ended()!r}"
        return running

    # What is seen.

    @staticmethod
    def current_value(leader: Leader) -> object:
        """What whoever leads has proclaimed."""
        seen = leader.current()
        assert seen is not None, "nobody leads"
        return seen.value

    @staticmethod
    def shut(seen: Iterator[Any]) -> None:
        """End an observation."""
        cast("Generator[Any, None, None]", seen).close()

    def next_of(self, seen: Iterator[Any]) -> Any:
        """The next thing that is observed, while time passes."""
        future: Future[Any] = Future()

        def ask() -> None:
            try:
                future.set_result(next(seen))
            except BaseException as error:  # noqa: BLE001 - handed to whoever asks
                future.set_exception(error)

        threading.Thread(target=ask, name="observer", daemon=True).start()
        self.eventually(future.done, "there is something to see")
        return future.result(0)

    def close(self) -> None:
        """End the work that is left, then every call, manager and store."""
        for work in self._works:
            work.let_go()
        super().close()
