"""A rolling upgrade with real processes: three machines of version 1 become version 2, one after the other.

The leader goes first, so that a newcomer takes over from an older version while both live. In the
end, the new version changes its leader once more, or twice. Whoever leads keeps acting at a fenced
resource.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from typing import NamedTuple

from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue4.servers import Server, each
from benchmarks.prove.issue5.candidates import LEAVE, STAY, candidate
from benchmarks.prove.issue5.resource import STOPPED, Entry, Resource
from benchmarks.prove.issue5.stalled import stalled
from benchmarks.prove.issue5.talk import Child, child, progress, waited

TTL = 15.0
"""Seconds, as a program has it that says nothing."""

UPGRADES = 4
"""At the same time, of a name each."""

SOON = TTL / 10
PATIENCE = 60.0


class Change(NamedTuple):
    """One leader after another. `stopped`: the end of the work of the one before, if it told of it."""

    before: Entry
    stopped: Entry | None
    after: Entry

    @property
    def upgrade(self) -> bool:
        """Whether it was taken over from an older version."""
        return self.after.version > self.before.version

    @property
    def gap(self) -> float:
        """Seconds from the end of the old one's work to the new one's first act."""
        return self.after.at - (self.stopped or self.before).at


def figures() -> Iterator[Figure]:
    """On both servers, several names at once; then, beside each other, with an old one that cannot answer."""
    with each() as servers:
        for server in servers:
            yield from upgraded(server)
        with ThreadPoolExecutor(len(servers)) as pool:
            for found in pool.map(stalled, servers):
                yield from found


def upgraded(server: Server) -> Iterator[Figure]:
    """What the resource saw of all of them."""
    with Resource() as resource, ThreadPoolExecutor(UPGRADES) as pool:
        list(pool.map(lambda number: Upgrade(server, resource, number).run(), range(UPGRADES)))
        names = [name_of(number) for number in range(UPGRADES)]
        progress(f"{server.name}: {UPGRADES} upgrades are done")
        changes = [change for name in names for change in changes_of(resource, name)]
        acts = [act for name in names for act in resource.of(name)]
        wrong = [fault for name in names for fault in faults_of(resource, name)]
    what = f"{server.name}, ttl {TTL:g} s: {UPGRADES} rolling upgrades"
    yield none_of(f"{what}: two leaders at a time", "acts", len(wrong), f"{len(acts)}", **_first(wrong))
    yield from gaps(f"{what}: old one acknowledges", [it for it in changes if it.upgrade], UPGRADES)
    yield from gaps(f"{what}: old one resigns", [it for it in changes if not it.upgrade], 2 * UPGRADES)


def _first(wrong: list[str]) -> dict[str, list[str]]:
    return {"first of them": wrong[:3]} if wrong else {}


def gaps(what: str, changes: list[Change], least: int) -> Iterator[Figure]:
    """From the end of the work of the one to the first act of the other, the longest."""
    good = len(changes) >= least and all(it.stopped is not None for it in changes)
    yield Figure(f"{what}: changes of leaders", f">= {least}", f"{len(changes)}", good)
    worst = max((it.gap for it in changes), default=float("inf"))
    every = " ".join(f"{it.gap:.3f}" for it in changes)
    yield at_most(f"{what}: next one acts after, worst", SOON, worst, "s", all=every)


def name_of(number: int) -> str:
    """What is led."""
    return f"upgrade-{number}"


class Upgrade:
    """Three machines of one name; of every other name, they leave once they have lost their term."""

    def __init__(self, server: Server, resource: Resource, number: int) -> None:
        self._server = server
        self._resource = resource
        self._name = name_of(number)
        self._after_loss = LEAVE if number % 2 else STAY
        self._ends = ExitStack()
        self._machines: dict[str, Child] = {}

    def run(self) -> None:
        """From version 1 to version 2, and once more among those of version 2."""
        with self._ends:
            for machine in "abc":
                self._start(machine, 1)
                self._await_leader(1)
            for machine in "abc":
                self._stop(machine)
                if machine == "a":
                    self._await_leader(1)
                self._start(machine, 2)
                self._await_leader(2)
            self._stop("a")
            self._await_leader(2)
            for machine in "bc":
                self._stop(machine)

    def _start(self, machine: str, version: int) -> None:
        arguments = (self._resource.address, self._name, machine, str(version), str(TTL), self._after_loss)
        started = self._ends.enter_context(child(candidate, self._server.url, *arguments))
        started.told(PATIENCE)
        self._machines[machine] = started

    def _stop(self, machine: str) -> None:
        self._machines[machine].go()
        self._machines[machine].told(PATIENCE)

    def _await_leader(self, version: int) -> None:
        """Somebody of this version acts from now on."""
        now = time.time()

        def acts() -> bool:
            return any(it.at > now and it.version == version for it in self._resource.of(self._name))

        state = f"{self._server.name}: {self._name} waits for a leader of version {version}"
        if waited(acts, PATIENCE, lambda: state) is None:
            raise RuntimeError(f"{state} in vain")


def changes_of(resource: Resource, name: str) -> list[Change]:
    """The changes of leaders that the resource saw."""
    acts = [it for it in resource.of(name) if it.accepted]
    ends = {it.token: it for it in resource.of(name, STOPPED)}
    return [
        Change(before, ends.get(before.token), after)
        for before, after in pairwise(acts)
        if before.token != after.token
    ]


def faults_of(resource: Resource, name: str) -> list[str]:
    """Acts that were refused, of an older version after a newer one, or before the one before had stopped."""
    acts = resource.of(name)
    faults = [f"refused: {it}" for it in acts if not it.accepted]
    accepted = [it for it in acts if it.accepted]
    faults += [f"older: {after}" for before, after in pairwise(accepted) if after.version < before.version]
    owner: dict[int, str] = {}
    faults += [f"shared: {it}" for it in accepted if owner.setdefault(it.token, it.machine) != it.machine]
    return faults + [
        f"early: {it.after}"
        for it in changes_of(resource, name)
        if it.stopped is None or it.after.at < it.stopped.at
    ]
