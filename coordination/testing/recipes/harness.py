"""What the suite of recipes has to know: how to open managers on one storage, and how time passes for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from coordination.hold import Hold
from coordination.lock import Lock
from coordination.manager import Manager
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.faces import Asyncio, Blocking, Face
from coordination.testing.recipes.onlooker import NAME, PATIENCE, REAL, LockOnlooker

__all__ = ["NAME", "PATIENCE", "REAL", "RecipeHarness"]


@dataclass
class RecipeHarness(LockOnlooker):
    """A storage under test, for managers of one face; what a `ManagerHarness` asks for, and a little more.

    `told` is within how many seconds, on the clock, a holder hears of what is done to it behind its
    back, without waiting for its next beat; `patience` how long, in real time, to wait for what comes
    without such a bound. `acquisitions` and `crowd` are how many are made one after another, and how many
    wait at once, where a case is about many.
    """

    told: float = 3.0
    acquisitions: int = 1000
    crowd: int = 200
    _calls: list[Call] = field(default_factory=list, init=False, repr=False)
    _chosen: Face | None = field(default=None, init=False, repr=False)

    @property
    def long(self) -> float:
        """A ttl whose beats no test waits for: what is heard before one, is heard otherwise."""
        return 30 * self.period

    @property
    def face(self) -> Face:
        """The one that is tested."""
        if self._chosen is None:
            self._chosen = Asyncio() if self.aio else Blocking(self.clock)
        return self._chosen

    def _face(self) -> Callable[..., Manager]:
        return self.face.connect

    # Locks.

    def three(self) -> tuple[Manager, Manager, Manager]:
        """Three separate connections, of three machines."""
        return self.manager("m1"), self.manager("m2"), self.manager("m3")

    def lock(self, manager: Manager, name: str = NAME, ttl: float | None = None) -> Lock:
        """A lock with a ttl that no pause of a busy machine reaches, unless another is given."""
        return manager.lock(name, ttl=self.ample if ttl is None else ttl)

    def acquired(self, manager: Manager, name: str = NAME, ttl: float | None = None) -> Hold:
        """A hold of a lock that is known to be free."""
        return self.lock(manager, name, ttl).acquire(timeout=PATIENCE)

    def warm(self, lock: Lock) -> None:
        """Acquire and release it, until its session has told where it hears of what others do to it."""
        assert lock.acquire(PATIENCE).release()
        self.listening()

    def listening(self) -> None:
        """Wait until some session has told where it hears of what others do to it."""
        self.eventually(self.sessions, "a sentinel is there")

    def begin(self, of: Any, verb: str, *args: Any, **kwargs: Any) -> Call:
        """A call in the background, ended with the harness."""
        call = self.face.begin(of, verb, *args, **kwargs)
        self._calls.append(call)
        return call

    def waiting(self, lock: Lock, timeout: float | None = None) -> Call:
        """Another who acquires, when his place in the queue is taken."""
        before = self._places(lock.name)
        call = self.begin(lock, "acquire", timeout)
        self.eventually(
            lambda: call.done or self._places(lock.name) - before,
            f"one more in the queue of {lock.name!r}",
        )
        return call

    def _places(self, name: str) -> set[tuple[str, int]]:
        return {(record.key, record.created) for record in self.queue(name)}

    def answer(self, call: Call) -> Any:
        """What a call answers, while time passes; or the exception that it raised."""
        self.eventually(lambda: call.done, "the call ends")
        return call.answer()

    def break_held(self, by: Manager, hold: Hold) -> None:
        """Have somebody break a lock, until the holder knows."""
        self.listening()
        assert by.break_lock(hold.name, hold.token), "the holder seen is not the holder"
        self.eventually(lambda: hold.lost, "the holder is told")
        assert hold.lost == "broken"

    def keep(self, hold: Hold, seconds: float) -> None:
        """Let time pass, in steps small enough for its beats; fail if it is lost meanwhile."""
        ttl = hold.remaining
        until = self.clock.now() + seconds
        while self.clock.now() < until:
            self.let_pass(self.period / 20)
            self.eventually(lambda: hold.remaining > 0.4 * ttl or hold.lost, "it is renewed")
            assert hold.held, f"lost: {hold.lost}"

    def close(self) -> None:
        """End the calls under way, then every manager and every store."""
        for call in self._calls:
            if not call.done:
                call.interrupt()
        for call in self._calls:
            call.ended()
        super().close()
        if self._chosen is not None:
            self._chosen.close()
