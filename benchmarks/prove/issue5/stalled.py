"""An upgrade while the old leader is stopped: it cannot acknowledge, so its period is waited out."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack

from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue4.servers import Server
from benchmarks.prove.issue5.candidates import candidate
from benchmarks.prove.issue5.resource import ACTED, Entry, Resource
from benchmarks.prove.issue5.talk import Child, child, waited

TTL = 10.0
AFTER_PERIOD = 3.0
"""Seconds that the newcomer may take beyond it."""

PATIENCE = 60.0


def stalled(server: Server) -> list[Figure]:
    """The old one is stopped (SIGSTOP) before the new one comes, and goes on after that one has acted."""
    name = "stalled"
    with Resource() as resource, ExitStack() as ends:

        def start(machine: str, version: int) -> Child:
            arguments = (resource.address, name, machine, str(version), str(TTL))
            return ends.enter_context(child(candidate, server.url, *arguments))

        def acts_of(machine: str) -> list[Entry]:
            return [it for it in resource.of(name, ACTED) if it.machine == machine]

        def say_who() -> str:
            return f"{server.name}: waits for the period of one that is stopped"

        old = start("old", 1)
        old.told(PATIENCE)
        waited(lambda: len(acts_of("old")) > 10, PATIENCE, say_who)
        os.kill(old.pid, signal.SIGSTOP)
        try:
            began = time.time()
            start("new", 2).told(PATIENCE)
            waited(lambda: bool(acts_of("new")), PATIENCE, say_who)
        finally:
            os.kill(old.pid, signal.SIGCONT)
        time.sleep(2.0)
        first, late = acts_of("new")[0].at, [it for it in acts_of("old") if it.at > began]
    took = first - began
    what = f"{server.name}, ttl {TTL:g} s: old version stopped (SIGSTOP)"
    target = f"{TTL:g} to {TTL + AFTER_PERIOD:g} s"
    good = TTL <= took <= TTL + AFTER_PERIOD
    accepted = sum(it.accepted for it in late)
    return [
        Figure(f"{what}: new one acts after its whole period", target, f"{took:.2f} s", good),
        none_of(f"{what}: its acts after it goes on", "accepted", accepted, f"{len(late)} tried"),
    ]
