"""A race of processes for expired leases, with delays injected between the system calls.

Eight processes meet at a barrier and reach for the same expired lease; round by round, a fresh name
each. The delays come from an audit hook, which the interpreter calls right before it opens,
renames, links, locks or removes a file: so the schemes under test need no hooks of their own.
Rounds with delays are mostly sleep, so several groups of eight run side by side.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Protocol

SYSTEM_CALLS = {
    *("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.listdir", "os.scandir", "os.chmod", "os.utime", "fcntl.flock", "fcntl.lockf"),
}
PROCESSES = 8
HUNG = 300.0

Answer = tuple[str, int | None]


class Scheme(Protocol):
    """A way of taking over expired leases. `expire` leaves one behind; `acquire` is what races."""

    def __init__(self, folder: Path) -> None: ...

    def expire(self, name: str) -> int:
        """Leave an expired lease of this name behind; its token."""
        ...

    def acquire(self, name: str) -> int | None:
        """One attempt: the new token, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of so many rounds. Each counts rounds, so none exceeds `rounds`."""

    rounds: int
    double: int
    nobody: int
    repeated: int
    seconds: float


def race(scheme: type[Scheme], rounds: int, delay: float = 0.0, groups: int = 1) -> Outcome:
    """Eight processes race `rounds` times for an expired lease, with 0 to `delay` s between system calls."""
    context = multiprocessing.get_context("fork")
    names = [f"lease-{number}" for number in range(rounds)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with context.Pool(1) as pool:  # elsewhere, so that no state of the expired holder is inherited
            before = dict(zip(names, pool.apply(_expire, (scheme, folder, names)), strict=True))
        answers = context.Queue()
        racers = []
        for group in range(groups):
            gate = context.Barrier(PROCESSES)
            mine = names[group::groups]
            for seed in range(PROCESSES):
                work = (scheme, folder, mine, delay, gate, group * PROCESSES + seed, answers)
                racers.append(context.Process(target=_racer, args=work, daemon=True))
        for racer in racers:
            racer.start()
        found = [answer for _ in racers for answer in _answer_of(answers)]
        for racer in racers:
            racer.join()
    return _judge(before, found, time.monotonic() - started)


def _expire(scheme: type[Scheme], folder: Path, names: list[str]) -> list[int]:
    holder = scheme(folder)
    return [holder.expire(name) for name in names]


def _racer(
    scheme: type[Scheme],
    folder: Path,
    names: list[str],
    delay: float,
    gate: Barrier,
    seed: int,
    answers: Any,
) -> None:
    try:
        answers.put(_run(scheme(folder), names, delay, gate, seed))
    except BaseException as error:
        answers.put(error)
        raise


def _run(challenger: Scheme, names: list[str], delay: float, gate: Barrier, seed: int) -> list[Answer]:
    jitter = random.Random(seed)
    racing = False

    def wait(event: str, _arguments: tuple[Any, ...]) -> None:
        if racing and event in SYSTEM_CALLS:
            time.sleep(jitter.uniform(0, delay))

    if delay:
        sys.addaudithook(wait)
    found: list[Answer] = []
    for name in names:
        gate.wait(HUNG)
        racing = True
        found.append((name, challenger.acquire(name)))
        racing = False
    return found


def _answer_of(answers: Any) -> list[Answer]:
    answer = answers.get(timeout=2 * HUNG)
    if isinstance(answer, BaseException):
        raise answer
    return list(answer)


def _judge(before: dict[str, int], found: list[Answer], seconds: float) -> Outcome:
    won: dict[str, list[int]] = defaultdict(list)
    for name, token in found:
        if token is not None:
            won[name].append(token)
    return Outcome(
        rounds=len(before),
        double=sum(len(won[name]) > 1 for name in before),
        nobody=sum(not won[name] for name in before),
        repeated=sum(
            len({old, *won[name]}) <= len(won[name]) or min([old + 1, *won[name]]) <= old
            for name, old in before.items()
        ),
        seconds=seconds,
    )
