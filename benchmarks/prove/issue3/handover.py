"""How soon a process that waits has what another one releases: hundreds of times, to and fro."""

from __future__ import annotations

import itertools
import math
import random
import statistics
import subprocess
import time
from collections.abc import Iterator

from benchmarks.prove.children import line, running
from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue3.servers import cluster

LIMIT = 0.100
TIMES = 250
WAITED = (0.05, 0.3)
"""Seconds between which the other one has been waiting when it is released."""

PROGRAM = """
import sys, time
from coordination import connect
manager = connect(sys.argv[1])
for command in sys.stdin:
    if command == "wait\\n":
        print("waiting", flush=True)
        lease = manager.wait_lease("baton", period=30.0, timeout=60.0).keep_alive()
        print(time.time(), lease.token, flush=True)
    else:
        began = time.time()
        assert lease.release()
        print(began, time.time(), flush=True)
"""


def figures() -> Iterator[Figure]:
    """Counted from when release() was called, so that its own requests are in it."""
    with cluster() as node:
        took, itself, tokens = _handed_over(node.url)
    name = f"clean release to a process that waits: it holds after, p99 of {TIMES}"
    parts = {
        "median, ms": round(statistics.median(took) * 1000, 1),
        "p90, ms": round(_percentile(took, 0.90) * 1000, 1),
        "worst, ms": round(max(took) * 1000, 1),
        "later than 100 ms": sum(seconds > LIMIT for seconds in took),
        "release() itself, one write to Consul's disk and one request more, p99, ms": round(
            _percentile(itself, 0.99) * 1000, 1
        ),
    }
    yield at_most(name, LIMIT * 1000, _percentile(took, 0.99) * 1000, "ms", **parts)
    fallen = sum(after <= before for before, after in itertools.pairwise(tokens))
    yield none_of("tokens that did not rise at a hand-over", "tokens", fallen, f"{TIMES}")


def _handed_over(url: str) -> tuple[list[float], list[float], list[int]]:
    """Seconds from each release to the next holder, and those that releasing took; the tokens."""
    took: list[float] = []
    itself: list[float] = []
    tokens: list[int] = []
    with running(PROGRAM, url) as one, running(PROGRAM, url) as other:
        _wait(one)
        line(one)
        for holder, waiter in itertools.islice(itertools.cycle([(one, other), (other, one)]), TIMES):
            _wait(waiter)
            time.sleep(random.uniform(*WAITED))
            _say(holder, "release")
            acquired, token = line(waiter).split()
            began, ended = line(holder).split()
            took.append(float(acquired) - float(began))
            itself.append(float(ended) - float(began))
            tokens.append(int(token))
    return took, itself, tokens


def _wait(program: subprocess.Popen[str]) -> None:
    _say(program, "wait")
    line(program)


def _say(program: subprocess.Popen[str], command: str) -> None:
    assert program.stdin is not None
    program.stdin.write(f"{command}\n")
    program.stdin.flush()


def _percentile(values: list[float], part: float) -> float:
    """The least value that so large a part of them does not exceed."""
    return sorted(values)[math.ceil(part * len(values)) - 1]
