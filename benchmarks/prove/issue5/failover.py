"""A leader is killed, or resigns: how soon another one leads, on etcd, with two others that wait."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.prove.figure import Figure, at_most
from benchmarks.prove.issue2.servers import cluster
from benchmarks.prove.issue5.candidates import standing
from benchmarks.prove.issue5.talk import Child, child, progress, waited
from coordination import value
from coordination.recipes.leading.candidate import LEADERS
from coordination.record import key_of
from coordination.store import Store
from coordination.stores.etcd.opening import open_store

TTL = 5.0
KILLS, AT_ONCE = 12, 3
RESIGNATIONS = 40
MACHINES = "abc"

AFTER_RENEWAL, AFTER_RESIGNING = 6.0, 0.1
"""Seconds."""

SETTLING = 0.3
PATIENCE = 30.0


def figures() -> Iterator[Figure]:
    """Kills, several names at a time; then resignations, one after the other, of one name."""
    with cluster() as node:
        store = open_store(node.url)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            took = sorted(pool.map(lambda number: killed(node.url, store, f"killed-{number}"), range(KILLS)))
        store.close()
        every = " ".join(f"{seconds:.2f}" for seconds in took)
        name = (
            f"etcd, ttl {TTL:g} s: kill -9 of a leader, {KILLS} times: next one after its last renewal, worst"
        )
        yield at_most(name, AFTER_RENEWAL, took[-1], "s", all=every)
        yield resigned(node.url)


class Machines:
    """Candidates of one name, in a process each; the first of them leads."""

    def __init__(self, url: str, name: str, ends: ExitStack) -> None:
        self._name = name
        self._all: dict[str, Child] = {}
        for machine in MACHINES:
            self._all[machine] = ends.enter_context(child(standing, url, name, machine, str(TTL)))
            self._all[machine].told(PATIENCE)
            if not self.leader:
                self.await_leader()
        time.sleep(SETTLING)

    leader = ""
    """The machine that said last that it leads."""
    token = 0

    def await_leader(self) -> float:
        """The wall clock's time at which the next one had its term."""
        found: list[float] = []

        def leads() -> bool:
            for machine, each in self._all.items():
                said = each.heard()
                if said is not None and "leads" in said:
                    assert said["token"] > self.token
                    self.leader, self.token = machine, said["token"]
                    found.append(said["leads"])
                    return True
            return False

        if waited(leads, PATIENCE, lambda: f"{self._name}: nobody leads") is None:
            raise RuntimeError(f"nobody leads {self._name}")
        return found[0]

    def kill(self) -> None:
        """The leader, with SIGKILL."""
        self._all.pop(self.leader).kill()

    def resign(self) -> float:
        """The leader; the wall clock's time at which it was told to."""
        leader = self._all[self.leader]
        leader.go()
        return float(leader.told(PATIENCE)["resigned"])


def killed(url: str, store: Store, name: str) -> float:
    """Seconds from the last renewal of one that is killed, as its record says, to the next one's term."""
    with ExitStack() as ends:
        machines = Machines(url, name, ends)
        time.sleep(random.uniform(0.3, 1.5) * TTL)
        machines.kill()
        record = store.read(key_of("", LEADERS, name), timeout=5.0)
        assert record is not None
        left_behind = value.decode(record.value)
        assert left_behind.token == machines.token
        led = machines.await_leader()
    progress(f"{name}: {led - left_behind.renewed_at:.2f} s")
    return led - left_behind.renewed_at


def resigned(url: str) -> Figure:
    """One after the other resigns, while the others wait."""
    with ExitStack() as ends:
        machines, took = Machines(url, "resigned", ends), []
        for _ in range(RESIGNATIONS):
            asked = machines.resign()
            took.append((machines.await_leader() - asked) * 1000)
            time.sleep(2 * SETTLING)
    took.sort()
    parts = {"median, ms": round(took[len(took) // 2], 1), "slowest, ms": [round(ms, 1) for ms in took[-5:]]}
    name = f"etcd: clean resign, {RESIGNATIONS} times: next one leads after the call, worst"
    return at_most(name, AFTER_RESIGNING * 1000, took[-1], "ms", **parts)
