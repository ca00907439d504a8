"""What a unit of the demo runs: a few fenced writes a second, for as long as its machine's leash allows.

    python -m coordination.demo.scheduler.work HOST:PORT

The machine says on standard input until when it may act, again and again, or "stop". When that input
ends the machine is gone, and this process with it, whatever it was doing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from coordination.clock import Clock, SystemClock
from coordination.demo.scheduler.writer import START, STOP, WORK, Writer

PACE = 0.25
"""Seconds between two writes."""

LET_GO, STALE = 3, 4
"""Exit codes: the machine is gone; somebody else owns the unit."""


class Leash:
    """How long we may act, as far as the machine has told."""

    def __init__(self, clock: Clock, descriptor: int) -> None:
        self._clock = clock
        self._descriptor = descriptor
        self.until = 0.0
        self.given = threading.Event()
        self.stop = threading.Event()
        threading.Thread(target=self._listen, name="leash", daemon=True).start()

    @property
    def holds(self) -> bool:
        """Whether we may act now."""
        return self._clock.now() < self.until

    def _listen(self) -> None:
        with open(self._descriptor, "rb", buffering=0, closefd=False) as orders:
            for order in orders:
                if order == b"stop\n":
                    self.stop.set()
                else:
                    self.until = float(order)
                self.given.set()
        os._exit(LET_GO)


def main(address: str) -> int:
    """Work until told to stop; an exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the machine to act on.
    leash = Leash(SystemClock(), sys.stdin.fileno())
    named = os.environ
    token, version = int(named["COORDINATION_TOKEN"]), int(named["COORDINATION_VERSION"])
    with Writer(address, named["COORDINATION_NAME"], token, named["COORDINATION_MACHINE"], version) as writer:
        leash.given.wait()
        return _work(leash, writer)


def _work(leash: Leash, writer: Writer) -> int:
    kind = START
    while not leash.stop.is_set():
        if leash.holds:
            if not writer.write(kind, leash.until):
                return STALE
            kind = WORK
        leash.stop.wait(PACE)
    if kind == WORK and leash.holds:
        writer.write(STOP, leash.until)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
