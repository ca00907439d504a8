"""Callbacks of `on_lost` that do what they should not: nothing hangs, and nothing else is lost by it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prove.children import until
from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue4.servers import Server, each
from coordination import CoordinationError, Hold, LeaseLost, connect

KINDS = ("release", "acquire", "close", "raise", "sleep")
SLEEP = 10.0
TIMES = 3
"""Of each kind, on one manager each, together with locks that nobody breaks."""

BYSTANDERS = 5
TTL = {"etcd": 3.0, "Consul": 10.0}
HUNG = 30.0


def figures() -> Iterator[Figure]:
    """Each kind on a manager of its own, all at once, on both servers."""
    with each() as servers, ThreadPoolExecutor(len(servers) * len(KINDS)) as pool:
        trials = [Trial(server, kind) for server in servers for kind in KINDS]
        for found in pool.map(lambda trial: trial.figures(), trials):
            yield from found


class Trial:
    """Locks that are broken, with callbacks of one kind, beside locks that are not."""

    def __init__(self, server: Server, kind: str) -> None:
        self._server = server
        self._kind = kind
        self._ttl = TTL[server.name]
        self._manager = connect(server.url)
        self._calls: dict[str, Callable[[Hold], object]] = {
            "release": Hold.release,
            "acquire": self._acquire,
            "close": lambda _hold: self._manager.close(),
            "raise": self._raise,
            "sleep": lambda _hold: time.sleep(SLEEP),
        }
        self._begun: list[str] = []
        self._done: list[str] = []

    def figures(self) -> list[Figure]:
        """What came of it."""
        broken = [self._held(f"broken-{number}") for number in range(TIMES)]
        others = [self._held(f"other-{number}") for number in range(BYSTANDERS)]
        lost: list[str] = []
        for hold in others:
            hold.on_lost(lambda gone, reason: lost.append(f"{gone.name} {reason}"))
        for hold in broken:
            hold.on_lost(self._called)
        time.sleep(1.0)
        self._break(broken)
        ended = until(lambda: len(self._done) == TIMES, HUNG)
        if self._kind != "close":
            time.sleep(2 * self._ttl)
            lost += [hold.name for hold in others if not hold.held]
        gone = len(lost)  # Closing loses the rest of them.
        closed = self._closed()
        what = f"{self._server.name}: on_lost callbacks that {self._kind}"
        said = Figure(f"{what}: ended", f"{TIMES}", f"{len(self._done)} of {len(self._begun)} begun", ended)
        if self._kind == "close":
            return [said, at_most(f"{what}: closing once more after that", 5.0, closed, "s")]
        return [
            said,
            none_of(f"{what}: other locks of the manager", "lost", gone, f"{BYSTANDERS}, two ttls later"),
            at_most(f"{what}: closing after that", 5.0, closed, "s"),
        ]

    def _held(self, name: str) -> Hold:
        return self._manager.lock(f"{self._kind}-{name}", ttl=self._ttl).acquire(timeout=10.0)

    def _break(self, holds: list[Hold]) -> None:
        with connect(self._server.url) as other:
            for hold in holds:
                # One that closes its manager gives the others up before they can be broken.
                assert other.break_lock(hold.name, token=hold.token) or self._kind == "close"

    def _called(self, hold: Hold, _reason: str) -> None:
        self._begun.append(hold.name)
        try:
            self._calls[self._kind](hold)
        except LeaseLost:
            assert self._kind == "release"  # It is lost, and says so.
        finally:
            self._done.append(hold.name)

    def _acquire(self, hold: Hold) -> None:
        assert self._manager.lock(hold.name, ttl=self._ttl).acquire(timeout=10.0).release()

    def _raise(self, _hold: Hold) -> None:
        raise CoordinationError("as callbacks should not")

    def _closed(self) -> float:
        """Seconds that closing takes; infinite if it hangs."""
        began = time.monotonic()
        closing = threading.Thread(target=self._manager.close, daemon=True)
        closing.start()
        closing.join(HUNG)
        return float("inf") if closing.is_alive() else time.monotonic() - began
