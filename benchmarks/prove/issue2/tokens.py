"""A lease held for a minute where etcd's auth tokens live for five seconds, on each version.

A simple token that is used goes on living, so one manager renews often, and one so rarely that each of
its renewals meets a token that has expired; signed ones (JWT) expire whatever is done with them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.prove.figure import Figure
from benchmarks.prove.issue2.servers import Counters
from integration.etcd.realms import BRIEF, TOKENS, realm
from integration.etcd.test_tokens import signed
from integration.faults.held import Held
from integration.servers.etcd_binaries import VERSIONS

SECONDS = 60.0
PERIODS = (5.0, 30.0)


def held_for_a_minute(version: str, kind: str) -> Iterator[Figure]:
    """One lease of each period, each with a manager of its own."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="etcd-")))
        here = ends.enter_context(realm(version, folder, signed(folder) if kind == "signed" else BRIEF))
        managers = [ends.enter_context(here.connect()) for _ in PERIODS]
        pairs = zip(managers, PERIODS, strict=True)
        kept = [Held(manager, f"period-{period:g}", period) for manager, period in pairs]
        before = Counters(here.cluster.endpoints[0]).calls()["Authenticate"]
        began = time.monotonic()
        while time.monotonic() - began < SECONDS and all(held.lease.held for held in kept):
            time.sleep(0.2)
        lasted = time.monotonic() - began
        tokens = Counters(here.cluster.endpoints[0]).calls()["Authenticate"] - before
        good = lasted >= SECONDS and all(held.told.empty() for held in kept)
    name = f"etcd {version}, {kind} auth tokens of {TOKENS} s: leases of periods 5 and 30 s held"
    yield Figure(name, f"{SECONDS:g} s", f"{lasted:.1f} s", good)
    enough = round(SECONDS / PERIODS[1])
    name = f"etcd {version}, {kind} auth tokens: fetched meanwhile, so that this shows something"
    yield Figure(name, f">= {enough}", f"{tokens}", tokens >= enough)


def figures() -> Iterator[Figure]:
    """All at the same time."""
    cases = [(version, kind) for version in VERSIONS for kind in ("simple", "signed")]
    with ThreadPoolExecutor(len(cases)) as pool:
        for found in pool.map(lambda case: list(held_for_a_minute(*case)), cases):
            yield from found
