"""The fenced log: the protected resource of the demo, one append-only file per unit.

It does what every resource behind a lease must do: it remembers the highest token it has seen and
refuses a lower one. All of a write happens in one critical section, in this order: read the highest
token, ask the writer whether it still believes it holds, append. A refusal is therefore proof and
never bad luck: the other owner had already written when this writer still called itself the owner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from coordination.clock import Clock

START = "start"
WORK = "work"
STOP = "stop"
REFUSED = "refused"
KINDS = (START, WORK, STOP, REFUSED)

_LOCK_TIMEOUT = 10.0
"""Seconds; only a writer that hangs inside the critical section can use them up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a log; `at` is in seconds on the boot clock, the same for all processes of a machine."""

    kind: str
    token: int
    machine: str
    at: float

    def line(self) -> str:
        """How it is written."""
        return f"{self.kind} {self.token} {self.machine} {self.at:.6f}\n"


class Outcome(Enum):
    """What became of a write."""

    WRITTEN = "written"
    REFUSED = "refused"
    WITHHELD = "withheld"
    """The writer did not believe itself the holder any more, so it did not try."""


class FencedLog:
    """The log of one unit. Any number of processes may have it open; one thread each."""

    def __init__(self, path: Path, clock: Clock) -> None:
        from filelock import FileLock

        self._path = path
        self._clock = clock
        self._lock = FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT)

    def write(self, kind: str, token: int, machine: str, held: Callable[[], bool]) -> Outcome:
        """Append one entry if `held()` says so and the token is not stale."""
        with self._lock:
            highest = self._recover()
            if not held():
                return Outcome.WITHHELD
            stale = token < highest
            entry = Entry(REFUSED if stale else kind, token, machine, self._clock.now())
            with self._path.open("ab") as file:
                file.write(entry.line().encode())
        return Outcome.REFUSED if stale else Outcome.WRITTEN

    def _recover(self) -> int:
        """The highest token so far, after cutting off what a killed writer left half written."""
        raw = _bytes(self._path)
        whole = _whole(raw)
        if len(whole) < len(raw):
            with self._path.open("r+b") as file:
                file.truncate(len(whole))
        return max((entry.token for entry in _parse(whole)), default=0)


def read(path: Path) -> list[Entry]:
    """The entries of a log in the order they were written; a missing log is empty."""
    return _parse(_whole(_bytes(path)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _whole(raw: bytes) -> bytes:
    return raw[: raw.rfind(b"\n") + 1]


def _parse(raw: bytes) -> list[Entry]:
    return [_entry(line) for line in raw.decode().splitlines()]


def _entry(line: str) -> Entry:
    kind, token, machine, at = line.split(" ")
    if kind not in KINDS:
        raise ValueError(f"not an entry of a fenced log: {line!r}")
    return Entry(kind, int(token), machine, float(at))
