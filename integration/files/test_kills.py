"""kill -9 at every step of every change: the next one works at once, and nothing is left behind.

Each scenario is repeated with the kill one step later until the child gets through.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coordination import Manager, connect
from coordination.testing import FakeClock
from integration.files.killing import killed_at
from tests.files.foreign import fields, write

PERIOD = 10.0
SOON = 20.0
"""Seconds for what waits for nobody: a disk with other things to do may take one for each fsync."""
LEAST = {
    "acquire": 15,
    "take over": 18,
    "renew": 20,
    "renew longer": 30,
    "release": 12,
    "steal": 15,
    "commit": 8,
    "look at a stranger": 8,
    "reclaim": 17,
}

Prepare = Callable[["World"], None]


class World:
    """One folder, one clock for all processes, and what the child is to do."""

    def __init__(self, folder: Path, durable: bool) -> None:
        self.folder = folder
        self.url = f"{folder.as_uri()}?durable={durable}"
        self.clock = FakeClock(wall=time.time())
        self.record = folder / "x.json"
        self.token = 0

    def manager(self) -> Manager:
        """A process's own."""
        return connect(self.url, clock=self.clock, timeout=2)

    def held(self) -> str:
        """Somebody holds it; the secret."""
        lease = self.manager().acquire_lease("x", period=PERIOD)
        assert lease is not None
        assert lease.secret is not None
        self.token = lease.token
        return lease.secret

    def prepared(self, scenario: str) -> Callable[[], object]:
        """Get ready for a scenario, and answer what the child does."""
        if scenario == "acquire":
            return lambda: self.manager().acquire_lease("x", period=PERIOD)
        if scenario == "reclaim":
            self.folder.mkdir(mode=0o700, exist_ok=True)
            os.mkdir(self.folder / "x.json.acquire.lock", 0o1700)
            return lambda: self.manager().acquire_lease("x", period=PERIOD)
        if scenario == "look at a stranger":
            self.folder.mkdir(mode=0o700, exist_ok=True)
            write(self.record, fields(ttl=int(PERIOD * 1e9)))
            return lambda: self.manager().get_lease("x")
        secret = self.held()
        if scenario == "take over":
            self.clock.advance(PERIOD + 0.1)
            return lambda: self.manager().acquire_lease("x", period=PERIOD)
        return {
            "renew": lambda: self.manager().resume("x", secret).renew(),
            "renew longer": lambda: self.manager().resume("x", secret).renew(PERIOD * 1.5),
            "release": lambda: self.manager().resume("x", secret).release(),
            "steal": self.steal,
            "commit": lambda: self.manager().resume("x", secret).commit({"a": b"new", "b": b"new"}),
        }[scenario]

    def steal(self) -> None:
        """By a thief who looked first."""
        manager = self.manager()
        seen = manager.get_lease("x")
        assert seen is not None
        assert manager.steal_lease("x", "thief", 1, PERIOD, seen.index) is not None

    def leftovers(self) -> set[str]:
        """Whatever is neither a sidecar, nor the counter, nor the data."""
        found = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}
        lasting = {".coordination", ".coordination/@sessions", ".coordination/data.sqlite3"}
        lasting |= {".coordination/x.lock", ".coordination/x.counter"}
        lasting |= {f".coordination/@sessions/{digit}.lock" for digit in "0123456789abcdef"}
        return found - lasting


@pytest.mark.untraced
@pytest.mark.timeout(600)  # Some dozens of steps, each a few processes and fsyncs on a disk that others use.
@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("scenario", LEAST)
def test_killed_at_every_step(tmp_path: Path, scenario: str, durable: bool) -> None:
    """The record is whole, the next holder gets in without waiting, its token is higher, the folder clean."""
    step = 0
    while True:
        world = World(tmp_path / f"leases-{step}", durable)
        action = world.prepared(scenario)
        before = world.record.read_bytes() if world.record.exists() else None
        if not killed_at(step, world.folder, action):
            break
        _whole(world, before)
        _both_or_neither(world)
        _next_works_at_once(world)
        step += 1
    assert step >= LEAST[scenario]


def _whole(world: World, before: bytes | None) -> None:
    """Old, new or none; never half."""
    content = world.record.read_bytes() if world.record.exists() else None
    if content is not None and content != before:
        record = json.loads(content)
        assert list(record) == ["instance_id", "pid", "host", "acquired_at", "renewed_at", "ttl", "meta"]
        assert record["meta"]["coordination.digest"]


def _both_or_neither(world: World) -> None:
    manager = world.manager()
    assert (manager.read("a"), manager.read("b")) in {(None, None), (b"new", b"new")}


def _next_works_at_once(world: World) -> None:
    manager = world.manager()
    started, real = world.clock.now(), time.monotonic()
    seen = manager.get_lease("x")
    lease = manager.acquire_lease("x", period=PERIOD)
    if lease is None:
        world.clock.advance(2 * PERIOD)
        started += 2 * PERIOD
        lease = manager.acquire_lease("x", period=PERIOD)
    assert world.clock.now() == started, "it waited"
    assert time.monotonic() - real < SOON
    assert lease is not None
    assert lease.token > max(world.token, 0 if seen is None else seen.token)
    lease.renew()
    lease.release()
    world.clock.advance(3 * 3600)
    world.manager().health()
    assert world.leftovers() <= {".coordination/x.stale"}
