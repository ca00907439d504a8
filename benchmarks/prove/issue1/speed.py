"""What asking costs, and what an uncontended acquire and release costs beside one pair of a file lock."""

from __future__ import annotations

import cProfile
import pstats
import re
import statistics
import tempfile
import time
import timeit
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.prove.figure import Figure, at_most
from coordination import Manager, connect

ASKING_LIMIT = 2.0
RATIO_LIMIT = 15.0
BLOCKS = 15
PAIRS = 40

Pair = Callable[[], object]


def asking() -> Iterator[Figure]:
    """Microseconds per `held` and per `check()` of a kept lease, the best of several loops."""
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder).as_uri()) as manager:
        lease = manager.acquire_lease("asked", period=60)
        assert lease is not None
        lease.keep_alive()
        for name, question in {"lease.held": lambda: lease.held, "lease.check()": lease.check}.items():
            loops = timeit.repeat(question, number=20_000, repeat=9)
            best, median = min(loops) / 20_000 * 1e6, statistics.median(loops) / 20_000 * 1e6
            yield at_most(name, ASKING_LIMIT, best, "us", median_us=round(median, 2))


def pair_of(manager: Manager) -> Pair:
    """One uncontended acquire and release."""

    def pair() -> None:
        lease = manager.acquire_lease("pair", period=60)
        assert lease is not None
        assert lease.release()

    return pair


def file_lock_pair(folder: Path) -> Pair:
    """One acquire and release of a plain file lock."""
    import filelock

    lock = filelock.FileLock(folder / "plain.lock")

    def pair() -> None:
        lock.acquire()
        lock.release()

    return pair


def microseconds(pairs: dict[str, Pair]) -> dict[str, float]:
    """The median over blocks that take turns, so that a busy machine slows all of them alike."""
    took: dict[str, list[float]] = {name: [] for name in pairs}
    for _ in range(BLOCKS):
        for name, pair in pairs.items():
            started = time.perf_counter()
            for _ in range(PAIRS):
                pair()
            took[name].append((time.perf_counter() - started) / PAIRS * 1e6)
    return {name: statistics.median(blocks) for name, blocks in took.items()}


def parts_of(pair: Pair) -> dict[str, str]:
    """The cost of a pair, named: each kind of system call, and the Python code of each package."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(PAIRS):
        pair()
    profile.disable()
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    calls: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for place, (_, count, own, *_) in stats.items():
        calls[_part(place)] += count
        seconds[_part(place)] += own
    total = seconds.total()
    return {
        part: f"{calls[part] / PAIRS:g} calls, {own / total:.0%} of the time under the profiler"
        for part, own in seconds.most_common(14)
    }


def _part(place: tuple[str, int, str]) -> str:
    file, _, function = place
    if file == "~":  # a built-in function: those of posix and fcntl are the system calls
        system = re.search(r"(posix|fcntl)\.(\w+)", function)
        return f"system call {system[2]}" if system else "other built-in functions"
    parts = Path(file).parts
    if "site-packages" in parts:
        return f"python: {parts[parts.index('site-packages') + 1]}"
    return (
        "python: coordination"
        if "coordination" in parts
        else f"python: {Path(file).stem} of the standard library"
    )


def figures() -> Iterator[Figure]:
    """Asking, then the pair."""
    yield from asking()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        quick = connect((folder / "quick").as_uri() + "?durable=false")
        durable = connect((folder / "durable").as_uri())
        pairs = {
            "file lock": file_lock_pair(folder),
            "lease": pair_of(quick),
            "durable lease": pair_of(durable),
        }
        for pair in pairs.values():
            pair()
        took = microseconds(pairs)
        parts = parts_of(pairs["lease"])
        quick.close()
        durable.close()
    ratio = took["lease"] / took["file lock"]
    costs = {f"{name}, us per pair": round(each) for name, each in took.items()}
    costs["durable lease / file lock"] = round(took["durable lease"] / took["file lock"], 1)  # type: ignore[assignment]
    name = "uncontended acquire+release, ?durable=false, by one filelock pair"
    yield at_most(name, RATIO_LIMIT, ratio, "x", **costs, **parts)
