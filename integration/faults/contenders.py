"""Starting the programs of `contending.py`, and seeing what they say, with a bound on everything."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that a program may take to start or to end on a busy machine before it counts as hung."""

Event = dict[str, Any]


class Contender:
    """One program, running; nothing of it is left after the block."""

    module: ClassVar[str] = "integration.faults.contending"

    def __init__(self, program: str, *arguments: object) -> None:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("COORDINATION_", "ETCD", "CONSUL"))
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module, program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**kept, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
        )
        self._said = threading.Condition()
        self._events: list[Event] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def events(self, kind: str) -> list[Event]:
        """What it said of this kind so far."""
        with self._said:
            return [event for event in self._events if event["event"] == kind]

    def next(self, kind: str, after: int = 0, within: float = PATIENCE) -> Event:
        """What it says of this kind after the first `after` times; fails if it does not, `within` seconds."""
        give_up = time.monotonic() + within
        with self._said:
            while True:
                found = [event for event in self._events if event["event"] == kind]
                if len(found) > after:
                    return found[after]
                left = give_up - time.monotonic()
                assert left > 0, f"it did not say {kind!r} within {within} s; it said {self._events[-5:]}"
                self._said.wait(left)

    def tell(self) -> None:
        """Send it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def pause(self) -> None:
        """SIGSTOP: it sees nothing of the time that passes."""
        self._process.send_signal(signal.SIGSTOP)

    def stopped(self) -> None:
        """Wait until it has stopped itself; Linux only."""
        give_up = time.monotonic() + PATIENCE
        while Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            assert self._process.poll() is None, "it ended"
            assert time.monotonic() < give_up, "it does not stop"
            time.sleep(0.005)

    def resume(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: it has no chance to tidy up."""
        self._process.kill()
        self._process.wait(PATIENCE)
        self._listener.join(PATIENCE)

    def ended(self, within: float) -> int:
        """Its exit code, which must come within so many seconds."""
        return self._process.wait(within)

    def __enter__(self) -> Self:
        """The program, to be killed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill it."""
        with self._process:
            self.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._said:
                self._events.append(json.loads(line))
                self._said.notify_all()


def overlaps(*contenders: Contender) -> list[tuple[Event, Event]]:
    """Pairs of holds of which the earlier was still believed when the later had begun: must be empty."""
    events = [
        event
        for contender in contenders
        for kind in ("got", "renewed", "over")
        for event in contender.events(kind)
    ]
    began = {event["token"]: event for event in events if event["event"] == "got"}
    believed = {event["token"]: event for event in sorted(events, key=lambda event: event.get("seen", 0.0))}
    tokens = sorted(began)
    return [
        (believed[token], began[later])
        for token, later in itertools.pairwise(tokens)
        if believed[token].get("seen", 0.0) > began[later]["at"]
    ]
